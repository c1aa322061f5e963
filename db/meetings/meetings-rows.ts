import type { Meeting, Occurrence, Override, Participant } from '../../domain/meetings/meeting.ts'
import type { BookingFacts, MeetingAggregate, PersonFacts, RoomFacts } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A row of `meeting` as our pool reads it: instants are epoch milliseconds. */
export interface MeetingRow {
  id: string
  organizer_id: string
  title: string
  description: string
  status: Meeting['status']
  visibility: Meeting['visibility']
  timezone: string
  local_start: string
  starts_at: Instant
  ends_at: Instant
  rrule: string | null
  exdates: string[]
  rdates: string[]
  all_day: boolean
  split_meeting_id: string | null
  split_recurrence_id: string | null
  ends_by_split: boolean
  materialised_until: Instant
  tz_version: string
  room_ids: string[]
  metadata: object
  version: number
  text_revision: number
  created_at: Instant
  updated_at: Instant
}

export function meetingOf(row: MeetingRow): Meeting {
  return {
    id: row.id,
    organizerId: row.organizer_id,
    title: row.title,
    description: row.description,
    status: row.status,
    visibility: row.visibility,
    timezone: row.timezone,
    localStart: row.local_start as LocalTime,
    start: row.starts_at,
    end: row.ends_at,
    rrule: row.rrule,
    exdates: row.exdates as LocalTime[],
    rdates: row.rdates as LocalTime[],
    allDay: row.all_day,
    splitFrom:
      row.split_meeting_id === null
        ? null
        : { meetingId: row.split_meeting_id, recurrenceId: row.split_recurrence_id as LocalTime },
    endsBySplit: row.ends_by_split,
    materialisedUntil: row.materialised_until,
    tzVersion: row.tz_version,
    roomIds: row.room_ids,
    metadata: row.metadata,
    version: row.version,
    textRevision: row.text_revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export async function readAggregate(tx: OrganizationTx, row: MeetingRow): Promise<MeetingAggregate> {
  const [participants, occurrences] = await Promise.all([readParticipants(tx, [row.id]), readOccurrences(tx, [row.id])])
  return {
    meeting: meetingOf(row),
    participants: participants.get(row.id) ?? [],
    occurrences: occurrences.get(row.id) ?? [],
  }
}

export async function readParticipants(
  tx: OrganizationTx,
  meetingIds: readonly string[],
): Promise<Map<string, Participant[]>> {
  const { rows } = await tx.query<ParticipantRow>(
    'participants-of',
    `SELECT meeting_id, id, user_id, email, role, response, comment, in_series FROM participant
     WHERE organization_id = $1 AND meeting_id = ANY ($2::uuid[]) ORDER BY meeting_id, id`,
    [tx.organizationId, meetingIds],
  )
  const byMeeting = new Map<string, Participant[]>()
  for (const { meeting_id, id, user_id, email, role, response, comment, in_series } of rows) {
    const of = byMeeting.get(meeting_id) ?? []
    of.push({ id, userId: user_id, email, role, response, comment, inSeries: in_series })
    byMeeting.set(meeting_id, of)
  }
  return byMeeting
}

interface ParticipantRow {
  meeting_id: string
  id: string
  user_id: string | null
  email: string | null
  role: Participant['role']
  response: Participant['response']
  comment: string | null
  in_series: boolean
}

/** A row of `occurrence`, or of a query that joins it. */
export interface OccurrenceRow {
  recurrence_id: string
  starts_at: Instant
  ends_at: Instant
  status: Occurrence['status']
  override: Override | null
}

export function occurrenceOf(row: OccurrenceRow): Occurrence {
  const { starts_at: start, ends_at: end, status, override } = row
  return { recurrenceId: row.recurrence_id as LocalTime, start, end, status, override }
}

/** Of each meeting in order of time; a meeting without any is missing. */
export async function readOccurrences(
  tx: OrganizationTx,
  meetingIds: readonly string[],
): Promise<Map<string, Occurrence[]>> {
  if (meetingIds.length === 0) return new Map()
  const { rows } = await tx.query<OccurrenceRow & { meeting_id: string }>(
    'occurrences-of',
    `SELECT meeting_id, recurrence_id, starts_at, ends_at, status, override FROM occurrence
     WHERE organization_id = $1 AND meeting_id = ANY ($2::uuid[]) ORDER BY starts_at`,
    [tx.organizationId, meetingIds],
  )
  const byMeeting = Map.groupBy(rows, (row) => row.meeting_id)
  return new Map([...byMeeting].map(([id, own]) => [id, own.map(occurrenceOf)]))
}

/** Facts, and which of the people asked for by id have a hold (db/holds/hold-way.ts). */
export interface StoredFacts extends BookingFacts {
  holders: ReadonlySet<string>
}

/** Rooms by id; people by id or e-mail address. What this organisation does not have is missing from the maps. */
export async function readFacts(
  tx: OrganizationTx,
  roomIds: readonly string[],
  userIds: readonly string[],
  emails: readonly string[],
): Promise<StoredFacts> {
  const { rows } = await tx.query<{
    rooms: RoomFacts[] | null
    people: PersonFacts[] | null
    holders: string[] | null
  }>('booking-facts', FACTS, [tx.organizationId, roomIds, userIds, emails])
  return {
    rooms: new Map((rows[0]?.rooms ?? []).map((room) => [room.id, room])),
    people: new Map((rows[0]?.people ?? []).map((person) => [person.id, person])),
    holders: new Set(rows[0]?.holders),
  }
}

const FACTS = `
  SELECT
    (SELECT json_agg(json_build_object('id', id, 'name', name, 'capacity', capacity, 'floorId', floor_id,
                                       'equipment', equipment, 'bookingRules', booking_rules, 'isActive', is_active))
     FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])) AS rooms,
    (SELECT json_agg(json_build_object('id', id, 'email', email, 'firstName', first_name, 'lastName', last_name,
                                       'reminderMinutes', preferences->'reminderMinutes'))
     FROM users WHERE organization_id = $1 AND (id = ANY ($3::uuid[]) OR email = ANY ($4::text[]))) AS people,
    (SELECT json_agg(DISTINCT user_id) FROM hold WHERE organization_id = $1 AND user_id = ANY ($3::uuid[])) AS holders`
