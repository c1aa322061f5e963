import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RoomOffice, openRoomOffice } from '../../testkit/room-office.ts'

/** So many orders of so many events each. The seed is printed, and `SEED=…` plays it again. */
const ORDERS = 12
const EVENTS = 18
const RACES = 24

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))

let office: RoomOffice
beforeAll(async () => {
  office = await openRoomOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

/** What is true of one booking, whoever says otherwise. */
interface Truth {
  allocationId: string
  meetingId: string
  start: number
  end: number
  checkedIn: boolean
  isReleased: boolean
}

test(
  'promise 12: a release never interrupts a checked-in or occupied room, and has reason and actor',
  { timeout: 60_000 },
  async () => {
    console.log(`promise 12: SEED=${seed}`)
    const random = mulberry32(seed)
    let releases = 0
    for (let order = 0; order < ORDERS; order++) releases += await playOneOrder(random, order)
    // An order in which nothing is ever released proves nothing.
    expect(releases).toBeGreaterThan(0)
  },
)

test('promise 12: a check-in at the very moment of the release either keeps the room or comes too late', async () => {
  office.at(0)
  const rooms = await Promise.all(Array.from({ length: RACES }, () => office.roomWith()))
  const claims = await Promise.all(rooms.map((room) => office.meet(room, 30, 90)))
  office.at(38)
  for (const room of rooms) await office.tick(room)
  office.at(40)
  let kept = 0
  for (const [i, room] of rooms.entries()) {
    const { allocationId } = claims[i] as { allocationId: string }
    const checkIn = () => office.use(room, 'checkin', { allocationId })
    const tick = () => office.tick(room)
    // Who comes first differs from race to race.
    const [first, second] = i % 2 === 0 ? [checkIn, tick] : [tick, checkIn]
    const head = first()
    for (let turns = 0; turns < i % 8; turns++) await new Promise(setImmediate)
    const answers = await Promise.all([head, second(), tick()])
    const answer = answers[i % 2] as Awaited<ReturnType<typeof checkIn>>
    const [use] = await office.query('SELECT state FROM room_use WHERE room_id = $1', [room])
    const { status } = await office.state(room)
    expect([answer.status, use?.['state'], status]).toEqual(
      answer.status === 200 ? [200, 'checked_in', 'checked_in'] : [409, 'released', 'free'],
    )
    if (answer.status === 200) kept += 1
  }
  // Both must have happened, or nothing raced.
  expect(kept).toBeGreaterThan(0)
  expect(kept).toBeLessThan(RACES)
})

async function playOneOrder(random: () => number, order: number): Promise<number> {
  office.at(0)
  const room = await office.roomWith()
  const bookings: Truth[] = []
  for (const [start, end] of [
    [20, 50],
    [50, 80],
  ] as const) {
    const { id, allocationId } = await office.meet(room, start, end)
    bookings.push({ allocationId, meetingId: id, start, end, checkedIn: false, isReleased: false })
  }
  let minute = 8 + Math.floor(random() * 8)
  // The newest word of the sensor.
  let word: { at: number; present: boolean } | undefined
  const told: string[] = []
  let releases = 0

  for (let i = 0; i < EVENTS; i++) {
    minute += [0, 0, 0.5, 1, 2, 3, 5][Math.floor(random() * 7)] as number
    office.at(minute)
    const target = bookings[Math.floor(random() * bookings.length)] as Truth
    const named = { allocationId: target.allocationId }
    const isInside = word !== undefined && word.present && minute - word.at <= 8
    const before = structuredClone(bookings)
    const what = Math.floor(random() * 12)
    let checkedIn: Truth | undefined
    const note = (text: string) => told.push(`${minute}: ${text}`)

    if (what <= 2) {
      note('tick')
      await office.tick(room)
    } else if (what === 3) {
      note('two clocks at once')
      await Promise.all([office.tick(room), office.tick(room)])
    } else if (what === 4) {
      note(`check in ${target.start}`)
      if ((await office.use(room, 'checkin', named)).status === 200) checkedIn = target
    } else if (what === 5) {
      note(`check in ${target.start} beside the clock`)
      const [answer] = await Promise.all([office.use(room, 'checkin', named), office.tick(room)])
      if (answer.status === 200) checkedIn = target
    } else if (what === 6) {
      note(`keep ${target.start}`)
      await office.use(room, 'keep', named)
    } else if (what === 7) {
      const present = random() < 0.5
      note(`sensor: ${present}`)
      await office.sense(room, present)
      if (word === undefined || word.at < minute) word = { at: minute, present }
    } else if (what === 8) {
      note('a late word of the sensor')
      const late = { at: Math.max(0, minute - 5 - random()), present: random() < 0.5 }
      await office.sense(room, late.present, late.at)
      if (word === undefined || word.at < late.at) word = late
    } else if (what === 9) {
      note(`release ${target.start}`)
      await office.use(room, 'release', named)
    } else if (what === 10) {
      note(`end ${target.start}`)
      if ((await office.use(room, 'end', named)).status === 200) target.checkedIn = false
    } else {
      note(`extend ${target.start}`)
      if ((await office.use(room, 'extend', { ...named, minutes: 5 })).status === 200) checkedIn = target
    }

    const story = `seed ${seed}, order ${order}\n${told.join('\n')}`
    if (checkedIn !== undefined) {
      expect(
        before.find((b) => b.allocationId === checkedIn.allocationId)?.isReleased,
        `${story}\nchecked in after release`,
      ).toBe(false)
      checkedIn.checkedIn = true
    }
    const rows = (await office.query(
      'SELECT allocation_id, released_by, release_reason FROM room_use WHERE room_id = $1 AND released_at IS NOT NULL',
      [room],
    )) as unknown as { allocation_id: string; released_by: string | null; release_reason: string | null }[]
    for (const row of rows) {
      expect(row.released_by, story).not.toBeNull()
      expect(row.release_reason, story).toMatch(/^(no_show|given_back)$/)
      const truth = bookings.find((booking) => booking.allocationId === row.allocation_id) as Truth
      if (truth.isReleased) continue
      truth.isReleased = true
      releases += 1
      expect(truth.checkedIn, `${story}\nreleased though somebody had checked in`).toBe(false)
      expect(isInside && minute >= truth.start, `${story}\nreleased though somebody was inside`).toBe(false)
    }
    const claims = await office.query('SELECT id FROM allocation WHERE resource_id = $1', [room])
    for (const truth of bookings) {
      const stands = claims.some((claim) => claim['id'] === truth.allocationId)
      expect(stands && truth.isReleased, `${story}\nreleased, and still claimed`).toBe(false)
    }
  }
  return releases
}

function mulberry32(start: number): () => number {
  let a = start | 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
