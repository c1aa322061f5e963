import type { Actor } from '../../identity/actor.ts'
import { formatInstant } from '../../time/iso.ts'
import type { LocalTime } from '../../time/local-time.ts'
import type { ScopeInput } from './edit-scope.ts'
import { type ChangedProperty, type Changes, type KeptChange, type Sight, PROPERTIES } from './kept-change.ts'
import type { Occurrence, OccurrenceStatus, Participant } from '../meeting.ts'
import { lookOf } from '../occurrence-look.ts'
import { occurrenceResource } from '../open-meeting.ts'
import type { MeetingAggregate } from '../ports.ts'

interface Change {
  before: MeetingAggregate
  after: MeetingAggregate
  /** Occurrences that `onConflict: "skip"` has cancelled. */
  leftOut?: readonly LocalTime[]
}

/** What a command did to one meeting: to one occurrence of it (`this`), or to it as a whole. Pure. */
export function keptChange(
  actor: Actor,
  action: string,
  { before, after, scope = 'all', recurrenceId, leftOut = [] }: Change & ScopeInput,
): KeptChange {
  const id = (recurrenceId as LocalTime | undefined) ?? null
  const one = scope === 'this' && id !== null ? id : undefined
  return {
    meetingId: after.meeting.id,
    actorId: actor.delegateId ?? actor.userId,
    onBehalfOf: actor.delegateId === undefined ? null : actor.userId,
    action,
    scope,
    recurrenceId: id,
    version: after.meeting.version,
    changes: { ...changesBetween(before, after, one), ...(leftOut.length > 0 && { leftOut: { after: leftOut } }) },
    sight: one === undefined ? null : sightOf(before, after, one),
  }
}

/** Who could read the occurrence before and can after it: an entry holds both. */
function sightOf(before: MeetingAggregate, after: MeetingAggregate, recurrenceId: LocalTime): Sight {
  const states = [before, after].map((aggregate) => {
    const one = rowOf(aggregate, recurrenceId) ?? { override: null }
    return { ...occurrenceResource(aggregate, one), hasOwnPeople: one.override?.participants !== undefined }
  })
  const closed = states.filter(({ visibility }) => visibility !== 'organization')
  const decisive = closed.length === 0 ? states.slice(1) : closed
  const [first = [], ...others] = decisive.map(({ participantIds }) => participantIds)
  return {
    visibility: closed[0]?.visibility ?? 'organization',
    userIds: decisive.some(({ hasOwnPeople }) => hasOwnPeople)
      ? first.filter((id) => others.every((list) => list.includes(id)))
      : null,
  }
}

/** Of one occurrence when one is named, else of the series as such: what single occurrences have of their own is theirs. */
export function changesBetween(before: MeetingAggregate, after: MeetingAggregate, recurrenceId?: LocalTime): Changes {
  const [old, fresh] = [before, after].map((aggregate) => snapshotOf(aggregate, recurrenceId))
  const changes: Changes = {}
  for (const property of PROPERTIES) {
    if (isOfPeople(property)) continue
    const [was, is] = [old?.[property], fresh?.[property]]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    const isUntold = property === 'description' || property === 'metadata'
    changes[property] = isUntold ? {} : { before: was ?? null, after: is ?? null }
  }
  return { ...changes, ...peopleBetween(old?.people ?? [], fresh?.people ?? []) }
}

type OfPeople = Extract<ChangedProperty, 'participants' | 'response' | 'comment'>

function isOfPeople(property: ChangedProperty): property is OfPeople {
  return property === 'participants' || property === 'response' || property === 'comment'
}

interface Snapshot extends Record<Exclude<ChangedProperty, OfPeople>, unknown> {
  people: readonly Participant[]
}

function rowOf({ occurrences }: MeetingAggregate, recurrenceId: LocalTime | undefined): Occurrence | undefined {
  return recurrenceId && occurrences.find((one) => one.recurrenceId === recurrenceId)
}

/** An occurrence that had no row yet was as its series has it, but for its times. */
function snapshotOf(aggregate: MeetingAggregate, recurrenceId: LocalTime | undefined): Snapshot {
  const { meeting, participants } = aggregate
  const occurrence = rowOf(aggregate, recurrenceId)
  const { title, description, visibility, roomIds, metadata, ...look } = lookOf(
    aggregate,
    occurrence ?? { override: null },
  )
  const people = recurrenceId === undefined ? participants.filter((p) => p.inSeries) : look.participants
  const { rrule, exdates, rdates, timezone } = meeting
  const { start, end, status }: TimeAndStatus = recurrenceId === undefined ? meeting : (occurrence ?? UNKNOWN)
  return {
    startTime: start && formatInstant(start),
    endTime: end && formatInstant(end),
    timezone,
    recurrencePattern: rrule && { rrule, exdates, rdates },
    title,
    description,
    status: status ?? meeting.status,
    visibility,
    roomIds,
    metadata,
    people,
  }
}

type TimeAndStatus = Partial<Pick<Occurrence, 'start' | 'end'>> & { status?: OccurrenceStatus }
const UNKNOWN: TimeAndStatus = {}

function peopleBetween(before: readonly Participant[], after: readonly Participant[]): Changes {
  const old = new Map(before.map((p) => [p.id, p]))
  const fresh = new Map(after.map((p) => [p.id, p]))
  const gone = before.filter((p) => fresh.get(p.id)?.role !== p.role)
  const come = after.filter((p) => old.get(p.id)?.role !== p.role)
  const answered = after.find((p) => old.has(p.id) && old.get(p.id)?.response !== p.response)
  const hasSaid = after.some((p) => old.has(p.id) && old.get(p.id)?.comment !== p.comment)
  return {
    ...(gone.length + come.length > 0 && { participants: { before: gone.map(named), after: come.map(named) } }),
    ...(answered && { response: { before: old.get(answered.id)?.response, after: answered.response } }),
    ...(hasSaid && { comment: {} }),
  }
}

function named({ userId, email, role }: Participant): object {
  return userId === null ? { email, role } : { userId, role }
}
