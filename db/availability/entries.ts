import { hash } from 'node:crypto'
import type { Absence } from '../../domain/availability/person-rules.ts'
import { type Actor } from '../../domain/identity/actor.ts'
import { type Visibility, can } from '../../domain/identity/can.ts'
import type { OccurrenceStatus, ParticipantResponse } from '../../domain/meetings/meeting.ts'
import { type Instant, type Interval, overlaps } from '../../domain/time/instant.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import { isInvited, visibilityOf } from '../meetings/occurrence-sight.ts'
import type { OrganizationTx } from '../transaction.ts'
import { LONGEST_EXTERNAL_MS } from './busy.ts'

/** Something in the calendar of a person or room, as one viewer may see it: content only where he has the right to it. */
export interface Entry extends Interval {
  subjectId: string
  /** `blackout`: a room that is not in use. */
  kind: 'meeting' | 'external' | 'absence' | 'hold' | 'blackout'
  status: OccurrenceStatus
  /** Of a meeting: what this person answered. */
  response?: ParticipantResponse
  /** With the buffers of a room. */
  blocked: Interval
  allDay: boolean
  busy: boolean
  /** Breaks ties of what starts together. */
  id: string
  content?: { title: string; meetingId?: string; recurrenceId?: string }
}

export interface Subjects {
  userIds: readonly string[]
  roomIds: readonly string[]
}

export interface EntriesWanted {
  now: Instant
  limit: number
  /** What takes no time, too: meetings that the viewer himself has declined. */
  isWhole: boolean
}

/** Everything of these people and rooms that overlaps the window; at most `limit`, after which it is cut short. */
export async function readEntries(
  tx: OrganizationTx,
  actor: Actor,
  { userIds, roomIds }: Subjects,
  { start, end }: Interval,
  { now, limit, isWhole }: EntriesWanted,
): Promise<Entry[]> {
  const { organizationId } = tx
  const own = isWhole ? userIds.filter((userId) => can(actor, 'watch', { kind: 'user', userId })) : []
  const [meetings, declined, holds, external, absences] = await Promise.all([
    tx.query<MeetingRow>('entries-meetings', MEETINGS, [
      organizationId,
      [...userIds, ...roomIds],
      start,
      end,
      LONGEST_BLOCK_MS / 1000,
      actor.userId,
      limit,
    ]),
    own.length === 0
      ? { rows: [] }
      : tx.query<Omit<MeetingRow, 'id'>>('entries-declined', DECLINED, [
          organizationId,
          own,
          start,
          end,
          actor.userId,
          limit,
        ]),
    tx.query<HoldRow>('entries-holds', HOLDS, [
      organizationId,
      [...userIds, ...roomIds],
      start,
      end,
      actor.userId,
      now,
    ]),
    tx.query<ExternalRow>('entries-external', EXTERNAL, [
      organizationId,
      userIds,
      start,
      end,
      LONGEST_EXTERNAL_MS / 1000,
      limit,
    ]),
    tx.query<{ id: string; absences: Absence[] }>('entries-absences', ABSENCES, [organizationId, userIds]),
  ])
  return [
    ...meetings.rows.map((row) => meetingEntry(actor, row)),
    ...declined.rows.map((row) => declinedEntry(actor, row)),
    ...holds.rows.map(holdEntry),
    ...external.rows.flatMap((row) => externalEntry(actor, row)),
    ...absences.rows.flatMap((row) => absenceEntries(actor, row, { start, end })),
  ]
}

interface MeetingRow {
  subject_id: string
  /** Of the claim. */
  id: string
  meeting_id: string
  recurrence_id: string
  starts_at: Instant
  ends_at: Instant
  blocked_from: Instant
  blocked_until: Instant
  status: OccurrenceStatus
  all_day: boolean
  title: string
  visibility: Visibility
  organizer_id: string
  attends: boolean
  response: ParticipantResponse | null
}

