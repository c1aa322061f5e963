import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'

/** Who may act for a person, in the order of ids. */
export async function readDelegates(tx: OrganizationTx, principalId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'delegates-of',
    `SELECT delegate_id AS id FROM delegate WHERE organization_id = $1 AND principal_id = $2 ORDER BY delegate_id`,
    [tx.organizationId, principalId],
  )
  return rows.map(({ id }) => id)
}

/** These from now on and nobody else; who was one before keeps his date. */
export async function writeDelegates(
  tx: OrganizationTx,
  principalId: string,
  delegateIds: readonly string[],
  now: Instant,
): Promise<void> {
  await tx.query(
    'delegates-keep',
    `DELETE FROM delegate WHERE organization_id = $1 AND principal_id = $2 AND delegate_id <> ALL ($3::uuid[])`,
    [tx.organizationId, principalId, delegateIds],
  )
  await tx.query(
    'delegates-put',
    `INSERT INTO delegate (organization_id, principal_id, delegate_id, created_at)
     SELECT $1, $2, d.id, to_timestamp($4::float8 / 1000) FROM unnest($3::uuid[]) AS d (id) ON CONFLICT DO NOTHING`,
    [tx.organizationId, principalId, delegateIds, now],
  )
}

/** Of these ids those of people of this organisation; panels are none. */
export async function peopleAmong(tx: OrganizationTx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'people-among',
    `SELECT id FROM users WHERE organization_id = $1 AND id = ANY ($2::uuid[]) AND role <> 'panel'`,
    [tx.organizationId, ids],
  )
  return rows.map(({ id }) => id)
}
