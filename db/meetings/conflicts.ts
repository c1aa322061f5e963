import type { Conflict } from '../../domain/refusals.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { LONGEST_BLOCK_MS } from './meetings-sql.ts'

const MAX_CONFLICTS = 500

/**
 * What would stand in the way of a booking of that span: what takes these rooms, the buffers of both included, and these
 * people. Times only: nothing says what it is.
 */
export async function conflictsIn(
  tx: OrganizationTx,
  { roomIds, userIds }: { roomIds: readonly string[]; userIds: readonly string[] },
  span: Interval,
): Promise<Conflict[]> {
  const { rows } = await tx.query<{ resource_id: string; starts_at: Instant; ends_at: Instant }>(
    'conflicts-in',
    CONFLICTS,
    [tx.organizationId, roomIds, userIds, span.start, span.end, LONGEST_BLOCK_MS / 1000, MAX_CONFLICTS],
  )
  return rows.map((row) => ({ resourceId: row.resource_id, start: row.starts_at, end: row.ends_at, kind: 'booking' }))
}

const CONFLICTS = `
  WITH asked AS (
    SELECT id, 'room' AS kind,
           to_timestamp($4::float8 / 1000) - make_interval(mins => coalesce((booking_rules->>'bufferBeforeMinutes')::integer, 0)) AS from_at,
           to_timestamp($5::float8 / 1000) + make_interval(mins => coalesce((booking_rules->>'bufferAfterMinutes')::integer, 0)) AS until_at
    FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])
    UNION ALL
    SELECT DISTINCT id, 'person', to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000) FROM unnest($3::uuid[]) AS id
  )
  SELECT a.resource_id, a.starts_at, a.ends_at
  FROM asked JOIN allocation a ON a.organization_id = $1 AND a.resource_id = asked.id AND a.resource_kind = asked.kind
    AND a.starts_at < asked.until_at + interval '1 day' AND a.starts_at > asked.from_at - make_interval(secs => $6)
    AND a.blocked_from < asked.until_at AND a.blocked_until > asked.from_at
  ORDER BY a.starts_at, a.resource_id LIMIT $7`
