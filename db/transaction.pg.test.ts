import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuse } from '../domain/refusals.ts'
import { err, ok } from '../domain/result.ts'
import { instant } from '../domain/time/instant.ts'
import { type TestDatabase, openTestDatabase } from '../testkit/database.ts'
import { uuid7 } from '../testkit/api.ts'
import { record } from './outbox.ts'
import { OutcomeUnknown } from './pool.ts'
import { type OrganizationTx, transact } from './transaction.ts'

const now = instant(Date.UTC(2026, 10, 23, 9))
const organizationId = uuid7(now)
const actor = {
  organizationId,
  userId: uuid7(now),
  sessionId: uuid7(now),
  requestId: uuid7(now),
  role: 'member' as const,
}
let database: TestDatabase
let wakes = 0
const options = { now, onNews: () => (wakes += 1) }

beforeAll(async () => {
  database = await openTestDatabase()
})

afterAll(() => database[Symbol.asyncDispose]())

test('only an ok commits, and only a commit with news wakes the relay', async () => {
  wakes = 0
  await transact(database.app, actor, options, async (tx) => {
    await news(tx, 'room:refused')
    return err(refuse('slot_conflict'))
  })
  await expect(
    transact(database.app, actor, options, async (tx) => {
      await news(tx, 'room:thrown')
      throw new Error('a bug')
    }),
  ).rejects.toThrow('a bug')
  expect(wakes).toBe(0)
  await transact(database.app, actor, options, async (tx) => {
    await news(tx, 'room:kept')
    return ok(1)
  })
  expect(wakes).toBe(1)
  expect(await topics()).toEqual(['room:kept'])
})

test('the answer to COMMIT is lost but the commit happened: the caller hears ok', async () => {
  const result = await transact(database.app, actor, options, async (tx) => {
    await news(tx, 'room:lost-answer')
    await commitBehindItsBack(tx)
    return ok('done')
  })
  expect(result).toEqual(ok('done'))
  expect(await topics()).toContain('room:lost-answer')
})

test('the connection is lost before the commit: it throws, and nothing was written', async () => {
  const failing = transact(database.app, actor, options, async (tx) => {
    await news(tx, 'room:never')
    await cut(tx)
    return ok('done')
  })
  await expect(failing).rejects.not.toBeInstanceOf(OutcomeUnknown)
  expect(await topics()).not.toContain('room:never')
})

test('two transactions that deadlock are both done in the end', async () => {
  const meet = Promise.withResolvers<void>()
  let arrived = 0
  const both = [
    ['a', 'b'],
    ['b', 'a'],
  ].map(([first, second]) =>
    transact(database.app, actor, options, async (tx) => {
      await lock(tx, `room:${first}`)
      arrived += 1
      if (arrived === 2) meet.resolve()
      await meet.promise
      await lock(tx, `room:${second}`)
      return ok(first)
    }),
  )
  expect(await Promise.all(both)).toEqual([ok('a'), ok('b')])
})

function news(tx: OrganizationTx, topic: `room:${string}`): Promise<void> {
  const events = [{ topic, type: 'room.updated' as const, data: {} }]
  return record(tx, { actor, now, id: uuid7(now), events, audit: { action: 'test', subjectId: uuid7(now) } })
}

function lock(tx: OrganizationTx, topic: string): Promise<unknown> {
  return tx.query(
    'test-lock',
    `INSERT INTO topic_head (organization_id, topic, seq) VALUES ($1, $2, 1)
     ON CONFLICT (organization_id, topic) DO UPDATE SET seq = topic_head.seq + 1`,
    [organizationId, topic],
  )
}

/** Commits and then ends the session, so that the COMMIT of the wrapper meets a dead connection. */
async function commitBehindItsBack(tx: OrganizationTx): Promise<void> {
  const pid = await backend(tx)
  await tx.query('test-commit', 'COMMIT', [])
  await terminate(pid)
}

async function cut(tx: OrganizationTx): Promise<void> {
  await terminate(await backend(tx))
}

async function backend(tx: OrganizationTx): Promise<number> {
  const { rows } = await tx.query<{ pid: number }>('test-pid', 'SELECT pg_backend_pid() AS pid', [])
  return rows[0]?.pid ?? 0
}

async function terminate(pid: number): Promise<void> {
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  await owner.query('SELECT pg_terminate_backend($1, 5000)', [pid])
  await owner.end()
}

async function topics(): Promise<string[]> {
  const { rows } = await database.relay.query<{ topic: string }>('SELECT topic FROM outbox ORDER BY id')
  return rows.map((row) => row.topic)
}
