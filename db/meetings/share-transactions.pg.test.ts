import pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../domain/identity/actor.ts'
import { type BookMeeting, bookMeeting } from '../../domain/meetings/book-meeting.ts'
import type { MeetingsDeps } from '../../domain/meetings/ports.ts'
import { DAY_MS, HOUR_MS, instant, plus } from '../../domain/time/instant.ts'
import { type TestDatabase, openTestDatabase } from '../../testkit/database.ts'
import { createMeetingsStore } from './meetings-tx.ts'

const NOON = instant(Date.UTC(2027, 0, 4, 12))
const TOGETHER = 12

let database: TestDatabase
let owner: pg.Pool
let deps: MeetingsDeps
let news = 0

beforeAll(async () => {
  database = await openTestDatabase()
  owner = new pg.Pool({ connectionString: database.url, max: 2 })
  const clock = { now: () => instant(Date.UTC(2026, 11, 1)), newId: () => v7(), tzVersion: 'test' }
  deps = { ...clock, ...createMeetingsStore(database.app, clock, () => news++) }
})
afterAll(async () => {
  await owner.end()
  await database[Symbol.asyncDispose]()
})

describe('bookings of one organisation that come at the same time', () => {
  test('share transactions, and each topic is numbered without a gap in the order of its news', async () => {
    const office = await openOffice()
    const organizer = office.actors[0] as Actor
    for (const day of [0, 1, 2]) {
      const start = { instant: plus(NOON, day * DAY_MS) }
      const end = { instant: plus(NOON, day * DAY_MS + HOUR_MS) }
      const results = await Promise.all(office.roomIds.map((roomId) => office.book(organizer, roomId, { start, end })))
      expect(results.every((result) => result.ok)).toBe(true)
    }
    expect(await transactionsOf(office.organizationId)).toBeLessThanOrEqual(6)
    const { rows } = await owner.query<{ seqs: string[] }>(
      'SELECT array_agg(seq ORDER BY id) AS seqs FROM outbox WHERE organization_id = $1 GROUP BY topic',
      [office.organizationId],
    )
    expect(rows).toHaveLength(3 * TOGETHER + TOGETHER + 1)
    for (const { seqs } of rows) expect(seqs.map(Number)).toEqual(seqs.map((_, i) => i + 1))
    const audits = await owner.query('SELECT DISTINCT subject_id FROM audit WHERE organization_id = $1', [
      office.organizationId,
    ])
    expect(audits.rowCount).toBe(3 * TOGETHER)
  })

  test('for one slot are won by one; all others hear what is in the way', async () => {
    const office = await openOffice()
    const results = await Promise.all(office.actors.map((actor) => office.book(actor, office.roomIds[0] as string)))
    expect(results.filter((result) => result.ok)).toHaveLength(1)
    const refused = results.flatMap((result) => (result.ok ? [] : [result.error]))
    expect(refused.map((refusal) => [refusal.code, refusal.conflicts?.length])).toEqual(
      refused.map(() => ['slot_conflict', 1]),
    )
  })

  test('are granted beside one whose room was taken before', async () => {
    const office = await openOffice()
    expect((await office.book(office.actors[0] as Actor, office.roomIds[3] as string)).ok).toBe(true)
    const results = await Promise.all(office.roomIds.map((roomId, i) => office.book(office.actors[i] as Actor, roomId)))
    expect(results.map((result) => result.ok)).toEqual(office.roomIds.map((_, i) => i !== 3))
    const { rows } = await owner.query('SELECT count(*)::integer AS count FROM meeting WHERE organization_id = $1', [
      office.organizationId,
    ])
    expect(rows).toEqual([{ count: TOGETHER }])
  })

  test('are granted beside one that is refused before it books, and beside one that the store will not take', async () => {
    const office = await openOffice()
    const [first, second] = office.actors as [Actor, Actor]
    const results = await Promise.allSettled([
      ...office.roomIds.slice(2).map((roomId) => office.book(first, roomId)),
      office.book(first, v7()),
      // No door lets this through; PostgreSQL has no such character.
      office.book(second, office.roomIds[0] as string, { title: 'nul \0' }),
    ])
    const outcomes = results.map((one) =>
      one.status === 'fulfilled' ? (one.value.ok ? 'booked' : one.value.error.code) : 'failed',
    )
    expect(outcomes).toEqual([...office.roomIds.slice(2).map(() => 'booked'), 'unknown_reference', 'failed'])
  })

  test('each wake the relay at most once, and never for nothing', async () => {
    const office = await openOffice()
    news = 0
    await Promise.all(office.roomIds.map((roomId) => office.book(office.actors[0] as Actor, roomId)))
    const woken = news
    expect(woken).toBeGreaterThan(0)
    expect(woken).toBe(await transactionsOf(office.organizationId))
    await office.book(office.actors[1] as Actor, office.roomIds[0] as string)
    expect(news).toBe(woken)
  })

  test('with an idempotency key go alone', async () => {
    const office = await openOffice()
    const results = await Promise.all(
      office.roomIds.map((roomId, i) => {
        const idempotency = { key: `key ${i}`, operation: 'POST /meetings', fingerprint: roomId }
        return office.book({ ...(office.actors[0] as Actor), idempotency }, roomId)
      }),
    )
    expect(results.every((result) => result.ok)).toBe(true)
    expect(await transactionsOf(office.organizationId)).toBe(TOGETHER)
  })
})

