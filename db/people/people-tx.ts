import type { Pool } from 'pg'
import { and, eq, sql } from 'drizzle-orm'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { PeopleDeps, PeopleTx } from '../../domain/people/ports.ts'
import type { User } from '../../domain/people/user.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { giveAccess, noteAccessChange } from '../identity/access.ts'
import { record } from '../outbox.ts'
import { users } from '../schema/people.ts'
import { selectRows } from '../select-rows.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { isUniqueViolation } from '../unique-violation.ts'
import { peopleAmong, readDelegates, writeDelegates } from './delegates.ts'
import { lockHolidays, readHolidays, writeHolidays } from './holidays.ts'
import { readTime, writeTime } from './person-time.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

export function createPeopleStore(deps: StoreDeps): Pick<PeopleDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(peopleTx(deps, tx, now))),
  }
}

function peopleTx(ids: Ids, tx: OrganizationTx, now: Instant): PeopleTx {
  return {
    async lockOwners() {
      const isOwner = and(eq(users.organizationId, tx.organizationId), eq(users.role, 'owner'))
      const owners = await selectRows(tx, users, { where: isOwner, orderBy: [sql`${users.id}`], forUpdate: true })
      return owners.map((owner) => owner.id)
    },
    load: (id) => findUser(tx, id, { forUpdate: true }),
    async insert(user) {
      try {
        await insertUser(tx, user)
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    },
    giveAccess: (user, passwordHash) => giveAccess(tx, ids, user, passwordHash),
    async update(user) {
      await tx.query('user-update', UPDATE, [tx.organizationId, user.id, ...columnsOf(user)])
    },
    timeOf: (userId) => readTime(tx, userId),
    updateTime: (userId, time) => writeTime(tx, userId, time),
    delegatesOf: (userId) => readDelegates(tx, userId),
    setDelegates: (userId, delegateIds, at) => writeDelegates(tx, userId, delegateIds, at),
    peopleAmong: (among) => peopleAmong(tx, among),
    lockHolidays: (calendar) => lockHolidays(tx, calendar),
    holidaysOf: (calendar) => readHolidays(tx, calendar),
    setHolidays: (calendar, items) => writeHolidays(tx, calendar, items),
    noteAccessChange: (userId, at) => noteAccessChange(tx, userId, at),
    record: (actor, entry) => record(tx, { ...entry, actor, now, id: ids.newId() }),
  }
}

export async function findUser(
  tx: OrganizationTx,
  id: string,
  lock: { forUpdate?: true } = {},
): Promise<User | undefined> {
  const where = and(eq(users.organizationId, tx.organizationId), eq(users.id, id))
  const [row] = await selectRows(tx, users, { where, ...lock })
  return row && userOf(row)
}

export function userOf({ organizationId: _, ...user }: typeof users.$inferSelect): User {
  return user
}

/** Fails with a unique violation when the e-mail address is taken in this organisation. */
export async function insertUser(tx: OrganizationTx, user: User): Promise<void> {
  await tx.query('user-insert', INSERT, [tx.organizationId, user.id, ...columnsOf(user), user.email, user.createdAt])
}

function columnsOf(user: User): unknown[] {
  const { firstName, lastName, department, role, timezone, workingHours, preferences, version, updatedAt } = user
  return [
    firstName,
    lastName,
    department,
    role,
    timezone,
    JSON.stringify(workingHours),
    JSON.stringify(preferences),
    version,
    updatedAt,
  ]
}

const UPDATE = `
  UPDATE users SET first_name = $3, last_name = $4, department = $5, role = $6, timezone = $7, working_hours = $8,
    preferences = $9, version = $10, updated_at = to_timestamp($11 / 1000.0)
  WHERE organization_id = $1 AND id = $2`

const INSERT = `
  INSERT INTO users (organization_id, id, first_name, last_name, department, role, timezone, working_hours,
    preferences, version, updated_at, email, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11 / 1000.0), $12, to_timestamp($13 / 1000.0))`
