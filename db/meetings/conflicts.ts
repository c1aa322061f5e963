import type { Conflict } from '../../domain/refusals.ts'
import type { Instant, Interval } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { LONGEST_BLOCK_MS } from './meetings-sql.ts'

const MAX_CONFLICTS = 500

/** What already takes these rooms (buffers included) and people in a span. Times only: nothing says what it is. */
export async function conflictsIn(
  tx: OrganizationTx,
  resourceIds: readonly string[],
  span: Interval,
): Promise<Conflict[]> {
  const { rows } = await tx.query<{ resource_id: string; recurrence_id: string; starts_at: Instant; ends_at: Instant }>(
    'conflicts-in',
    `SELECT resource_id, recurrence_id, starts_at, ends_at FROM allocation
     WHERE organization_id = $1 AND resource_id = ANY ($2::uuid[])
       AND starts_at < to_timestamp($4::float8 / 1000) + interval '1 day'
       AND starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
       AND blocked_from < to_timestamp($4::float8 / 1000) AND blocked_until > to_timestamp($3::float8 / 1000)
     ORDER BY starts_at, resource_id LIMIT $6`,
    [tx.organizationId, resourceIds, span.start, span.end, LONGEST_BLOCK_MS / 1000, MAX_CONFLICTS],
  )
  return rows.map((row) => ({
    resourceId: row.resource_id,
    recurrenceId: row.recurrence_id,
    start: row.starts_at,
    end: row.ends_at,
    kind: 'booking',
  }))
}
