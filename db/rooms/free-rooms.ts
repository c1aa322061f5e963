import type { RoomFacts, RoomNeed } from '../../domain/meetings/ports.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import { keepsOut } from '../holds/holds-sql.ts'
import { readFacts } from '../meetings/meetings-rows.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import type { OrganizationTx } from '../transaction.ts'

/** Who asks, and when: his own holds are free to him, and those that are over to everybody. */
export interface Viewer {
  userId: string
  now: Instant
}

/** Rooms compared with each of many spans. */
const MAX_COMPARED = 24

/** Active rooms that fit the need and are free for all the spans, with the buffers that they themselves ask for; best fit first. */
export async function freeRooms(
  tx: OrganizationTx,
  need: RoomNeed,
  spans: readonly Interval[],
  limit: number,
  viewer: Viewer,
): Promise<RoomFacts[]> {
  const ids = await freeRoomIds(tx, need, spans, limit, viewer)
  const { rooms } = await readFacts(tx, ids, [], [])
  return ids.flatMap((id) => rooms.get(id) ?? [])
}

/** The same by their ids. */
export async function freeRoomIds(
  tx: OrganizationTx,
  need: RoomNeed,
  spans: readonly Interval[],
  limit: number,
  viewer: Viewer,
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>('rooms-free', FREE_ROOMS, needValues(tx, need, spans, limit, viewer))
  return rows.map((row) => row.id)
}

/** For each span by itself the rooms that fit the need and are free then, best fit first, out of the best fits of all. */
export async function freeRoomsPerSpan(
  tx: OrganizationTx,
  need: RoomNeed,
  spans: readonly Interval[],
  viewer: Viewer,
): Promise<RoomFacts[][]> {
  const { rows } = await tx.query<{ n: number; id: string }>(
    'rooms-free-per-span',
    FREE_PER_SPAN,
    needValues(tx, need, spans, MAX_COMPARED, viewer),
  )
  const { rooms } = await readFacts(tx, [...new Set(rows.map(({ id }) => id))], [], [])
  const bySpan = Map.groupBy(rows, ({ n }) => n - 1)
  return spans.map((_, i) => (bySpan.get(i) ?? []).flatMap(({ id }) => rooms.get(id) ?? []))
}

/** What blocks any of the rooms in the window, by start. */
export async function busySpans(
  tx: OrganizationTx,
  roomIds: readonly string[],
  window: Interval,
  { userId, now }: Viewer,
): Promise<Interval[]> {
  const { rows } = await tx.query<{ blocked_from: Instant; blocked_until: Instant }>('rooms-busy', BUSY, [
    tx.organizationId,
    roomIds,
    window.start,
    window.end,
    LONGEST_BLOCK_MS / 1000,
    userId,
    now,
  ])
  return rows.map((row) => ({ start: row.blocked_from, end: row.blocked_until }))
}

/** `$1` to `$13` of the statements that look for rooms. */
function needValues(
  { organizationId }: OrganizationTx,
  need: RoomNeed,
  spans: readonly Interval[],
  limit: number,
  { userId, now }: Viewer,
): unknown[] {
  return [
    organizationId,
    need.capacity,
    need.equipment,
    need.except,
    spans.map((span) => span.start),
    spans.map((span) => span.end),
    LONGEST_BLOCK_MS / 1000,
    need.floorId ?? null,
    need.preferFloorId ?? null,
    limit,
    need.among ?? null,
    userId,
    now,
  ]
}

// Rooms in order first, each then looked at until enough are free: the bookings of the others are never read. The bounds of
// `starts_at` stand in the innermost query, where they bound the index range.
const FITTING = `
    SELECT id, make_interval(mins => coalesce((booking_rules->>'bufferBeforeMinutes')::integer, 0)) AS before,
           make_interval(mins => coalesce((booking_rules->>'bufferAfterMinutes')::integer, 0)) AS after
    FROM room
    WHERE organization_id = $1 AND is_active AND capacity >= $2 AND equipment @> $3::text[] AND id <> ALL ($4::uuid[])
      AND ($8::uuid IS NULL OR floor_id = $8)
      AND ($11::uuid[] IS NULL OR id = ANY ($11))
    ORDER BY (floor_id IS NOT DISTINCT FROM $9::uuid) DESC, capacity, name`

const TAKEN = `
      SELECT FROM allocation a
      WHERE a.organization_id = $1 AND a.resource_id = room.id AND a.exclusive
        AND a.starts_at < to_timestamp(span.ends_at / 1000) + room.after + interval '1 day'
        AND a.starts_at > to_timestamp(span.starts_at / 1000) - room.before - make_interval(secs => $7)
        AND a.blocked_from < to_timestamp(span.ends_at / 1000) + room.after
        AND a.blocked_until > to_timestamp(span.starts_at / 1000) - room.before
        AND ${keepsOut('a', '$12', '$13')}
      OFFSET 0`

const FREE_ROOMS = `
  SELECT room.id FROM (${FITTING}
    OFFSET 0
  ) AS room
  WHERE NOT EXISTS (
    SELECT FROM unnest($5::float8[], $6::float8[]) AS span (starts_at, ends_at)
    WHERE EXISTS (${TAKEN})
  )
  LIMIT $10`

const FREE_PER_SPAN = `
  SELECT span.n, room.id
  FROM (SELECT *, row_number() OVER () AS place FROM (${FITTING} LIMIT $10) AS fitting) AS room
  CROSS JOIN unnest($5::float8[], $6::float8[]) WITH ORDINALITY AS span (starts_at, ends_at, n)
  WHERE NOT EXISTS (${TAKEN})
  ORDER BY span.n, room.place`

const BUSY = `
  SELECT blocked_from, blocked_until FROM allocation a
  WHERE organization_id = $1 AND resource_id = ANY ($2::uuid[]) AND exclusive
    AND starts_at < to_timestamp($4::float8 / 1000) + interval '1 day'
    AND starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
    AND blocked_from < to_timestamp($4::float8 / 1000) AND blocked_until > to_timestamp($3::float8 / 1000)
    AND ${keepsOut('a', '$6', '$7')}
  ORDER BY blocked_from`