test('bookings of different organisations that come at the same time share with their own only', async () => {
  const offices = await Promise.all(Array.from({ length: 3 }, () => openOffice()))
  const all = offices.flatMap((office) =>
    office.roomIds.map((roomId) => office.book(office.actors[0] as Actor, roomId)),
  )
  expect((await Promise.all(all)).every((result) => result.ok)).toBe(true)
  for (const { organizationId } of offices) expect(await transactionsOf(organizationId)).toBeLessThanOrEqual(2)
})

/** As many rooms and people as bookings are made at once. */
async function openOffice() {
  const organizationId = v7()
  const roomIds = Array.from({ length: TOGETHER }, () => v7())
  const userIds = Array.from({ length: TOGETHER }, () => v7())
  await owner.query('INSERT INTO identity.organization VALUES ($1, $2, now())', [organizationId, organizationId])
  await owner.query(
    `INSERT INTO users (organization_id, id, email, first_name, last_name, role, timezone, working_hours, created_at, updated_at)
     SELECT $1, id, id || '@example.org', 'Ada', 'Test', 'member', 'UTC', '{}', now(), now() FROM unnest($2::uuid[]) AS u (id)`,
    [organizationId, userIds],
  )
  await owner.query(
    `INSERT INTO room (organization_id, id, name, capacity, created_at, updated_at)
     SELECT $1, id, id, 4, now(), now() FROM unnest($2::uuid[]) AS r (id)`,
    [organizationId, roomIds],
  )
  const actors = userIds.map((userId): Actor => ({
    organizationId,
    userId,
    role: 'member',
    sessionId: v7(),
    requestId: 'test',
  }))
  return {
    organizationId,
    roomIds,
    actors,
    book: (actor: Actor, roomId: string, more: Partial<BookMeeting> = {}) =>
      bookMeeting(deps, actor, { ...booking(roomId), ...more }),
  }
}

function booking(roomId: string): BookMeeting {
  return {
    title: 'Together',
    description: '',
    start: { instant: NOON },
    end: { instant: plus(NOON, HOUR_MS) },
    timezone: 'UTC',
    recurrence: null,
    participants: [],
    roomIds: [roomId],
    onConflict: 'reject',
    status: 'confirmed',
    visibility: 'organization',
    metadata: {},
  }
}

async function transactionsOf(organizationId: string): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(
    'SELECT count(DISTINCT xmin::text)::integer AS count FROM meeting WHERE organization_id = $1',
    [organizationId],
  )
  return rows[0]?.count ?? 0
}
