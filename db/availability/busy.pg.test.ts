import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Interval, DAY_MS, instant, plus } from '../../domain/time/instant.ts'
import { uuid7 } from '../../testkit/api.ts'
import { type TestDatabase, openTestDatabase } from '../../testkit/database.ts'
import { fillDiary } from '../../testkit/fill-diary.ts'
import { readOnly } from '../transaction.ts'
import { BUSY, busyParameters, readStoredTime } from './busy.ts'
import { readPeopleTime } from './people-time.ts'

const NOW = instant(Date.UTC(2026, 10, 2))
/** Four of the sixteen weeks that are full. */
const WINDOW: Interval = { start: plus(NOW, 56 * DAY_MS), end: plus(NOW, 84 * DAY_MS) }

let database: TestDatabase
let owner: pg.Client
let organizationId: string
let people: string[]
beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  ;({ organizationId, people } = await fillDiary(owner, { people: 60, days: 112, perDay: 4, from: NOW }))
})
afterAll(async () => {
  await owner.end()
  await database[Symbol.asyncDispose]()
})

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: Plan[]
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

test('busy time of many people is one range of one index each, out of many more rows', async () => {
  const asked = people.slice(0, 20)
  const { plan, total } = await readOnly(database.app, organizationId, async (tx) => {
    const { rows } = await tx.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      '',
      `EXPLAIN (ANALYZE, FORMAT JSON) ${BUSY}`,
      busyParameters(organizationId, asked, WINDOW),
    )
    const all = await tx.query<{ count: number }>('', 'SELECT count(*) FROM allocation', [])
    return { plan: rows[0]!['QUERY PLAN'][0].Plan, total: all.rows[0]!.count }
  })
  const nodes = nodesOf(plan)
  const [scan, ...others] = nodes.filter((node) => node['Relation Name'] === 'allocation')
  expect([scan?.['Index Name'], others]).toEqual(['allocation_resource', []])
  expect(scan).toMatchObject({ 'Node Type': 'Index Only Scan', 'Actual Loops': asked.length })
  expect(nodes.find((node) => node['Index Name'] === 'external_event_busy')).toBeDefined()
  const read = scan!['Actual Rows'] * scan!['Actual Loops']
  expect(total).toBe(60 * 112 * 4)
  expect(read).toBe(asked.length * 28 * 4)
  // Behind the start of the window lie 15 days in which something that goes on could have begun.
  expect(scan!['Rows Removed by Filter'] ?? 0).toBeLessThan(15 * 4 + 4)
})

test('spans come as they are stored, to the millisecond, of those who are there', async () => {
  const [one, other] = people as [string, string]
  await owner.query(`UPDATE allocation SET starts_at = starts_at + interval '1.234 s' WHERE resource_id = $1`, [one])
  const stored = await readOnly(database.app, organizationId, (tx) =>
    readStoredTime(tx, [one, other, uuid7(NOW)], WINDOW),
  )
  expect(stored.map(({ userId }) => userId).toSorted()).toEqual([one, other].toSorted())
  const { rows } = await owner.query(
    `SELECT extract(epoch FROM starts_at) * 1000 AS start, extract(epoch FROM ends_at) * 1000 AS "end" FROM allocation
     WHERE resource_id = $1 AND starts_at < $3 AND ends_at > $2`,
    [one, new Date(WINDOW.start), new Date(WINDOW.end)],
  )
  const pairs = (spans: ArrayLike<number>) =>
    Array.from({ length: spans.length / 2 }, (_, i) => `${spans[i * 2]} ${spans[i * 2 + 1]}`).toSorted()
  const expected = rows.map(({ start, end }) => `${Number(start)} ${Number(end)}`).toSorted()
  expect(pairs(stored.find(({ userId }) => userId === one)!.meetings)).toEqual(expected)
  expect(expected).toHaveLength(28 * 4)
})

test('what is kept is what is read again when, and only when, the person’s log has gone on', async () => {
  const viewer = { organizationId, userId: people[9]! }
  const ask = async () => (await readPeopleTime(database.app, viewer, people.slice(0, 3), WINDOW, NOW)).people
  const before = await ask()
  const again = await ask()
  for (const [i, { pieces }] of again.entries()) {
    expect(pieces.map(({ blocked }, n) => blocked === before[i]!.pieces[n]!.blocked)).toEqual(pieces.map(() => true))
  }
  await owner.query(
    `INSERT INTO topic_head (organization_id, topic, seq) VALUES ($1, 'person:' || $2::uuid, 1)
     ON CONFLICT (organization_id, topic) DO UPDATE SET seq = topic_head.seq + 1`,
    [organizationId, people[1]],
  )
  await owner.query('DELETE FROM allocation WHERE resource_id = ANY ($1)', [people.slice(0, 3)])
  const after = await ask()
  const sum = ({ pieces }: (typeof after)[number]) =>
    pieces.reduce((all, { blocked }) => all + blocked.filter((w) => w !== 0).length, 0)
  expect(after.map((person, i) => sum(person) === sum(before[i]!))).toEqual([true, false, true])
  expect(sum(after[1]!)).toBe(0)
})