function meetingEntry(actor: Actor, row: MeetingRow): Entry {
  // Not even which meeting it is to who may only know of it: the same id in two calendars would say who meets whom, and where.
  const readsContent = can(actor, 'read_content', {
    kind: 'meeting',
    visibility: row.visibility,
    organizerId: row.organizer_id,
    participantIds: row.attends ? [actor.userId] : [],
  })
  return {
    subjectId: row.subject_id,
    kind: 'meeting',
    id: row.id,
    start: row.starts_at,
    end: row.ends_at,
    blocked: { start: row.blocked_from, end: row.blocked_until },
    status: row.status,
    allDay: row.all_day,
    busy: true,
    ...(row.response !== null && { response: row.response }),
    ...(readsContent && {
      content: { title: row.title, meetingId: row.meeting_id, recurrenceId: row.recurrence_id },
    }),
  }
}

/** It takes no time, so there is no claim that could name it. */
function declinedEntry(actor: Actor, row: Omit<MeetingRow, 'id'>): Entry {
  const id = idOf([row.subject_id, row.meeting_id, row.recurrence_id])
  return { ...meetingEntry(actor, { ...row, id }), busy: false }
}

interface HoldRow {
  subject_id: string
  id: string
  starts_at: Instant
  ends_at: Instant
  blocked_from: Instant
  blocked_until: Instant
}

function holdEntry(row: HoldRow): Entry {
  return {
    subjectId: row.subject_id,
    kind: 'hold',
    id: row.id,
    start: row.starts_at,
    end: row.ends_at,
    blocked: { start: row.blocked_from, end: row.blocked_until },
    status: 'pending',
    allDay: false,
    busy: true,
  }
}

interface ExternalRow {
  subject_id: string
  id: string
  starts_at: Instant
  ends_at: Instant
  all_day: boolean
  busy: boolean
  status: 'confirmed' | 'tentative'
  summary: string
}

/** What takes no time is its owner's alone. */
function externalEntry(actor: Actor, row: ExternalRow): Entry[] {
  const isOwn = can(actor, 'read', { kind: 'integration', userId: row.subject_id })
  if (!row.busy && !isOwn) return []
  const span = { start: row.starts_at, end: row.ends_at }
  const { id, status, busy, all_day: allDay } = row
  const entry = {
    ...span,
    subjectId: row.subject_id,
    kind: 'external',
    id,
    blocked: span,
    status,
    allDay,
    busy,
  } as const
  return [{ ...entry, ...(isOwn && { content: { title: row.summary } }) }]
}

/** Why somebody is away is his own and his managers' business. */
function absenceEntries(
  actor: Actor,
  { id, absences }: { id: string; absences: Absence[] },
  window: Interval,
): Entry[] {
  const readsReason = can(actor, 'update', { kind: 'user', userId: id })
  return absences
    .filter((absence) => overlaps(absence, window))
    .map(({ start, end, reason }, i, all) => ({
      ...{
        subjectId: id,
        kind: 'absence',
        // Several may begin together, and be alike but for their reasons.
        id: idOf([id, start, end, all.slice(0, i).filter((one) => one.start === start && one.end === end).length]),
        start,
        end,
        blocked: { start, end },
        status: 'confirmed',
        allDay: false,
      },
      busy: true,
      ...(readsReason && reason !== undefined && { content: { title: reason } }),
    }))
}

