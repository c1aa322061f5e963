import { describeRule } from '../recurrence/describe-rule.ts'
import { parseRule } from '../recurrence/parse-rule.ts'
import { formatInstant } from '../time/iso.ts'
import { findZone } from '../time/zone.ts'
import type { Meeting, Occurrence, Participant } from './meeting.ts'
import { isException, lookOf } from './occurrence-look.ts'
import type { BookingFacts, MeetingAggregate } from './ports.ts'
import { isWholeDays } from './series-times.ts'

/** The contract's Meeting, as REST answers it and as the topic `meeting:<id>` carries it. */
export interface MeetingView {
  id: string
  title: string | null
  description: string | null
  startTime: string
  endTime: string
  timezone: string
  /** From midnight to midnight where it is. */
  allDay: boolean
  isRecurring: boolean
  /** The occurrence of another series with which this one began. */
  splitFrom: { meetingId: string; recurrenceId: string } | null
  recurrencePattern: { rrule: string; exdates: string[]; rdates: string[] } | null
  /** The rule in English words. */
  recurrenceText: string | null
  organizer: { id: string; firstName: string; lastName: string } | null
  participants: { userId?: string; email?: string; role: string; response: string; comment?: string }[]
  room: { id: string; name: string } | null
  roomIds: string[]
  status: Meeting['status'] | Occurrence['status']
  visibility: string
  metadata: object
  version: number
  createdAt: string
  updatedAt: string
}

/** One instance of it: the same, with its own time and identity and whatever else it has of its own. */
export interface OccurrenceView extends MeetingView {
  meetingId: string
  recurrenceId: string
  /** It differs from its series. */
  isException: boolean
}

export function meetingView(
  meeting: Meeting,
  participants: readonly Participant[],
  { people, rooms }: BookingFacts,
): MeetingView {
  const organizer = people.get(meeting.organizerId)
  const [roomId] = meeting.roomIds
  return {
    id: meeting.id,
    title: meeting.title,
    description: meeting.description,
    startTime: formatInstant(meeting.start),
    endTime: formatInstant(meeting.end),
    timezone: meeting.timezone,
    allDay: meeting.allDay,
    isRecurring: meeting.rrule !== null,
    splitFrom: meeting.splitFrom,
    recurrencePattern:
      meeting.rrule === null ? null : { rrule: meeting.rrule, exdates: meeting.exdates, rdates: meeting.rdates },
    recurrenceText: meeting.rrule === null ? null : inWords(meeting.rrule, meeting.timezone),
    organizer: organizer
      ? { id: organizer.id, firstName: organizer.firstName, lastName: organizer.lastName }
      : { id: meeting.organizerId, firstName: '', lastName: '' },
    participants: participants.filter((participant) => participant.inSeries).map(participantView),
    room: roomId === undefined ? null : { id: roomId, name: rooms.get(roomId)?.name ?? '' },
    roomIds: meeting.roomIds,
    status: meeting.status,
    visibility: meeting.visibility,
    metadata: meeting.metadata,
    version: meeting.version,
    createdAt: formatInstant(meeting.createdAt),
    updatedAt: formatInstant(meeting.updatedAt),
  }
}

/** One occurrence, given the view of its series. */
export function occurrenceView(
  view: MeetingView,
  series: Pick<MeetingAggregate, 'meeting' | 'participants'>,
  occurrence: Occurrence,
  { rooms }: Pick<BookingFacts, 'rooms'>,
): OccurrenceView {
  return {
    ...view,
    ...(occurrence.override !== null && ownContent(series, occurrence, rooms)),
    meetingId: view.id,
    recurrenceId: occurrence.recurrenceId,
    isException: isException(occurrence),
    startTime: formatInstant(occurrence.start),
    endTime: formatInstant(occurrence.end),
    allDay: isWholeDays(series.meeting, occurrence),
    status: occurrence.status,
  }
}

function ownContent(
  series: Pick<MeetingAggregate, 'meeting' | 'participants'>,
  occurrence: Occurrence,
  rooms: BookingFacts['rooms'],
): Partial<MeetingView> {
  const { participants, roomIds, ...look } = lookOf(series, occurrence)
  const [roomId] = roomIds
  const room = roomId === undefined ? null : { id: roomId, name: rooms.get(roomId)?.name ?? '' }
  return { ...look, roomIds, room, participants: participants.map(participantView) }
}

/** For who may know that the time is taken, but not by what, by whom or where. */
export function withoutContent<T extends MeetingView>(view: T): T {
  const hidden = { title: null, description: null, organizer: null, participants: [], room: null, roomIds: [] }
  return { ...view, ...hidden, metadata: {} }
}

export function etagOf(meeting: Pick<Meeting, 'version' | 'textRevision'>): string {
  return `${meeting.version}.${meeting.textRevision}`
}

function participantView(participant: Participant): MeetingView['participants'][number] {
  const { userId, email, role, response, comment } = participant
  const who = userId === null ? { email: email as string } : { userId }
  return { ...who, role, response, ...(comment !== null && { comment }) }
}

function inWords(rrule: string, timezone: string): string | null {
  const rule = parseRule(rrule)
  return rule.ok ? describeRule(rule.value, findZone(timezone)) : null
}
