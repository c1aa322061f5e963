import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { NewsRow } from '../db/news-log.ts'
import { MINUTE_MS, instant } from '../domain/time/instant.ts'
import { type RoomOffice, openRoomOffice } from '../testkit/room-office.ts'
import type { SingleJob } from './job.ts'
import { createRoomClock } from './room-clock.ts'

let office: RoomOffice
let clock: SingleJob
beforeAll(async () => {
  office = await openRoomOffice()
  clock = createRoomClock({ ...office.api.deps, pool: office.api.database.app })
})
afterAll(() => office[Symbol.asyncDispose]())
beforeEach(() => office.at(0))

const zero = Date.UTC(2026, 10, 23, 9)
const minuteOf = (at: number) => (at - zero) / MINUTE_MS

/** As the planner calls it, for the last news of a room's topic. */
async function woken(room: string) {
  const [row] = await office.query('SELECT topic, type, data FROM outbox WHERE topic = $1 ORDER BY seq DESC LIMIT 1', [
    `room:${room}`,
  ])
  const due = clock.wakenBy?.(row as unknown as NewsRow, office.api.clock.now) ?? []
  return due.map(({ subject, dueAt }) => [subject, minuteOf(dueAt)])
}

describe('the clock of rooms', () => {
  test('looks before a booking’s check-in can open, and at once after anything else', async () => {
    const room = await office.roomWith()
    await office.meet(room, 600, 660)
    expect(await woken(room)).toEqual([[room, 540]])
    await office.meet(room, 30, 90)
    expect(await woken(room)).toEqual([[room, 0]])
    office.at(40)
    await office.sense(room, true)
    expect(await woken(room)).toEqual([[room, 40]])
    expect(clock.wakenBy?.({ topic: 'person:x', type: 'meeting.created' } as NewsRow, instant(0))).toEqual([])
  })

  test('does what is due and says when it wants to look again', async () => {
    const room = await office.roomWith()
    await office.meet(room, 30, 90)
    office.at(38)
    const turn = {
      organizationId: office.organizationId,
      subject: room,
      dueAt: office.api.clock.now,
      now: office.api.clock.now,
    }
    const next = await clock.run({ ...turn, attempt: 1, signal: new AbortController().signal })
    expect(minuteOf(next as number)).toBe(40)
    expect((await office.state(room)).current?.warnedAt).toBe(office.time(38))
  })

  test('the sweep finds rooms that nobody would wake: soon booked, and over but not closed', async () => {
    const [soon, later, over, known, released] = (await Promise.all(
      Array.from({ length: 5 }, () => office.roomWith()),
    )) as [string, string, string, string, string]
    await office.meet(over, -30, -5)
    await office.meet(soon, 60, 90)
    await office.meet(known, 60, 90)
    await office.meet(later, 600, 660)
    const { allocationId } = await office.meet(released, 60, 90)
    await office.use(released, 'release', { allocationId })
    await office.query(`INSERT INTO due VALUES ($1, 'room', $2, now())`, [office.organizationId, known])
    const missed = await clock.sweep?.(office.api.clock.now)
    const mine = missed?.filter((row) => row.organizationId === office.organizationId).map((row) => row.subject)
    expect(mine).toEqual(expect.arrayContaining([soon, over]))
    for (const room of [later, known, released]) expect(mine).not.toContain(room)
    office.at(2)
    await office.tick(over)
    expect((await clock.sweep?.(office.api.clock.now))?.map((row) => row.subject)).not.toContain(over)
  })
})
