import type { Pool } from 'pg'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'

/** Each removes at most `limit` rows that ended before `before`, and answers how many. */
export type Removal = (tx: OrganizationTx, before: Instant, limit: number) => Promise<number>

export const removeExpiredKeys: Removal = removal(
  'idempotency-remove',
  `DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM idempotency_key WHERE organization_id = $1 AND expires_at < to_timestamp($2::float8 / 1000) LIMIT $3))`,
)

/** What still waits to be handed in stays. */
export const removeOldMessages: Removal = removal(
  'messages-remove',
  `DELETE FROM message WHERE organization_id = $1 AND id IN (
     SELECT id FROM message WHERE organization_id = $1 AND created_at < to_timestamp($2::float8 / 1000)
       AND status NOT IN ('queued', 'sending') LIMIT $3)`,
)

export const removeDeadWork: Removal = removal(
  'due-remove',
  `DELETE FROM due WHERE organization_id = $1 AND (kind, subject) IN (
     SELECT kind, subject FROM due WHERE organization_id = $1 AND dead_at < to_timestamp($2::float8 / 1000) LIMIT $3)`,
)

/** Plans that nobody committed. */
export const removeLapsedPlans: Removal = removal(
  'plans-remove',
  `DELETE FROM booking_plan WHERE organization_id = $1 AND id IN (
     SELECT id FROM booking_plan WHERE organization_id = $1 AND expires_at < to_timestamp($2::float8 / 1000) LIMIT $3)`,
)

/** Drops months of the log or the audit that ended so long ago. Answers how many. */
export async function dropOldPartitions(
  relay: Pool,
  { parent, keepDays, at }: { parent: 'outbox' | 'audit'; keepDays: number; at: Instant },
): Promise<number> {
  const { rows } = await relay.query<{ dropped: number }>(
    'SELECT drop_old_partitions($1, $2, to_timestamp($3::float8 / 1000)) AS dropped',
    [parent, keepDays, at],
  )
  return rows[0]?.dropped ?? 0
}

/** Has this organisation a row of that kind? */
export async function hasDue(tx: OrganizationTx, kind: string): Promise<boolean> {
  const { rowCount } = await tx.query('due-has', 'SELECT FROM due WHERE organization_id = $1 AND kind = $2 LIMIT 1', [
    tx.organizationId,
    kind,
  ])
  return rowCount === 1
}

/** The same for an organisation that is none: nobody is behind its wall. */
export async function hasInstallationDue(relay: Pool, installation: string, kind: string): Promise<boolean> {
  const { rowCount } = await relay.query({
    name: 'due-has-installation',
    text: 'SELECT FROM due WHERE organization_id = $1 AND kind = $2 LIMIT 1',
    values: [installation, kind],
  })
  return rowCount === 1
}

function removal(name: string, text: string): Removal {
  return async (tx, before, limit) => {
    const { rowCount } = await tx.query(name, text, [tx.organizationId, before, limit])
    return rowCount ?? 0
  }
}
