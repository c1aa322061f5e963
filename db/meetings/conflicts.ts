import type { Conflict } from '../../domain/refusals.ts'
import { type BookingRules, ruleViolation } from '../../domain/rooms/room.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import { LONGEST_EXTERNAL_MS } from '../availability/busy.ts'
import { keepsOut } from '../holds/holds-sql.ts'
import type { Viewer } from '../rooms/free-rooms.ts'
import type { OrganizationTx } from '../transaction.ts'
import { LONGEST_BLOCK_MS } from './meetings-sql.ts'

/** Of each kind. */
const MAX_CONFLICTS = 500

type Asked = { roomIds: readonly string[]; userIds: readonly string[] }

/**
 * What would stand in the way of a booking of that span: what takes these rooms, the buffers of both included, and these people
 * (`booking`, `hold`: not the viewer's own), what the rooms' rules forbid (`rule`), rooms that are not in use and people who
 * are away (`blackout`), and what their other calendars hold (`external`). Times only: nothing says what it is. Undefined where one
 * of them is unknown. The ids are each given once.
 */
export async function conflictsIn(
  tx: OrganizationTx,
  asked: Asked,
  span: Interval,
  viewer: Viewer,
): Promise<Conflict[] | undefined> {
  const [taken, rooms, people, known] = await Promise.all([
    allocated(tx, asked, span, viewer),
    ofRooms(tx, asked.roomIds, span, viewer.now),
    ofPeople(tx, asked.userIds, span),
    tx.query('conflicts-people-known', PEOPLE_KNOWN, [tx.organizationId, asked.userIds]),
  ])
  if (rooms === undefined || known.rowCount !== asked.userIds.length) return undefined
  return [...taken, ...rooms, ...people].toSorted((a, b) => a.start - b.start)
}

interface SpanRow {
  resource_id: string
  starts_at: Instant
  ends_at: Instant
}

async function allocated(
  tx: OrganizationTx,
  { roomIds, userIds }: Asked,
  { start, end }: Interval,
  { userId, now }: Viewer,
): Promise<Conflict[]> {
  const bounds = [LONGEST_BLOCK_MS / 1000, MAX_CONFLICTS]
  const values = [tx.organizationId, roomIds, userIds, start, end, ...bounds, userId, now]
  const { rows } = await tx.query<SpanRow & { is_hold: boolean }>('conflicts-in', ALLOCATED, values)
  return rows.map((row) => conflictOf(row, row.is_hold ? 'hold' : 'booking'))
}

/** Rules as they are for a single meeting that is booked now; undefined where there is no such room. */
async function ofRooms(
  tx: OrganizationTx,
  roomIds: readonly string[],
  span: Interval,
  now: Instant,
): Promise<Conflict[] | undefined> {
  const { rows } = await tx.query<{ id: string; booking_rules: BookingRules; is_active: boolean }>(
    'conflicts-of-rooms',
    'SELECT id, booking_rules, is_active FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])',
    [tx.organizationId, roomIds],
  )
  if (rows.length < roomIds.length) return undefined
  return rows.flatMap(({ id: resourceId, booking_rules, is_active }): Conflict[] => {
    const { start, end } = span
    if (!is_active) return [{ resourceId, start, end, kind: 'blackout' }]
    const isBroken = ruleViolation(booking_rules, { start, end, now, isRecurring: false }) !== undefined
    return isBroken ? [{ resourceId, start, end, kind: 'rule' }] : []
  })
}

async function ofPeople(tx: OrganizationTx, userIds: readonly string[], { start, end }: Interval): Promise<Conflict[]> {
  const { rows } = await tx.query<SpanRow & { is_away: boolean }>('conflicts-of-people', OF_PEOPLE, [
    tx.organizationId,
    userIds,
    start,
    end,
    LONGEST_EXTERNAL_MS / 1000,
    MAX_CONFLICTS,
  ])
  return rows.map((row) => conflictOf(row, row.is_away ? 'blackout' : 'external'))
}

function conflictOf({ resource_id, starts_at, ends_at }: SpanRow, kind: Conflict['kind']): Conflict {
  return { resourceId: resource_id, start: starts_at, end: ends_at, kind }
}

const PEOPLE_KNOWN = 'SELECT FROM users WHERE organization_id = $1 AND id = ANY ($2::uuid[])'

// The bounds of `starts_at` stand in a query of their own, where they bound the index range.
const ALLOCATED = `
  WITH asked AS (
    SELECT id, 'room' AS kind,
           to_timestamp($4::float8 / 1000) - make_interval(mins => coalesce((booking_rules->>'bufferBeforeMinutes')::integer, 0)) AS from_at,
           to_timestamp($5::float8 / 1000) + make_interval(mins => coalesce((booking_rules->>'bufferAfterMinutes')::integer, 0)) AS until_at
    FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])
    UNION ALL
    SELECT DISTINCT id, 'person', to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000) FROM unnest($3::uuid[]) AS id
  )
  SELECT asked.id AS resource_id, a.starts_at, a.ends_at, a.hold_id IS NOT NULL AS is_hold
  FROM asked CROSS JOIN LATERAL (
    SELECT a.starts_at, a.ends_at, a.hold_id FROM allocation a
    WHERE a.organization_id = $1 AND a.resource_id = asked.id AND a.resource_kind = asked.kind
      AND a.starts_at < asked.until_at + interval '1 day' AND a.starts_at > asked.from_at - make_interval(secs => $6)
      AND a.blocked_from < asked.until_at AND a.blocked_until > asked.from_at AND ${keepsOut('a', '$8', '$9')}
    OFFSET 0
  ) AS a
  ORDER BY a.starts_at, asked.id LIMIT $7`

// Absences are few and whole with each person; their times are epoch milliseconds.
const OF_PEOPLE = `
  (SELECT e.user_id AS resource_id, e.starts_at, e.ends_at, false AS is_away FROM external_event e
   WHERE e.organization_id = $1 AND e.user_id = ANY ($2::uuid[]) AND e.busy
     AND e.starts_at < to_timestamp($4::float8 / 1000) AND e.ends_at > to_timestamp($3::float8 / 1000)
     AND e.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
   ORDER BY e.starts_at LIMIT $6)
  UNION ALL
  (SELECT u.id, to_timestamp(away.start / 1000), to_timestamp(away."end" / 1000), true
   FROM users u CROSS JOIN jsonb_to_recordset(u.absences) AS away (start float8, "end" float8)
   WHERE u.organization_id = $1 AND u.id = ANY ($2::uuid[]) AND away.start < $4::float8 AND away."end" > $3::float8
   LIMIT $6)`
