import { isInTheWay } from '../meetings/meetings-sql.ts'

/** The statements on holds. Instants go in as epoch milliseconds; every array is a column. */

const time = (parameter: string) => `to_timestamp(${parameter}::float8 / 1000)`

/**
 * Whether an allocation keeps that viewer out: a booking does, and a hold that is another's and still holds. `viewer` and `now`
 * are parameters.
 */
export function keepsOut(allocation: string, viewer: string, now: string): string {
  return `(${allocation}.hold_id IS NULL OR EXISTS (
    SELECT FROM hold h WHERE h.organization_id = $1 AND h.id = ${allocation}.hold_id
      AND h.user_id <> ${viewer}::uuid AND h.expires_at > ${time(now)}))`
}

/** The claims of a hold as JSON, from rows of `allocation` called `a`. */
const CLAIMS = `json_agg(json_build_object(
  'id', a.id, 'resourceId', a.resource_id, 'resourceKind', a.resource_kind, 'start', a.starts_at, 'end', a.ends_at,
  'blockedFrom', a.blocked_from, 'blockedUntil', a.blocked_until, 'exclusive', a.exclusive,
  'floorId', (SELECT r.floor_id FROM room r WHERE r.organization_id = $1 AND r.id = a.resource_id)) ORDER BY a.resource_id)`

const HOLD = `
  h.id, h.user_id, h.starts_at, h.ends_at, h.created_at, h.expires_at, h.renewals,
  (SELECT ${CLAIMS} FROM allocation a WHERE a.organization_id = $1 AND a.hold_id = h.id) AS claims`

export const SELECT_HOLD = `SELECT ${HOLD} FROM hold h WHERE h.organization_id = $1`

export const LOCK_HOLD = `${SELECT_HOLD} AND h.id = $2 FOR UPDATE OF h`
export const HOLDS_OF_OWNER = `${SELECT_HOLD} AND h.user_id = $2 ORDER BY h.id`
export const LOCK_HOLDS_OF_OWNER = `${HOLDS_OF_OWNER} FOR UPDATE OF h`

/** Whoever refers to a person goes on; only another who places a hold for him waits. */
export const LOCK_OWNER = 'SELECT FROM users WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE'

export const INSERT_HOLD = `
  INSERT INTO hold (organization_id, id, user_id, starts_at, ends_at, created_at, expires_at, renewals)
  VALUES ($1, $2, $3, ${time('$4')}, ${time('$5')}, ${time('$6')}, ${time('$7')}, $8)`

// In the order of all writers, and without an error where something stands (db/meetings/meetings-sql.ts).
export const INSERT_HOLD_CLAIMS = `
  INSERT INTO allocation (organization_id, hold_id, id, resource_id, resource_kind, starts_at, ends_at, blocked_from, blocked_until, exclusive)
  SELECT $1, $2, c.id, c.resource_id, c.kind, to_timestamp(c.starts_at / 1000), to_timestamp(c.ends_at / 1000),
         to_timestamp(c.blocked_from / 1000), to_timestamp(c.blocked_until / 1000), c.exclusive
  FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::boolean[])
    AS c (id, resource_id, kind, starts_at, ends_at, blocked_from, blocked_until, exclusive)
  ORDER BY c.resource_id, c.blocked_from
  ON CONFLICT ON CONSTRAINT allocation_no_overlap DO NOTHING
  RETURNING id`

/** What stands where these claims were not granted: the first of several, or nothing any more. */
export const BLOCKERS = `
  SELECT c.resource_id, blocker.starts_at, blocker.ends_at, blocker.is_hold
  FROM unnest($3::uuid[], $4::float8[], $5::float8[]) AS c (resource_id, blocked_from, blocked_until)
  LEFT JOIN LATERAL (
    SELECT a.starts_at, a.ends_at, a.hold_id IS NOT NULL AS is_hold FROM allocation a
    WHERE a.organization_id = $1 AND a.resource_id = c.resource_id AND a.exclusive AND a.hold_id IS DISTINCT FROM $2
      AND ${isInTheWay('$6')}
    ORDER BY a.starts_at LIMIT 1
  ) blocker ON true
  ORDER BY c.resource_id`

/** Answers it as it is: what locked it may have waited for another who took a part of it. */
export const RENEW_HOLD = `
  UPDATE hold h SET expires_at = ${time('$3')}, renewals = $4 WHERE h.organization_id = $1 AND h.id = $2 RETURNING ${HOLD}`

/** Its claims go with it. */
export const DELETE_HOLD = 'DELETE FROM hold WHERE organization_id = $1 AND id = $2'

/**
 * Deletes what gives way to claims (three arrays from `$4`): holds that are over by `$3`, and of those of the person `$2` the
 * rooms in the way. A hold whose last room goes ends; so does one without rooms that is met, since it keeps nobody out. Answers
 * what went of each, and whether it ended.
 */
export const CLEAR_HOLDS = `
  WITH near AS MATERIALIZED (
    -- From the claims to what is held of their resources, which is little: never through the bookings.
    SELECT a.hold_id, coalesce(array_agg(a.id) FILTER (WHERE a.exclusive), '{}') AS rooms
    FROM unnest($4::uuid[], $5::float8[], $6::float8[]) AS c (resource_id, blocked_from, blocked_until)
    CROSS JOIN LATERAL (
      SELECT hold_id, id, exclusive FROM allocation
      WHERE organization_id = $1 AND resource_id = c.resource_id AND hold_id IS NOT NULL
        AND blocked_from < to_timestamp(c.blocked_until / 1000) AND blocked_until > to_timestamp(c.blocked_from / 1000)
      OFFSET 0
    ) a
    GROUP BY a.hold_id
  ), met AS (
    SELECT h.*, near.rooms, h.expires_at <= ${time('$3')} OR last.room AS ends
    FROM near JOIN hold h ON h.organization_id = $1 AND h.id = near.hold_id
    CROSS JOIN LATERAL (
      SELECT NOT EXISTS (
        SELECT FROM allocation room
        WHERE room.organization_id = $1 AND room.hold_id = h.id AND room.exclusive AND room.id <> ALL (near.rooms)
      ) AS room
    ) last
    WHERE h.expires_at <= ${time('$3')} OR (h.user_id = $2 AND (last.room OR near.rooms <> '{}'))
    ORDER BY h.id FOR UPDATE OF h
  ), freed AS (
    DELETE FROM allocation a USING met
    WHERE a.organization_id = $1 AND a.hold_id = met.id AND (met.ends OR a.id = ANY (met.rooms)) RETURNING a.*
  ), ended AS (
    DELETE FROM hold h USING met WHERE h.organization_id = $1 AND h.id = met.id AND met.ends
  )
  SELECT h.id, h.user_id, h.starts_at, h.ends_at, h.created_at, h.expires_at, h.renewals, h.ends,
         (SELECT ${CLAIMS} FROM freed a WHERE a.hold_id = h.id) AS claims
  FROM met h ORDER BY h.id`
