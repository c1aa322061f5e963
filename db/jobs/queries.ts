import type { Pool } from 'pg'
import type { Instant } from '../../domain/time/instant.ts'
import { readOnly } from '../transaction.ts'

/** Work that was given up. */
export interface DeadJob {
  kind: string
  subject: string
  attempts: number
  deadAt: Instant
  error: string | null
}

export interface DeadJobFilter {
  limit: number
  after?: readonly [deadAt: number, kind: string, subject: string] | undefined
}

/** Oldest first. */
export function listDeadJobs(pool: Pool, organizationId: string, { limit, after }: DeadJobFilter): Promise<DeadJob[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<DeadJob>(
      'due-dead',
      `SELECT kind, subject, attempts, dead_at AS "deadAt", last_error AS error FROM due
       WHERE organization_id = $1 AND dead_at IS NOT NULL
         AND ($2::float8 IS NULL OR (dead_at, kind, subject) > (to_timestamp($2 / 1000), $3::text, $4::text))
       ORDER BY dead_at, kind, subject LIMIT $5`,
      [organizationId, ...(after ?? [null, null, null]), limit],
    )
    return rows
  })
}
