import type { Idempotency } from '../domain/identity/actor.ts'
import { type Instant, HOUR_MS } from '../domain/time/instant.ts'

/** What is needed of an OrganizationTx (which itself stands on this file). */
interface Statements {
  readonly organizationId: string
  query<R extends object>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<{ rows: R[]; rowCount: number | null }>
}

const KEPT_MS = 24 * HOUR_MS

type Claim = { mine: true } | { mine: false; fingerprint: string; value: unknown }

/**
 * First lock of a transaction. A parallel call with the same key waits here for the other's commit, then reads its
 * value (READ COMMITTED). An expired key is taken over.
 */
export async function claimKey(
  tx: Statements,
  actorId: string,
  { key, operation, fingerprint }: Idempotency,
  now: Instant,
): Promise<Claim> {
  const claimed = await tx.query(
    'idempotency-claim',
    `INSERT INTO idempotency_key AS kept (organization_id, actor_id, operation, key, fingerprint, expires_at)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0))
     ON CONFLICT (organization_id, actor_id, operation, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, value = NULL, expires_at = excluded.expires_at
       WHERE kept.expires_at <= to_timestamp($7 / 1000.0)
     RETURNING 1`,
    [tx.organizationId, actorId, operation, key, fingerprint, now + KEPT_MS, now],
  )
  if (claimed.rowCount === 1) return { mine: true }
  const kept = await tx.query<{ fingerprint: string; value: unknown }>(
    'idempotency-read',
    `SELECT fingerprint, value FROM idempotency_key
     WHERE organization_id = $1 AND actor_id = $2 AND operation = $3 AND key = $4`,
    [tx.organizationId, actorId, operation, key],
  )
  const row = kept.rows[0]
  if (row === undefined) throw new Error('an idempotency key vanished between claim and read')
  return { mine: false, ...row }
}

export async function keepValue(
  tx: Statements,
  actorId: string,
  { key, operation }: Idempotency,
  value: unknown,
): Promise<void> {
  await tx.query(
    'idempotency-keep',
    `UPDATE idempotency_key SET value = $5
     WHERE organization_id = $1 AND actor_id = $2 AND operation = $3 AND key = $4`,
    [tx.organizationId, actorId, operation, key, JSON.stringify(value ?? null)],
  )
}
