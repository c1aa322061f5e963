import type { Pool } from 'pg'
import type { BusyEntry } from '../../domain/calendars/meeting-ics.ts'
import type { Feed } from '../../domain/calendars/feed.ts'
import type { Role } from '../../domain/identity/actor.ts'
import type { Meeting, Occurrence, Participant } from '../../domain/meetings/meeting.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import {
  type MeetingRow,
  type OccurrenceRow,
  meetingOf,
  occurrenceOf,
  readParticipants,
} from '../meetings/meetings-rows.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import { type OrganizationTx, readOnly } from '../transaction.ts'
import { type FeedRow, feedOf } from './calendars-rows.ts'
import { hashToken, organizationOfToken } from './secrets.ts'

/** A feed that was asked for by its secret, with whoever made it as he is now. */
export interface OpenedFeed {
  organizationId: string
  feed: Feed
  owner: { role: Role; firstName: string; lastName: string }
  roomName: string | null
}

/** undefined: the secret opens nothing. */
export async function feedByToken(pool: Pool, token: string): Promise<OpenedFeed | undefined> {
  const organizationId = organizationOfToken(token)
  if (organizationId === undefined) return undefined
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<
      FeedRow & { role: Role; first_name: string; last_name: string; name: string | null }
    >(
      'feed-by-token',
      `SELECT f.id, f.user_id, f.kind, f.room_id, f.created_at, u.role, u.first_name, u.last_name, r.name
       FROM calendar_feed f
       JOIN users u ON u.organization_id = $1 AND u.id = f.user_id
       LEFT JOIN room r ON r.organization_id = $1 AND r.id = f.room_id
       WHERE f.organization_id = $1 AND f.token_hash = $2`,
      [organizationId, hashToken(token)],
    )
    const [row] = rows
    if (row === undefined) return undefined
    const owner = { role: row.role, firstName: row.first_name, lastName: row.last_name }
    return { organizationId, feed: feedOf(row), owner, roomName: row.name }
  })
}

export interface FeedMeeting {
  meeting: Meeting
  participants: Participant[]
  occurrences: Occurrence[]
  roomName: string | null
  /** Of the rooms that single occurrences have instead. */
  roomNames: ReadonlyMap<string, string>
}

/** More than a person's year holds; what is beyond comes first in no calendar. */
const MAX_MEETINGS = 2_000
const MAX_BUSY = 10_000

/** A person's meetings that have a live occurrence in the window, each with all its occurrences; the soonest first. */
export function meetingsOfPerson(
  pool: Pool,
  organizationId: string,
  userId: string,
  window: Interval,
): Promise<FeedMeeting[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<MeetingRow & { room_name: string | null }>('feed-meetings', MEETINGS_OF_PERSON, [
      organizationId,
      userId,
      window.start,
      window.end,
      LONGEST_BLOCK_MS / 1000,
      MAX_MEETINGS,
    ])
    return withOccurrences(tx, rows)
  })
}

/** One meeting with all its occurrences. Whether it may be seen is asked before. */
export function meetingForCalendar(pool: Pool, organizationId: string, id: string): Promise<FeedMeeting | undefined> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<MeetingRow & { room_name: string | null }>(
      'feed-meeting',
      `SELECT m.*, r.name AS room_name FROM meeting m
       LEFT JOIN room r ON r.organization_id = $1 AND r.id = m.room_ids[1]
       WHERE m.organization_id = $1 AND m.id = $2`,
      [organizationId, id],
    )
    return (await withOccurrences(tx, rows))[0]
  })
}

/** When a room is taken in the window. Ids tell one claim from another, and nothing else. */
export function busyOfRoom(pool: Pool, organizationId: string, roomId: string, window: Interval): Promise<BusyEntry[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<{
      meeting_id: string
      recurrence_id: string
      starts_at: Instant
      ends_at: Instant
      updated_at: Instant
    }>(
      'feed-room',
      `SELECT a.meeting_id, a.recurrence_id, a.starts_at, a.ends_at, m.updated_at
       FROM allocation a JOIN meeting m ON m.organization_id = $1 AND m.id = a.meeting_id
       WHERE a.organization_id = $1 AND a.resource_id = $2
         AND a.starts_at < to_timestamp($4::float8 / 1000) AND a.ends_at > to_timestamp($3::float8 / 1000)
         AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
       ORDER BY a.starts_at LIMIT $6`,
      [organizationId, roomId, window.start, window.end, LONGEST_BLOCK_MS / 1000, MAX_BUSY],
    )
    return rows.map((row) => ({
      uid: `${row.meeting_id}-${row.recurrence_id}@convoke`,
      start: row.starts_at,
      end: row.ends_at,
      updatedAt: row.updated_at,
    }))
  })
}

async function withOccurrences(
  tx: OrganizationTx,
  rows: readonly (MeetingRow & { room_name: string | null })[],
): Promise<FeedMeeting[]> {
  const ids = rows.map((row) => row.id)
  const participants = await readParticipants(tx, ids)
  const occurrences = await tx.query<OccurrenceRow & { meeting_id: string }>(
    'feed-occurrences',
    `SELECT meeting_id, recurrence_id, starts_at, ends_at, status, override FROM occurrence
     WHERE organization_id = $1 AND meeting_id = ANY ($2::uuid[])`,
    [tx.organizationId, ids],
  )
  const byMeeting = Map.groupBy(occurrences.rows, (row) => row.meeting_id)
  const ownRooms = [...new Set(occurrences.rows.flatMap(({ override }) => override?.roomIds ?? []))]
  const roomNames = ownRooms.length === 0 ? new Map<string, string>() : await namesOfRooms(tx, ownRooms)
  return rows.map((row) => ({
    meeting: meetingOf(row),
    participants: participants.get(row.id) ?? [],
    occurrences: (byMeeting.get(row.id) ?? []).map(occurrenceOf),
    roomName: row.room_name,
    roomNames,
  }))
}

async function namesOfRooms(tx: OrganizationTx, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    'feed-rooms',
    'SELECT id, name FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])',
    [tx.organizationId, ids],
  )
  return new Map(rows.map((row) => [row.id, row.name]))
}

const MEETINGS_OF_PERSON = `
  SELECT m.*, r.name AS room_name
  FROM (
    SELECT a.meeting_id, min(a.starts_at) AS first FROM allocation a
    WHERE a.organization_id = $1 AND a.resource_id = $2
      AND a.starts_at < to_timestamp($4::float8 / 1000) AND a.ends_at > to_timestamp($3::float8 / 1000)
      AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
    GROUP BY a.meeting_id
  ) mine
  JOIN meeting m ON m.organization_id = $1 AND m.id = mine.meeting_id
  LEFT JOIN room r ON r.organization_id = $1 AND r.id = m.room_ids[1]
  WHERE m.status <> 'cancelled'
  ORDER BY mine.first, m.id LIMIT $6`
