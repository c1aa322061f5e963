import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SHARDS, shardOf } from '../domain/news.ts'
import { type TestDatabase, openTestDatabase } from '../testkit/database.ts'
import { type NewsRow, claimNews, takeLease, tellDashboards } from './news-log.ts'

let database: TestDatabase
let owner: pg.Pool
const holder = randomUUID()
const organization = randomUUID()
const floors = [randomUUID(), randomUUID()]
const rooms = Array.from({ length: 4 }, () => randomUUID())
const [attic, cellar] = [randomUUID(), randomUUID()]

beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Pool({ connectionString: database.url, max: 2 })
  await owner.query(`INSERT INTO identity.organization VALUES ($1, 'Org', now())`, [organization])
  const building = randomUUID()
  await owner.query(`INSERT INTO building VALUES ($1, $2, 'B', NULL, 'UTC')`, [organization, building])
  for (const [level, floor] of floors.entries()) {
    await owner.query('INSERT INTO floor VALUES ($1, $2, $3, $4, $5)', [
      organization,
      floor,
      building,
      `F${level}`,
      level,
    ])
  }
  const room = `INSERT INTO room (organization_id, id, name, capacity, floor_id, created_at, updated_at) VALUES ($1, $2, $3, 1, $4, now(), now())`
  for (const [i, id] of rooms.entries()) await owner.query(room, [organization, id, `R${i}`, floors[i % 2]])
  for (const id of [attic, cellar]) await owner.query(room, [organization, id, id, null])
  await takeLease(database.relay, holder, 60_000)
})
afterAll(async () => {
  await owner.end()
  await database[Symbol.asyncDispose]()
})

test('news of rooms becomes one event per floor and claim, delivered by the next, numbered without gaps', async () => {
  await write([
    `room:${rooms[0]}`,
    `room:${rooms[2]}`,
    `room:${rooms[1]}`,
    `room:${attic}`,
    `person:${rooms[1]}`,
    'room:x',
  ])
  expect((await claim()).derived).toBe(2)
  const { rows, derived } = await claim()
  expect(derived).toBe(0)
  const byTopic = (row: { topic: string }, other: { topic: string }) => (row.topic < other.topic ? -1 : 1)
  expect(rows.toSorted(byTopic)).toMatchObject(
    [
      {
        topic: `floor:${floors[0]}`,
        data: { floorId: floors[0], rooms: [rooms[0] as string, rooms[2] as string].toSorted() },
      },
      { topic: `floor:${floors[1]}`, data: { floorId: floors[1], rooms: [rooms[1]] } },
    ].toSorted(byTopic),
  )
  for (const row of rows) expect(row).toMatchObject({ seq: 1, type: 'floor.changed' })
  for (const row of rows) expect(row).toMatchObject({ organizationId: organization, shard: shardOf(row.topic) })
  await write([`room:${rooms[0]}`])
  await claim()
  expect((await claim()).rows.map((row) => [row.topic, row.seq])).toEqual([[`floor:${floors[0]}`, 2]])
})

test('a dashboard hears of everything, at most once per pause', async () => {
  const first = await tellDashboards(database.relay, holder, 0)
  expect(first).toEqual({ told: 1, left: 0 })
  const [heard] = (await claim()).rows
  expect(heard).toMatchObject({ topic: `dashboard:rooms:${organization}`, seq: 1, type: 'dashboard.changed' })
  expect(floorsOf(heard).toSorted()).toEqual(floors.toSorted())
  await write([`room:${rooms[0]}`])
  await claim()
  await write([`room:${rooms[1]}`])
  await claim()
  expect(await tellDashboards(database.relay, holder, 60_000)).toEqual({ told: 0, left: 1 })
  expect(await tellDashboards(database.relay, randomUUID(), 0)).toEqual({ told: 0, left: 1 })
  expect(await tellDashboards(database.relay, holder, 0)).toEqual({ told: 1, left: 0 })
  const changed = (await claim()).rows.find((row) => row.topic.startsWith('dashboard:'))
  expect(changed).toMatchObject({ seq: 2 })
  expect(floorsOf(changed)).toHaveLength(2)
  expect(await tellDashboards(database.relay, holder, 0)).toEqual({ told: 0, left: 0 })
})

test('the store and every node agree on the shard of a topic', async () => {
  const topics = Array.from({ length: 200 }, (_, i) => `${i % 2 ? 'floor' : 'dashboard:rooms'}:${randomUUID()}`)
  const { rows } = await owner.query<{ shard: number }>('SELECT shard_of(t) AS shard FROM unnest($1::text[]) AS t', [
    topics,
  ])
  expect(rows.map((row) => row.shard)).toEqual(topics.map(shardOf))
  expect(new Set(rows.map((row) => row.shard)).size).toBe(SHARDS)
})

test('the relay sees of rooms where they are, and numbers no topic but its own', async () => {
  await expect(database.relay.query('SELECT name FROM room')).rejects.toMatchObject({ code: '42501' })
  const number = `INSERT INTO topic_head (organization_id, topic, seq) VALUES ($1, $2, 1)`
  await expect(database.relay.query(number, [organization, `room:${attic}`])).rejects.toMatchObject({ code: '42501' })
})

function floorsOf(row: NewsRow | undefined): string[] {
  return (row?.data as { floors: string[] } | undefined)?.floors ?? []
}

async function claim() {
  return claimNews(database.relay, holder, 100)
}

async function write(topics: string[]): Promise<void> {
  const text = `INSERT INTO outbox (organization_id, topic, seq, type, at, data, shard) VALUES ($1, $2, $3, 'room.booked', now(), '{}', 0)`
  for (const topic of topics) await owner.query(text, [organization, topic, ++seq])
}
let seq = 0
