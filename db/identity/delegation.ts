import type { Pool } from 'pg'
import type { Role } from '../../domain/identity/actor.ts'
import { readAtOnce } from '../transaction.ts'

/** The role of the person for whom this delegate may act; undefined: for him he may not. Never remembered, so a delegation ends at once. */
export async function roleOfPrincipal(
  pool: Pool,
  organizationId: string,
  { principalId, delegateId }: { principalId: string; delegateId: string },
): Promise<Role | undefined> {
  const { rows } = await readAtOnce(pool, organizationId, (tx) =>
    tx.query<{ role: Role }>('delegation', DELEGATION, [organizationId, principalId, delegateId]),
  )
  return rows[0]?.role
}

const DELEGATION = `
  SELECT u.role FROM delegate d JOIN users u ON u.organization_id = d.organization_id AND u.id = d.principal_id
  WHERE d.organization_id = $1 AND d.principal_id = $2 AND d.delegate_id = $3`
