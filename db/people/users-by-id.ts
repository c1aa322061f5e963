import { and, eq, sql } from 'drizzle-orm'
import type { User } from '../../domain/people/user.ts'
import { users } from '../schema/people.ts'
import { selectRows } from '../select-rows.ts'
import type { OrganizationTx } from '../transaction.ts'
import { userOf } from './people-tx.ts'

/** In no order; who is not of this organisation is left out. */
export async function usersById(tx: OrganizationTx, ids: readonly string[]): Promise<User[]> {
  const where = and(eq(users.organizationId, tx.organizationId), sql`${users.id} = ANY (${sql.param(ids)}::uuid[])`)
  return (await selectRows(tx, users, { where })).map(userOf)
}
