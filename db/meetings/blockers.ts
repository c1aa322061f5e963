import type { Claim } from '../../domain/meetings/meeting.ts'
import type { Blockable, Blocker } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { keepsOut } from '../holds/holds-sql.ts'
import type { Viewer } from '../rooms/free-rooms.ts'
import type { OrganizationTx } from '../transaction.ts'
import { LONGEST_BLOCK_MS, isInTheWay } from './meetings-sql.ts'

/** As many as a preview names. */
const MAX_BLOCKERS = 5_000

/** What stands where these claims would, but for claims that are given back first, and holds that give way (db/holds/hold-way.ts). */
export async function blockersOf(
  tx: OrganizationTx,
  claims: readonly Blockable[],
  released: readonly Claim[],
  { userId, now }: Viewer,
): Promise<Blocker[]> {
  const { rows } = await tx.query<{
    resource_id: string
    recurrence_id: string
    starts_at: Instant
    ends_at: Instant
    is_hold: boolean
  }>('claim-blockers', BLOCKERS, [
    tx.organizationId,
    claims.map((c) => c.resourceId),
    claims.map((c) => c.recurrenceId),
    claims.map((c) => c.blockedFrom),
    claims.map((c) => c.blockedUntil),
    LONGEST_BLOCK_MS / 1000,
    released.map((c) => c.id),
    userId,
    now,
    MAX_BLOCKERS,
  ])
  return rows.map((row) => ({
    resourceId: row.resource_id,
    recurrenceId: row.recurrence_id as Blocker['recurrenceId'],
    start: row.starts_at,
    end: row.ends_at,
    kind: row.is_hold ? 'hold' : 'booking',
  }))
}

// The bounds of `starts_at` stand in a query of their own, where they bound the index range: in a join of the row-level security's
// kind they are a filter only, and each claim would read all that the room ever held.
const BLOCKERS = `
  SELECT c.resource_id, c.recurrence_id, a.starts_at, a.ends_at, a.hold_id IS NOT NULL AS is_hold
  FROM unnest($2::uuid[], $3::text[], $4::float8[], $5::float8[]) AS c (resource_id, recurrence_id, blocked_from, blocked_until)
  CROSS JOIN LATERAL (
    SELECT a.id, a.starts_at, a.ends_at, a.hold_id FROM allocation a
    WHERE a.organization_id = $1 AND a.resource_id = c.resource_id AND a.exclusive AND ${isInTheWay('$6')}
      AND ${keepsOut('a', '$8', '$9')}
    OFFSET 0
  ) AS a
  LEFT JOIN unnest($7::uuid[]) AS gone (id) ON gone.id = a.id
  WHERE gone.id IS NULL
  ORDER BY c.blocked_from, c.resource_id, a.starts_at LIMIT $10`
