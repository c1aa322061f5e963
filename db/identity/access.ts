import type { Ids } from '../../domain/deps.ts'
import type { User } from '../../domain/people/user.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A password hash that opens nothing. */
export const CLOSED = '!'

/**
 * A membership with a password of its own, under the account of that e-mail address. An account that exists is not
 * touched, and what it may open elsewhere says nothing here; its id is used, never told.
 */
export async function giveAccess(tx: OrganizationTx, ids: Ids, user: User, passwordHash = CLOSED): Promise<void> {
  await tx.query(
    'access-account',
    `INSERT INTO identity.account (id, email, password_hash, created_at, updated_at)
     VALUES ($1, $2, '${CLOSED}', to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0))
     ON CONFLICT (email) DO NOTHING`,
    [ids.newId(), user.email, user.createdAt],
  )
  await tx.query(
    'access-membership',
    `INSERT INTO identity.membership (account_id, organization_id, user_id, password_hash)
     SELECT id, $1, $2, $3 FROM identity.account WHERE email = $4`,
    [tx.organizationId, user.id, passwordHash, user.email],
  )
}

/** What every node polls (revocations.ts): this user's role is another one. */
export async function noteAccessChange(tx: OrganizationTx, userId: string, at: number): Promise<void> {
  await tx.query(
    'access-change',
    `UPDATE identity.membership SET access_changed_at = to_timestamp($3 / 1000.0)
     WHERE organization_id = $1 AND user_id = $2`,
    [tx.organizationId, userId, at],
  )
}
