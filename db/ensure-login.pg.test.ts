import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, openTestDatabase } from '../testkit/database.ts'
import { ensureLogin } from './ensure-login.ts'
import { openPool } from './pool.ts'

const NAME = `nodes_${randomBytes(4).toString('hex')}`

let database: TestDatabase
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(async () => {
  const owner = new pg.Client(database.url)
  await owner.connect()
  await owner.query(`DROP ROLE IF EXISTS ${NAME}`)
  await owner.end()
  await database[Symbol.asyncDispose]()
})

function urlWith(password: string): string {
  const url = new URL(database.url)
  url.username = NAME
  url.password = encodeURIComponent(password)
  return url.href
}

/** As a node does: acting as the role. */
async function ask(url: string, sql: string, role: 'convoke_app' | 'convoke_relay' = 'convoke_app') {
  const pool = openPool({ url, role, max: 1, onError: () => {} })
  try {
    return (await pool.query(sql)).rows[0]
  } finally {
    await pool.end()
  }
}

test('the login for nodes acts as their roles, with the newest password, and may do nothing as itself', async () => {
  await ensureLogin(database.url, urlWith('first'))
  await ensureLogin(database.url, urlWith("pass'word@ö"))
  const url = urlWith("pass'word@ö")
  expect(await ask(url, 'SELECT current_user::text AS role')).toEqual({ role: 'convoke_app' })
  expect(await ask(url, 'SELECT count(*) AS events FROM outbox', 'convoke_relay')).toEqual({ events: 0 })
  await expect(ask(urlWith('first'), 'SELECT 1')).rejects.toThrow('password authentication failed')
  const itself = new pg.Client(url)
  await itself.connect()
  for (const sql of [
    'SELECT FROM outbox',
    'CREATE TABLE mine ()',
    'CREATE ROLE another',
    'SET ROLE pg_read_all_data',
  ]) {
    await expect(itself.query(sql), sql).rejects.toThrow('permission denied')
  }
  await itself.end()
})
