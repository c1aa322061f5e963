import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openPool } from './pool.ts'
import { SchemaMismatch, migrate, readMigrations, refuseMismatch, requireSchema } from './migrate.ts'

const name = `migrate_${randomBytes(4).toString('hex')}`
let url: string
let admin: pg.Client
let pool: pg.Pool

beforeAll(async () => {
  const server = new URL(inject('postgresUrl'))
  server.pathname = '/postgres'
  admin = new pg.Client({ connectionString: server.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  server.pathname = `/${name}`
  url = server.href
  pool = openPool({ url, role: 'convoke_app', max: 1, onError: () => {} })
})

afterAll(async () => {
  await pool.end()
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
  await admin.end()
})

test('five nodes that migrate at once apply each migration once; a sixth finds nothing to do', async () => {
  const applied: string[] = []
  const five = Array.from({ length: 5 }, () => migrate(url, (migration) => applied.push(migration.name)))
  await Promise.all(five)
  await migrate(url, (migration) => applied.push(migration.name))
  const known = await readMigrations()
  expect(applied).toEqual(known.map((migration) => migration.name))
  await expect(requireSchema(pool)).resolves.toBeUndefined()
})

test('a migration that was changed after it ran is refused', async () => {
  await migrate(url)
  await asOwner("UPDATE schema_migration SET checksum = 'other' WHERE version = 1")
  await expect(migrate(url)).rejects.toThrow(SchemaMismatch)
  await expect(requireSchema(pool)).rejects.toThrow(/changed after it ran/)
  const [first] = await readMigrations()
  await asOwner(`UPDATE schema_migration SET checksum = '${first?.checksum}' WHERE version = 1`)
})

test('code that lacks an applied contract migration is too old; one that lacks an expand migration is not', async () => {
  const known = await readMigrations()
  const ahead = (kind: string) => [...known, { version: 9_999, kind, name: 'later', checksum: 'x' }]
  expect(() => refuseMismatch(known, ahead('contract'))).toThrow(/too old/)
  expect(() => refuseMismatch(known, ahead('expand'))).not.toThrow()
})

test('a store that was not migrated is named as such', async () => {
  await migrate(url)
  const last = (await readMigrations()).at(-1)
  await asOwner(`DELETE FROM schema_migration WHERE version = ${last?.version}`)
  await expect(requireSchema(pool)).rejects.toThrow(/migrate first/)
})

async function asOwner(text: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  await owner.query(text)
  await owner.end()
}
