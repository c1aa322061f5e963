import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authRoutes } from '../server/rest/auth.ts'
import { roomsRoutes } from '../server/rest/rooms.ts'
import { type SignedIn, type TestApi, openTestApi } from '../testkit/api.ts'
import { listUsers, userById } from './people/queries.ts'
import { listRooms, roomById } from './rooms/queries.ts'
import { type OrganizationTx, readOnly, transact } from './transaction.ts'
import { ok } from '../domain/result.ts'

const TABLES = [
  'users',
  'building',
  'floor',
  'equipment',
  'room',
  'meeting',
  'participant',
  'occurrence',
  'allocation',
  'room_use',
  'room_occupancy',
  'occupancy_sample',
  'topic_head',
  'outbox',
  'audit',
  'idempotency_key',
  'device',
]

let api: TestApi
let mine: { organizationId: string; userId: string; roomId: string }
let theirs: typeof mine
beforeAll(async () => {
  api = await openTestApi((deps) => [...authRoutes(deps), ...roomsRoutes(deps)])
  mine = await organisation()
  theirs = await organisation()
})
afterAll(() => api[Symbol.asyncDispose]())

async function organisation(): Promise<typeof mine> {
  const owner: SignedIn = await api.register()
  const principal = await api.identity.authenticate(owner.accessToken, 'http')
  const body = { name: 'Aurora', capacity: 4, equipment: ['TV'] }
  const room = await api.call('POST', '/rooms', { token: owner.accessToken, body })
  await api.call('PUT', `/rooms/${room.body.id}`, { token: owner.accessToken, body: { capacity: 5, version: 1 } })
  return { organizationId: principal!.organizationId, userId: owner.user.id, roomId: room.body.id }
}

describe('the first layer: queries name their organisation', () => {
  test('nothing of another organisation comes out of a list or by its id', async () => {
    const { organizationId } = mine
    const pool = api.database.app
    expect((await listUsers(pool, organizationId, { limit: 10 })).map((user) => user.id)).toEqual([mine.userId])
    expect((await listRooms(pool, organizationId, { limit: 10 })).map((room) => room.id)).toEqual([mine.roomId])
    expect(await userById(pool, organizationId, theirs.userId)).toBeUndefined()
    expect(await roomById(pool, organizationId, theirs.roomId)).toBeUndefined()
  })
})

describe('the second layer: row-level security, whatever a query says', () => {
  test('without an organisation no table has a row', async () => {
    for (const table of TABLES) {
      const { rowCount } = await api.database.app.query(`SELECT FROM ${table}`)
      expect(rowCount, table).toBe(0)
    }
  })

  test('with one, only its rows are there, in every table', async () => {
    await readOnly(api.database.app, mine.organizationId, async (tx) => {
      for (const table of TABLES) {
        const { rows } = await tx.query<{ organization_id: string }>('', `SELECT organization_id FROM ${table}`, [])
        expect(
          rows.filter((row) => row.organization_id !== mine.organizationId),
          table,
        ).toEqual([])
      }
      for (const table of ['users', 'room', 'equipment', 'outbox', 'audit', 'topic_head']) {
        expect((await tx.query('', `SELECT FROM ${table}`, [])).rowCount, table).toBeGreaterThan(0)
      }
    })
  })

  test('another organisation’s rows cannot be changed, deleted, locked or made', async () => {
    await inMine(async (tx) => {
      for (const statement of [
        'UPDATE room SET capacity = 1 WHERE id = $1',
        'DELETE FROM room WHERE id = $1',
        'SELECT FROM room WHERE id = $1 FOR UPDATE',
      ]) {
        expect((await tx.query('', statement, [theirs.roomId])).rowCount, statement).toBe(0)
      }
    })
    const insert = 'INSERT INTO equipment (organization_id, id, name) VALUES ($1, gen_random_uuid(), $2)'
    await expect(inMine((tx) => tx.query('', insert, [theirs.organizationId, 'x']))).rejects.toMatchObject({
      code: '42501',
    })
    const move = 'UPDATE room SET organization_id = $1 WHERE id = $2'
    await expect(inMine((tx) => tx.query('', move, [theirs.organizationId, mine.roomId]))).rejects.toMatchObject({
      code: '42501',
    })
  })

  test('the next transaction on the same connection starts without an organisation', async () => {
    const client = await api.database.app.connect()
    await client.query(`BEGIN; SET LOCAL app.organization = '${mine.organizationId}'`)
    expect((await client.query('SELECT FROM users')).rowCount).toBe(1)
    await client.query('COMMIT')
    expect((await client.query('SELECT FROM users')).rowCount).toBe(0)
    client.release()
  })
})

describe('the third layer: keys lead with the organisation', () => {
  test('a row cannot refer to another organisation’s, not even for who bypasses the second layer', async () => {
    const owner = new pg.Client(api.database.url)
    await owner.connect()
    const floor = `INSERT INTO floor SELECT $1, gen_random_uuid(), b.id, 'F', 1 FROM building b WHERE b.organization_id = $2`
    await owner.query(`INSERT INTO building VALUES ($1, gen_random_uuid(), 'B', NULL, 'UTC')`, [theirs.organizationId])
    await expect(owner.query(floor, [mine.organizationId, theirs.organizationId])).rejects.toMatchObject({
      code: '23503',
    })
    await owner.end()
  })
})

test('the app’s role bypasses nothing and owns nothing', async () => {
  const { rows } = await api.database.app.query(
    `SELECT rolsuper OR rolbypassrls AS bypasses, (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owns
     FROM pg_roles r WHERE rolname = current_user`,
  )
  expect(rows).toEqual([{ bypasses: false, owns: 0 }])
})

function inMine(work: (tx: OrganizationTx) => Promise<unknown>): Promise<unknown> {
  const options = { now: api.clock.now, onNews: () => {} }
  return transact(api.database.app, mine, options, async (tx) => {
    await work(tx)
    return ok(undefined)
  })
}
