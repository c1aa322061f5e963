import type { EventType, NewsEvent } from '../news.ts'
import { formatInstant } from '../time/iso.ts'
import { busyPeople } from './claims.ts'
import type { Claim, Meeting, Occurrence, OccurrenceStatus } from './meeting.ts'
import { isLive } from './meeting.ts'
import type { MeetingView } from './meeting-view.ts'
import { hasOwnSeating, lookOf, peopleOf, roomIdsOf } from './occurrence-look.ts'
import { preferencesOf } from '../notifications/preferences.ts'
import type { BookingFacts, MeetingAggregate } from './ports.ts'

/** A span of a room as its topic carries it: no title, no person. Unlisted claims of a released list are gone. */
export interface RoomSpan {
  allocationId: string
  meetingId: string
  recurrenceId: string
  start: string
  end: string
  kind: 'booking'
  status: OccurrenceStatus
}

/** An entry of a person's agenda. A later event of the same meeting replaces all its entries. */
export interface AgendaEntry {
  meetingId: string
  recurrenceId: string
  title: string
  start: string
  end: string
  status: OccurrenceStatus
}

interface Change {
  type: Extract<EventType, `meeting.${string}`>
  view: MeetingView
  aggregate: MeetingAggregate
  facts: Pick<BookingFacts, 'people'>
  /** Room claims before and after. */
  released: readonly Claim[]
  booked: readonly Claim[]
  /** Users who had it in their agenda before. */
  before?: readonly string[]
  /** Its title, or who may read it, is another: screens beside its rooms have to look again. */
  isRetold?: boolean
}

/** One event for the meeting, one for each person concerned, one for each room that changed. */
export function meetingNews(change: Change): NewsEvent[] {
  const { type, view, aggregate } = change
  return [
    { topic: `meeting:${view.id}`, type, data: view },
    ...personNews(change, aggregate),
    ...roomNews(aggregate, change),
  ]
}

function personNews({ type, facts, before = [] }: Change, aggregate: MeetingAggregate): NewsEvent[] {
  const { meeting, participants } = aggregate
  const inSeries = new Set([meeting.organizerId, ...participants.flatMap((p) => (p.inSeries ? (p.userId ?? []) : []))])
  const attending = new Set(type === 'meeting.cancelled' ? [] : peopleOf(aggregate))
  const entriesOf = agendas(aggregate)
  const common = { meetingId: meeting.id, organizerId: meeting.organizerId }
  return [...new Set([...attending, ...before])].map((userId) => {
    const stays = attending.has(userId)
    const isNew = !before.includes(userId) && userId !== meeting.organizerId
    const personType = !stays ? 'meeting.cancelled' : isNew ? 'participant.invited' : type
    // Who was taken off it knows it by its id: the command that did so may have given it another title. Who is invited to single
    // occurrences knows theirs.
    const isTold = (stays || type === 'meeting.cancelled') && inSeries.has(userId)
    const title = isTold ? { title: meeting.title } : {}
    const { reminderMinutes } = preferencesOf(facts.people.get(userId) ?? {})
    return {
      topic: `person:${userId}`,
      type: personType,
      data: { ...common, ...title, ...(stays ? { reminderMinutes, entries: entriesOf(userId) } : { entries: [] }) },
    }
  })
}

/** The entries of each person. Whose every occurrence is as the series has it share one list: there may be hundreds of them. */
function agendas(aggregate: MeetingAggregate): (userId: string) => AgendaEntry[] {
  const { meeting, participants } = aggregate
  const { organizerId } = meeting
  const live = aggregate.occurrences.filter(isLive).map((occurrence) => ({
    entry: agendaEntry(meeting, occurrence),
    own: hasOwnSeating(occurrence)
      ? new Set(busyPeople({ organizerId, participants: lookOf(aggregate, occurrence).participants }))
      : undefined,
  }))
  const all = live.map(({ entry }) => entry)
  const inSeries = new Set(busyPeople({ organizerId, participants }))
  const special = live.filter(({ own }) => own !== undefined)
  return (userId) => {
    const isPlain = inSeries.has(userId) && special.every(({ own }) => own?.has(userId) === true)
    if (isPlain) return all
    return live.filter(({ own }) => (own ?? inSeries).has(userId)).map(({ entry }) => entry)
  }
}

function roomNews(
  { meeting, occurrences }: MeetingAggregate,
  { released, booked, isRetold = false }: Change,
): NewsEvent[] {
  const statuses = new Map(occurrences.map(({ recurrenceId, status }) => [recurrenceId, status]))
  const spanOf = (claim: Claim) => roomSpan(meeting.id, claim, statuses.get(claim.recurrenceId) ?? meeting.status)
  const changed = [...released, ...booked].filter((claim) => claim.resourceKind === 'room')
  const rooms = new Set([
    ...changed.map((claim) => claim.resourceId),
    ...(isRetold ? roomIdsOf({ meeting, occurrences }) : []),
  ])
  return [...rooms].map((roomId) => {
    const gained = booked.filter((claim) => claim.resourceId === roomId).map(spanOf)
    const given = released.filter((claim) => claim.resourceId === roomId).map((claim) => claim.id)
    const type = gained.length > 0 ? 'room.booked' : given.length > 0 ? 'room.released' : 'room.meeting_updated'
    return { topic: `room:${roomId}`, type, data: { meetingId: meeting.id, booked: gained, released: given } }
  })
}

export function agendaEntry(meeting: Pick<Meeting, 'id' | 'title'>, occurrence: Occurrence): AgendaEntry {
  return {
    meetingId: meeting.id,
    recurrenceId: occurrence.recurrenceId,
    title: occurrence.override?.title ?? meeting.title,
    start: formatInstant(occurrence.start),
    end: formatInstant(occurrence.end),
    status: occurrence.status,
  }
}

function roomSpan(meetingId: string, claim: Claim, status: OccurrenceStatus): RoomSpan {
  return {
    allocationId: claim.id,
    meetingId,
    recurrenceId: claim.recurrenceId,
    start: formatInstant(claim.start),
    end: formatInstant(claim.end),
    kind: 'booking',
    status,
  }
}
