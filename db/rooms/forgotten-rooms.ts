import type { Pool } from 'pg'
import { MAX_CHECK_IN_OPENS_MINUTES } from '../../domain/rooms/room.ts'
import { type Instant, MINUTE_MS, plus } from '../../domain/time/instant.ts'
import { readOnly } from '../transaction.ts'

/** Rooms per organisation and sweep: those that are found have a row afterwards, so the next sweep goes on behind them. */
const MAX_ROOMS = 2_000
/** The clock is expected to have looked at a room before its next check-in opens. */
const AHEAD_MS = (MAX_CHECK_IN_OPENS_MINUTES + 10) * MINUTE_MS

/**
 * Rooms in which something will happen soon, or has happened and was not closed, of which no row of that kind says so. Of all
 * organisations, each read behind its own wall.
 */
export async function forgottenRooms(
  pool: Pool,
  kind: string,
  now: Instant,
): Promise<{ organizationId: string; roomId: string }[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM identity.organization ORDER BY id')
  const found: { organizationId: string; roomId: string }[] = []
  for (const { id: organizationId } of rows) {
    const rooms = await readOnly(pool, organizationId, (tx) =>
      tx.query<{ room_id: string }>('rooms-forgotten', FORGOTTEN, [
        organizationId,
        now,
        plus(now, AHEAD_MS),
        kind,
        MAX_ROOMS,
      ]),
    )
    found.push(...rooms.rows.map((row) => ({ organizationId, roomId: row.room_id })))
  }
  return found
}

// Occurrences are at most 14 days long; most that began earlier than a day ago are over and closed.
const FORGOTTEN = `
  SELECT DISTINCT a.resource_id AS room_id
  FROM occurrence o
  JOIN allocation a ON a.organization_id = $1 AND a.meeting_id = o.meeting_id AND a.recurrence_id = o.recurrence_id
    AND a.resource_kind = 'room'
  LEFT JOIN room_use u ON u.organization_id = $1 AND u.meeting_id = a.meeting_id AND u.recurrence_id = a.recurrence_id
    AND u.room_id = a.resource_id AND u.released_at IS NULL
  WHERE o.organization_id = $1 AND o.starts_at > to_timestamp($2::float8 / 1000) - interval '15 days'
    AND o.starts_at < to_timestamp($3::float8 / 1000) AND o.ends_at > to_timestamp($2::float8 / 1000) - interval '1 day'
    AND (u.ended_at IS NULL OR u.ended_at < a.starts_at)
    AND NOT EXISTS (SELECT FROM due d WHERE d.organization_id = $1 AND d.kind = $4 AND d.subject = a.resource_id::text)
  LIMIT $5`
