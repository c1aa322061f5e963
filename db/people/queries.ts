import type { Pool } from 'pg'
import { type SQL, and, eq, ne, or, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Role } from '../../domain/identity/actor.ts'
import type { PersonTime } from '../../domain/people/ports.ts'
import type { User } from '../../domain/people/user.ts'
import { users } from '../schema/people.ts'
import { selectRows } from '../select-rows.ts'
import { readAtOnce, readOnly } from '../transaction.ts'
import { readDelegates } from './delegates.ts'
import { findUser, userOf } from './people-tx.ts'
import { readTime } from './person-time.ts'

export interface UserFilter {
  /** Start of a first name, last name or e-mail address, in any case. */
  q?: string | undefined
  department?: string | undefined
  role?: Role | undefined
  /** Only this person, for who may see nobody else. */
  only?: string | undefined
  limit: number
  after?: readonly [lastName: string, firstName: string, id: string] | undefined
}

/** In the order of names; at most `limit`. */
export function listUsers(pool: Pool, organizationId: string, filter: UserFilter): Promise<User[]> {
  const { q, department, role, only, limit, after } = filter
  const conditions: (SQL | undefined)[] = [
    eq(users.organizationId, organizationId),
    q === undefined
      ? undefined
      : or(startsWith(users.firstName, q), startsWith(users.lastName, q), startsWith(users.email, q)),
    department === undefined ? undefined : eq(users.department, department),
    // Panels are users that nobody looks for among people.
    role === undefined ? ne(users.role, 'panel') : eq(users.role, role),
    only === undefined ? undefined : eq(users.id, only),
    after && sql`(${users.lastName}, ${users.firstName}, ${users.id}) > (${after[0]}, ${after[1]}, ${after[2]}::uuid)`,
  ]
  return readOnly(pool, organizationId, async (tx) => {
    const orderBy = [sql`${users.lastName}`, sql`${users.firstName}`, sql`${users.id}`]
    return (await selectRows(tx, users, { where: and(...conditions), orderBy, limit })).map(userOf)
  })
}

export function userById(pool: Pool, organizationId: string, id: string): Promise<User | undefined> {
  return readOnly(pool, organizationId, (tx) => findUser(tx, id))
}

export interface UserWithTime extends PersonTime {
  user: User
  /** Ids of those who may act for him. */
  delegateIds: string[]
}

/** The person with what he says of his time. */
export function userWithTime(pool: Pool, organizationId: string, id: string): Promise<UserWithTime | undefined> {
  return readAtOnce(pool, organizationId, async (tx) => {
    const [user, time, delegateIds] = await Promise.all([findUser(tx, id), readTime(tx, id), readDelegates(tx, id)])
    return user && { user, ...time, delegateIds }
  })
}

function startsWith(column: AnyPgColumn, prefix: string): SQL {
  return sql`starts_with(lower(${column}), lower(${prefix}))`
}
