import pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS, instant, plus } from '../domain/time/instant.ts'
import { type TestDatabase, openTestDatabase } from '../testkit/database.ts'
import { readChangedSpans } from './availability/live-facts.ts'
import { openPool } from './pool.ts'

const ORGANIZATION = v7()
const PEOPLE = Array.from({ length: 250 }, () => v7())
const MONDAY = instant(Date.UTC(2027, 0, 4))
const WINDOW = { start: MONDAY, end: plus(MONDAY, 7 * DAY_MS) }
const TABLES = ['allocation', 'occurrence', 'participant']

let database: TestDatabase
let owner: pg.Client
beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
})
afterAll(async () => {
  await owner?.end()
  await database?.[Symbol.asyncDispose]()
})

test('every tenant table says that naming an organisation selects little', async () => {
  const { rows } = await owner.query(`
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
    LEFT JOIN pg_stats s ON s.schemaname = 'public' AND s.tablename = c.relname AND s.attname = 'organization_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (a.attoptions @> '{n_distinct=2,n_distinct_inherited=2}' AND s.n_distinct = 2) IS NOT TRUE`)
  expect(rows.map(({ relname }) => relname)).toEqual([])
})

test('what was planned when the store was nearly empty still reads by its keys when it is full', async () => {
  // Else the rows may be counted, and the statement planned anew, before we look.
  for (const table of TABLES) await owner.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  const pool = openPool({ url: database.url, role: 'convoke_app', max: 1, onError: () => {} })
  const read = async (meeting: string) => {
    const person = PEOPLE.at(-1) as string
    const subject = { id: person, kind: 'person' as const, windows: [WINDOW], meetings: [meeting] }
    return (await readChangedSpans(pool, ORGANIZATION, [subject])).get(person)
  }
  await book(PEOPLE.length)
  await owner.query(`ANALYZE ${TABLES.join()}`)
  expect(await read(v7())).toEqual([])

  const meeting = await book(20 * PEOPLE.length)
  const before = await fetched()
  expect(await read(meeting)).toHaveLength(1)
  // It tells what it has read when it goes.
  await pool.end()
  expect((await fetched()) - before).toBeLessThan(100)
})

/** So many meetings of a minute, one after the other, each of the next person; the id of the last. */
async function book(count: number): Promise<string> {
  await owner.query('SET session_replication_role = replica')
  const { rows } = await owner.query<{ id: string }>(
    `WITH claim AS (
       INSERT INTO allocation (organization_id, id, resource_id, resource_kind, meeting_id, recurrence_id, starts_at, ends_at,
                               blocked_from, blocked_until, exclusive)
       SELECT $1, gen_random_uuid(), ($2::uuid[])[1 + (n - 1) % cardinality($2)], 'person', gen_random_uuid(), '20270104T000000', t.at, t.until, t.at, t.until, false
       FROM generate_series(1, $3::integer) AS n
       CROSS JOIN LATERAL (SELECT to_timestamp($4::float8 / 1000 + n * 60), to_timestamp($4::float8 / 1000 + n * 60 + 60)) AS t (at, until)
       RETURNING *
     ), people AS (
       INSERT INTO participant (organization_id, meeting_id, id, user_id, role, response)
       SELECT organization_id, meeting_id, resource_id, resource_id, 'required', 'accepted' FROM claim
     )
     INSERT INTO occurrence (organization_id, meeting_id, recurrence_id, starts_at, ends_at, status)
     SELECT organization_id, meeting_id, recurrence_id, starts_at, ends_at, 'confirmed' FROM claim
     RETURNING meeting_id AS id, starts_at`,
    [ORGANIZATION, PEOPLE, count, WINDOW.start],
  )
  return rows.at(-1)!.id
}

async function fetched(): Promise<number> {
  await owner.query('SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()')
  const { rows } = await owner.query<{ rows: number }>(
    'SELECT sum(seq_tup_read + idx_tup_fetch)::integer AS rows FROM pg_stat_user_tables WHERE relname = ANY ($1)',
    [TABLES],
  )
  return rows[0]!.rows
}
