import pg from 'pg'
import { pino } from 'pino'
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPasswords } from '../../db/identity/passwords.ts'
import { findCredentials } from '../../db/identity/queries.ts'
import { type Instant, DAY_MS, instant } from '../../domain/time/instant.ts'
import { type TestDatabase, openTestDatabase } from '../../testkit/database.ts'
import type { DemoDeps } from './loading.ts'
import { type DemoSummary, loadDemo } from './load-demo.ts'

const WEDNESDAY = instant(Date.UTC(2026, 10, 25, 13, 20))

let database: TestDatabase
let owner: pg.Client
let outcomes: DemoSummary[]
let nameHalfWay: string

// The store every test looks at has been through the worst: a load that broke off, then two at once.
beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  const breakOff = (done: number) => {
    if (done === 700) throw new Error('broken off')
  }
  await expect(load(database, WEDNESDAY, breakOff)).rejects.toThrow('broken off')
  nameHalfWay = await one<string>('SELECT name FROM identity.organization')
  // Finished in another week: the meetings stay those of the week it was begun in.
  const later = instant(WEDNESDAY + 9 * DAY_MS)
  outcomes = await Promise.all([load(database, later), load(database, later)])
})

afterAll(async () => {
  await owner.end()
  await database[Symbol.asyncDispose]()
})

test('it is loaded once by two who try, and has its name only when everything is there', () => {
  expect(nameHalfWay).not.toContain('Meridian')
  expect(outcomes.filter(({ loaded }) => loaded)).toHaveLength(1)
  expect(outcomes.map(({ organization }) => organization)).toEqual(['Meridian Works', 'Meridian Works'])
})

test('there are 60 people in 8 zones with working hours', async () => {
  const text =
    'SELECT count(*)::int, count(DISTINCT timezone)::int AS zones, count(DISTINCT working_hours)::int AS hours FROM users'
  const { rows } = await owner.query(text)
  expect(rows).toEqual([{ count: 60, zones: 8, hours: expect.any(Number) }])
  expect(rows[0].hours).toBeGreaterThan(5)
})

test('there are 2 buildings with 4 floors and 40 rooms, ten to a floor, one of them a hall', async () => {
  const text = `SELECT b.timezone, f.level, count(*)::int AS rooms, max(r.capacity) AS largest
    FROM room r JOIN floor f ON f.id = r.floor_id JOIN building b ON b.id = f.building_id GROUP BY 1, 2 ORDER BY 1, 2`
  const { rows } = await owner.query(text)
  expect(rows).toEqual([
    { timezone: 'America/New_York', level: 5, rooms: 10, largest: 18 },
    { timezone: 'America/New_York', level: 6, rooms: 10, largest: 20 },
    { timezone: 'Europe/Berlin', level: 0, rooms: 10, largest: 520 },
    { timezone: 'Europe/Berlin', level: 2, rooms: 10, largest: 20 },
  ])
  expect(await one<string[]>('SELECT array_agg(name ORDER BY name) FROM equipment')).toEqual([
    'phone',
    'screen',
    'video',
    'whiteboard',
  ])
})

test('there are 1,500 meetings in the six weeks around the day, a fifth of them recurring', async () => {
  const text = `SELECT count(*)::int AS meetings, count(rrule)::int AS series, count(DISTINCT visibility)::int AS visibilities,
    count(*) FILTER (WHERE status = 'tentative') > 30 AS tentative, min(starts_at) AS first, max(starts_at) AS last FROM meeting`
  const { rows } = await owner.query(text)
  const { first, last, ...counts } = rows[0]
  expect(counts).toEqual({ meetings: 1_500, series: 300, visibilities: 3, tentative: true })
  const monday = Date.UTC(2026, 10, 23)
  expect(first.getTime()).toBeGreaterThanOrEqual(monday - 22 * DAY_MS)
  expect(last.getTime()).toBeLessThan(monday + 22 * DAY_MS)
})

test('no room is claimed twice at a time', async () => {
  const overlaps = `SELECT count(*)::int FROM allocation a JOIN allocation b USING (organization_id, resource_id)
    WHERE a.resource_kind = 'room' AND (a.meeting_id, a.recurrence_id) < (b.meeting_id, b.recurrence_id)
      AND a.blocked_from < b.blocked_until AND b.blocked_from < a.blocked_until`
  expect(await one<number>(overlaps)).toBe(0)
  expect(await one<number>(`SELECT count(*)::int FROM allocation WHERE resource_kind = 'room'`)).toBeGreaterThan(2_000)
})

test('every meeting has its audit row and its news, without a gap', async () => {
  expect(await one<number>(`SELECT count(*)::int FROM audit WHERE action = 'meeting.book'`)).toBe(1_500)
  const gaps = `SELECT count(*)::int FROM (
    SELECT FROM outbox GROUP BY topic HAVING max(seq) <> count(*) OR min(seq) <> 1) broken`
  expect(await one<number>(gaps)).toBe(0)
})

test('the next start changes nothing', async () => {
  const counted = `SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM meeting) + (SELECT count(*) FROM audit)
    + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM allocation)`
  const before = await one<string>(counted)
  expect(await load(database, instant(WEDNESDAY + DAY_MS))).toEqual({ ...outcomes[0], loaded: false })
  expect(await one<string>(counted)).toBe(before)
})

test('everybody shown can sign in with the password shown', async () => {
  const { logins, password, organization, organizationId } = outcomes[0]!
  expect(logins.map(({ role }) => role)).toEqual(['owner', 'admin', 'room_manager', 'member', 'guest', 'auditor'])
  const passwords = await openPasswords()
  for (const { email } of logins) {
    const credentials = await findCredentials(database.app, email, organization)
    expect(credentials?.organizationId).toBe(organizationId)
    expect(await passwords.verify(credentials?.passwordHash, password)).toEqual({ ok: true, value: true })
  }
})

test('another store gets the same people and rooms, whenever it is made; a name that is taken is not in the way', async () => {
  await using other = await openTestDatabase()
  const client = new pg.Client({ connectionString: other.url })
  await client.connect()
  try {
    await client.query(`INSERT INTO identity.organization VALUES ('${v7()}', 'meridian works', now())`)
    const { organization } = await load(other, instant(WEDNESDAY + 100 * DAY_MS))
    expect(organization).toBe('Meridian Works (demo)')
    for (const text of SAME) expect((await client.query(text)).rows).toEqual((await owner.query(text)).rows)
    expect((await client.query('SELECT count(*)::int FROM meeting')).rows).toEqual([{ count: 1_500 }])
  } finally {
    await client.end()
  }
})

const SAME = [
  'SELECT id, email, first_name, last_name, department, role, timezone, working_hours FROM users ORDER BY id',
  'SELECT id, name, capacity, location, floor_id, equipment, amenities, booking_rules FROM room ORDER BY id',
]

async function load({ app }: TestDatabase, now: Instant, onProgress?: DemoDeps['onProgress']): Promise<DemoSummary> {
  const deps = { passwords: await openPasswords(), newId: () => v7(), tzVersion: 'test', onNews: () => {} }
  return loadDemo({ ...deps, pool: app, now: () => now, log: pino({ enabled: false }), onProgress })
}

async function one<T>(text: string): Promise<T> {
  const { rows } = await owner.query({ text, rowMode: 'array' })
  return rows[0]![0] as T
}