/** Of what has none of its own: a name-based UUID (RFC 9562, version 8). */
function idOf(name: readonly (string | number)[]): string {
  const bytes = hash('sha256', name.join('\n'), 'buffer').subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const WITHIN = (table: string) => `
  ${table}.starts_at < to_timestamp($4::float8 / 1000) AND ${table}.ends_at > to_timestamp($3::float8 / 1000)`

const LOOK = `
  o.status, m.all_day, coalesce(o.override->>'title', m.title) AS title,
  ${visibilityOf('o')} AS visibility, m.organizer_id`

// A room is blocked before its meeting begins, by a day at most; and its blocked span is what must overlap.
const MEETINGS = `
  SELECT a.resource_id AS subject_id, a.id, a.meeting_id, a.recurrence_id, a.starts_at, a.ends_at, a.blocked_from, a.blocked_until, ${LOOK},
         EXISTS (SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = a.meeting_id AND p.user_id = $6::uuid
                   AND ${isInvited('o', 'p')}) AS attends,
         coalesce(o.override->'answers'->(a.resource_id::text)->>'response', own.response) AS response
  FROM allocation a
  JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = a.meeting_id AND o.recurrence_id = a.recurrence_id
  JOIN meeting m ON m.organization_id = $1 AND m.id = a.meeting_id
  LEFT JOIN participant own ON own.organization_id = $1 AND own.meeting_id = a.meeting_id AND own.id = a.resource_id
  WHERE a.organization_id = $1 AND a.resource_id = ANY ($2::uuid[])
    AND a.starts_at < to_timestamp($4::float8 / 1000) + interval '1 day'
    AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
    AND a.blocked_from < to_timestamp($4::float8 / 1000) AND a.blocked_until > to_timestamp($3::float8 / 1000)
  ORDER BY a.starts_at, a.id LIMIT $7`

// First what he declined, by indexes of declined rows and of occurrences with answers of their own: by time there would be everybody's. What
// he organizes has his time, declined or not.
const DECLINED = `
  SELECT p.id AS subject_id, o.meeting_id, o.recurrence_id, o.starts_at, o.ends_at, o.starts_at AS blocked_from,
         o.ends_at AS blocked_until, ${LOOK}, p.id = $5::uuid AS attends, 'declined' AS response
  FROM (
    SELECT p.id, o.meeting_id, o.recurrence_id
    FROM (SELECT id, meeting_id FROM participant
          WHERE organization_id = $1 AND id = ANY ($2::uuid[]) AND response = 'declined' OFFSET 0) AS p
    JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = p.meeting_id AND ${WITHIN('o')}
    UNION
    SELECT own.id, o.meeting_id, o.recurrence_id
    FROM occurrence o CROSS JOIN unnest($2::uuid[]) AS own (id)
    WHERE o.organization_id = $1 AND o.override ? 'answers' AND ${WITHIN('o')}
      AND o.starts_at > to_timestamp(($3::float8 - ${LONGEST_BLOCK_MS}) / 1000)
      AND o.override->'answers'->(own.id::text)->>'response' = 'declined'
  ) AS said
  JOIN occurrence o
    ON o.organization_id = $1 AND o.meeting_id = said.meeting_id AND o.recurrence_id = said.recurrence_id
  JOIN participant p ON p.organization_id = $1 AND p.meeting_id = said.meeting_id AND p.id = said.id
  JOIN meeting m ON m.organization_id = $1 AND m.id = said.meeting_id AND m.organizer_id <> p.id
  WHERE o.status NOT IN ('cancelled', 'conflicted')
    AND coalesce(o.override->'answers'->(p.id::text)->>'response', p.response) = 'declined'
    AND ${isInvited('o', 'p')}
  ORDER BY o.starts_at, o.meeting_id, o.recurrence_id LIMIT $6`

const HOLDS = `
  SELECT a.resource_id AS subject_id, a.id, a.starts_at, a.ends_at, a.blocked_from, a.blocked_until
  FROM hold h JOIN allocation a ON a.organization_id = $1 AND a.hold_id = h.id
  WHERE h.organization_id = $1 AND h.user_id <> $5 AND h.expires_at > to_timestamp($6::float8 / 1000)
    AND a.resource_id = ANY ($2::uuid[])
    AND a.blocked_from < to_timestamp($4::float8 / 1000) AND a.blocked_until > to_timestamp($3::float8 / 1000)`

const EXTERNAL = `
  SELECT e.user_id AS subject_id, e.id, e.starts_at, e.ends_at, e.all_day, e.busy, e.status, e.summary
  FROM external_event e
  WHERE e.organization_id = $1 AND e.user_id = ANY ($2::uuid[]) AND ${WITHIN('e')}
    AND e.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
  ORDER BY e.starts_at, e.id LIMIT $6`

const ABSENCES = `
  SELECT id, absences FROM users WHERE organization_id = $1 AND id = ANY ($2::uuid[]) AND absences <> '[]'`
