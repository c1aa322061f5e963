import { type Occurrence, isLive } from '../meetings/meeting.ts'
import { hasOwnSeating, lookOf } from '../meetings/occurrence-look.ts'
import type { MeetingAggregate } from '../meetings/ports.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type Message, type MessageKind, type TellOccurrence, contentOf, recipientsOf } from './message.ts'

/** What the people of a meeting were last told of it. */
export interface Told {
  /** Absent in what was kept before it was. */
  title?: string
  roomIds: string[]
  recipients: string[]
  /** Occurrences with people or rooms of their own: who is expected there, and where if not where the series is. Absent: none. */
  own?: Record<LocalTime, { recipients: string[]; roomIds?: string[] }>
  /** Of occurrences that have one of their own. Absent: none. */
  titles?: Record<LocalTime, string>
  /** Of these, who had declined: they hear nothing more, and accepting again is no new invitation. */
  declined: string[]
  /** The live occurrences that were still to come. */
  occurrences: [recurrenceId: LocalTime, start: Instant, end: Instant][]
  /** The end of what was materialised, exclusive; null: there is no more. Beyond it nobody was told anything. */
  until: Instant | null
}

/** Of a meeting nobody has heard of. */
export const NOTHING_TOLD: Told = { roomIds: [], recipients: [], declined: [], occurrences: [], until: null }

export interface Announcement {
  told: Told
  /** To be sent, by channel `email`. */
  messages: Message[]
}

/**
 * What is to be told of a meeting as it is, to whom heard of it as `before`: the difference only, however many commands made it,
 * and only of what is still to come: times, rooms and who is asked; texts are edited all day. Pure. Who did all of it (`doneBy`) knows.
 */
export function announce(
  before: Told,
  aggregate: MeetingAggregate,
  { now, doneBy }: { now: Instant; doneBy: string | undefined },
): Announcement {
  const { meeting } = aggregate
  const participants = aggregate.participants.filter((participant) => participant.inSeries)
  const told = toldOf(aggregate, now)
  const isElsewhere = before.roomIds.join() !== told.roomIds.join()
  const eventKey = `meeting.${meeting.id}.${meeting.version}`
  const message = (kind: MessageKind, recipient: string, occurrences: readonly TellOccurrence[]): Message => {
    return { eventKey, recipient, channel: 'email', kind, meetingId: meeting.id, content: contentOf(occurrences) }
  }
  const attending = new Set(meeting.status === 'cancelled' ? [] : recipientsOf(meeting, participants))
  const declined = new Set(declinedOf(meeting.organizerId, participants))
  for (const recipient of before.declined) if (!attending.has(recipient)) declined.add(recipient)
  for (const recipient of ofOwn(told)) declined.delete(recipient)
  const heard = new Set([...before.recipients, ...ofOwn(before)])
  const wasExpected = agendas(before, new Set(before.recipients), now)
  const isExpected = agendas(told, attending, now)

  const messages = [...new Set([...heard, ...told.recipients, ...ofOwn(told)])].flatMap((recipient): Message[] => {
    if (recipient === doneBy || declined.has(recipient)) return []
    const [gone, coming] = [wasExpected(recipient), isExpected(recipient)]
    if (coming.length === 0) {
      if (!heard.has(recipient) || gone.length === 0) return []
      const left = message('cancellation', recipient, gone.map(asTold(before)))
      return [{ ...left, content: { ...left.content, ...(before.title !== undefined && { title: before.title }) } }]
    }
    if (!heard.has(recipient)) return [message('invitation', recipient, coming.map(asTold(told)))]
    const changes = changedOccurrences({ ...before, occurrences: gone }, { ...told, occurrences: coming }, now)
    if (changes.length > 0) return [message('change', recipient, changes)]
    return isElsewhere ? [message('change', recipient, coming.map(asTold(told)))] : []
  })
  return { told, messages }
}

export function toldOf(aggregate: MeetingAggregate, now: Instant): Told {
  const { meeting, occurrences } = aggregate
  const participants = aggregate.participants.filter((participant) => participant.inSeries)
  const coming = occurrences.filter((occurrence) => isLive(occurrence) && occurrence.end > now)
  const own = coming.filter(hasOwnSeating).map((occurrence) => {
    const look = lookOf(aggregate, occurrence)
    const roomIds = occurrence.override?.roomIds
    return [
      occurrence.recurrenceId,
      { recipients: recipientsOf(meeting, look.participants), ...(roomIds && { roomIds }) },
    ]
  })
  const titled = coming.flatMap(({ recurrenceId, override }): [LocalTime, string][] =>
    override?.title === undefined ? [] : [[recurrenceId, override.title]],
  )
  return {
    title: meeting.title,
    ...(titled.length > 0 && { titles: Object.fromEntries(titled) as NonNullable<Told['titles']> }),
    roomIds: meeting.roomIds,
    recipients: meeting.status === 'cancelled' ? [] : everybody(meeting.organizerId, participants),
    declined: declinedOf(meeting.organizerId, participants),
    ...(own.length > 0 && { own: Object.fromEntries(own) as NonNullable<Told['own']> }),
    occurrences: coming.map(({ recurrenceId, start, end }: Occurrence) => [recurrenceId, start, end]),
    until: Number.isFinite(meeting.materialisedUntil) ? meeting.materialisedUntil : null,
  }
}

