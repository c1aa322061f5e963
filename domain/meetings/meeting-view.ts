import { describeRule } from '../recurrence/describe-rule.ts'
import { parseRule } from '../recurrence/parse-rule.ts'
import { formatInstant } from '../time/iso.ts'
import { findZone } from '../time/zone.ts'
import type { Meeting, Occurrence, Participant } from './meeting.ts'
import type { BookingFacts } from './ports.ts'

/** The contract's Meeting, as REST answers it and as the topic `meeting:<id>` carries it. */
export interface MeetingView {
  id: string
  title: string | null
  description: string | null
  startTime: string
  endTime: string
  timezone: string
  isRecurring: boolean
  recurrencePattern: { rrule: string; exdates: string[]; rdates: string[] } | null
  /** The rule in English words. */
  recurrenceText: string | null
  organizer: { id: string; firstName: string; lastName: string } | null
  participants: { userId?: string; email?: string; role: string; response: string }[]
  room: { id: string; name: string } | null
  roomIds: string[]
  status: Meeting['status'] | Occurrence['status']
  visibility: string
  metadata: object
  version: number
  createdAt: string
  updatedAt: string
}

/** One instance of it: the same, with its own time and identity. */
export interface OccurrenceView extends MeetingView {
  meetingId: string
  recurrenceId: string
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
    isRecurring: meeting.rrule !== null,
    recurrencePattern:
      meeting.rrule === null ? null : { rrule: meeting.rrule, exdates: meeting.exdates, rdates: meeting.rdates },
    recurrenceText: meeting.rrule === null ? null : inWords(meeting.rrule, meeting.timezone),
    organizer: organizer
      ? { id: organizer.id, firstName: organizer.firstName, lastName: organizer.lastName }
      : { id: meeting.organizerId, firstName: '', lastName: '' },
    participants: participants.map(participantView),
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

export function occurrenceView(view: MeetingView, occurrence: Occurrence): OccurrenceView {
  return {
    ...view,
    meetingId: view.id,
    recurrenceId: occurrence.recurrenceId,
    startTime: formatInstant(occurrence.start),
    endTime: formatInstant(occurrence.end),
    status: occurrence.status,
  }
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
  const { role, response } = participant
  return participant.userId === null
    ? { email: participant.email as string, role, response }
    : { userId: participant.userId, role, response }
}

function inWords(rrule: string, timezone: string): string | null {
  const rule = parseRule(rrule)
  return rule.ok ? describeRule(rule.value, findZone(timezone)) : null
}