/** What was told of the occurrences before that one, and from there on: of a series and of what was made of its rest. */
export function splitTold(told: Told, recurrenceId: LocalTime): { head: Told; rest: Told } {
  const part = (isIn: (id: LocalTime) => boolean): Told => {
    const of = <T>(all: Record<LocalTime, T>) => {
      return Object.fromEntries(Object.entries(all).filter(([id]) => isIn(id as LocalTime))) as Record<LocalTime, T>
    }
    return {
      ...told,
      ...(told.own && { own: of(told.own) }),
      ...(told.titles && { titles: of(told.titles) }),
      occurrences: told.occurrences.filter(([id]) => isIn(id)),
    }
  }
  return { head: part((id) => id < recurrenceId), rest: part((id) => id >= recurrenceId) }
}

/** The same, with these rooms for that occurrence. */
export function withRooms(told: Told, recurrenceId: LocalTime, roomIds: readonly string[]): Told {
  const { recipients } = told.own?.[recurrenceId] ?? told
  return { ...told, own: { ...told.own, [recurrenceId]: { recipients, roomIds: [...roomIds] } } }
}

/** What each is expected at that is still to come: all that the series' people are, or what its own list says. */
function agendas(
  { occurrences, own }: Told,
  inSeries: ReadonlySet<string>,
  now: Instant,
): (recipient: string) => Told['occurrences'] {
  const coming = occurrences.filter(([, , end]) => end > now)
  if (own === undefined) return (recipient) => (inSeries.has(recipient) ? coming : [])
  return (recipient) => coming.filter(([id]) => own[id]?.recipients.includes(recipient) ?? inSeries.has(recipient))
}

function ofOwn({ own = {} }: Told): string[] {
  return Object.values(own).flatMap(({ recipients }) => recipients)
}

function everybody(organizerId: string, participants: MeetingAggregate['participants']): string[] {
  return [...new Set([organizerId, ...participants.map((p) => p.userId ?? (p.email as string))])]
}

function declinedOf(organizerId: string, participants: MeetingAggregate['participants']): string[] {
  const attending = new Set(recipientsOf({ organizerId }, participants))
  return everybody(organizerId, participants).filter((who) => !attending.has(who))
}

/** By identity first; what lost its identity (the series moved) is paired with what is new, in order of time. */
function changedOccurrences(before: Told, after: Told, now: Instant): TellOccurrence[] {
  // What a longer horizon brought, or a shorter one has not brought yet, did not change.
  const until = Math.min(before.until ?? Infinity, after.until ?? Infinity)
  const isTold = ([, start, end]: Told['occurrences'][number]) => end > now && start < until
  const old = new Map(before.occurrences.filter(isTold).map((entry) => [entry[0], entry]))
  const changes: TellOccurrence[] = []
  const fresh: TellOccurrence[] = []
  for (const entry of after.occurrences.filter(isTold)) {
    const same = old.get(entry[0])
    old.delete(entry[0])
    if (same === undefined) fresh.push(asTold(after)(entry))
    else if (same[1] !== entry[1] || same[2] !== entry[2]) changes.push({ ...asTold(after)(entry), was: spanOf(same) })
    else if (ownRooms(before, entry[0]) !== ownRooms(after, entry[0])) changes.push(asTold(after)(entry))
  }
  const lost = [...old.values()].toSorted((a, b) => a[1] - b[1])
  fresh.sort((a, b) => a.start - b.start)
  const paired = Math.min(lost.length, fresh.length)
  for (const [i, occurrence] of fresh.entries()) {
    const was = lost[i]
    changes.push(was === undefined ? occurrence : { ...occurrence, was: spanOf(was) })
  }
  return [...changes, ...lost.slice(paired).map((entry) => ({ ...asTold(before)(entry), isGone: true as const }))]
}

function ownRooms({ own }: Told, recurrenceId: LocalTime): string | undefined {
  return own?.[recurrenceId]?.roomIds?.join()
}

/** As who is told knows it, or is to know it. */
function asTold({ titles }: Told): (entry: Told['occurrences'][number]) => TellOccurrence {
  return ([recurrenceId, start, end]) => {
    const title = titles?.[recurrenceId]
    return { recurrenceId, start, end, ...(title !== undefined && { title }) }
  }
}

function spanOf([, start, end]: Told['occurrences'][number]): Interval {
  return { start, end }
}
