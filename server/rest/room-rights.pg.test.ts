import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dashboardOf } from '../../db/rooms/dashboard.ts'
import { readOnly } from '../../db/transaction.ts'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type RoomOffice, openRoomOffice } from '../../testkit/room-office.ts'

let office: RoomOffice
beforeAll(async () => {
  office = await openRoomOffice()
})
afterAll(() => office[Symbol.asyncDispose]())
beforeEach(() => office.at(0))

const WHAT = ['checkin', 'extend', 'end', 'release', 'keep', 'walkup']
const bodyOf = (what: string) => (what === 'extend' ? { minutes: 5 } : {})

describe('who may do what with a room', () => {
  test('a stranger, a room that is not there, and a panel of another room find nothing', async () => {
    const [room, other] = [await office.room(), await office.room()]
    const stranger = (await office.api.register()).accessToken
    const panel = await office.panel(other)
    for (const [roomId, by] of [
      [room, stranger],
      [randomUUID(), office.token],
      [room, panel],
    ] as const) {
      expect((await office.get(`/rooms/${roomId}/state`, by)).status).toBe(404)
      for (const what of WHAT) {
        expect((await office.use(roomId, what, bodyOf(what), by)).status, what).toBe(404)
        expect((await office.use(roomId, what, { unknown: 1 }, by)).status, what).toBe(404)
      }
    }
  })

  test('who has nothing to do with a meeting may not use its room; its people and the panel beside it may', async () => {
    const room = await office.roomWith()
    const panel = await office.panel(room)
    const [member, guest] = [await office.person('member'), await office.person('guest')]
    await office.meet(room, 0, 60, { visibility: 'participants' })
    for (const by of [member.token, guest.token]) {
      for (const what of WHAT.filter((name) => name !== 'walkup')) {
        expect((await office.use(room, what, bodyOf(what), by)).status, what).toBe(403)
      }
    }
    expect((await office.use(room, 'release', {}, panel)).status).toBe(403)
    const seen = expectStatus(await office.use(room, 'checkin', {}, panel), 200).body
    expect(seen.current).not.toHaveProperty('title')
    expect((await office.state(room, member.token)).current).not.toHaveProperty('title')
    expect((await office.state(room)).current?.title).toBe('Planning')
    expect(
      (await office.get(`/rooms/${room}/schedule?from=${office.time(0)}`, panel)).body.items[0],
    ).not.toHaveProperty('title')
  })

  test('a panel shows what the whole organisation may read, books a walk-up, and knows one room', async () => {
    const [room, other] = [await office.room(), await office.room()]
    const panel = await office.panel(room)
    await office.meet(room, 60, 90)
    expect((await office.state(room, panel)).next).toMatchObject({ title: 'Planning' })
    expect((await office.get(`/rooms/${room}/schedule?from=${office.time(0)}`, panel)).body.items[0].title).toBe(
      'Planning',
    )
    expect((await office.get('/rooms', panel)).body.items.map((item: { id: string }) => item.id)).toEqual([room])
    expect((await office.get(`/rooms/${other}`, panel)).status).toBe(404)
    expect((await office.get(`/rooms/${other}/schedule`, panel)).status).toBe(404)
    const span = `startTime=${office.time(100)}&endTime=${office.time(110)}`
    const free = (await office.get(`/rooms/available?${span}`, panel)).body.items
    expect(free.map((item: { id: string }) => item.id)).toEqual([room])
    expectStatus(await office.use(room, 'walkup', { minutes: 15, title: 'Chat' }, panel), 201)
    expect(await office.state(room, panel)).toMatchObject({ status: 'checked_in', current: { title: 'Chat' } })
    expect((await office.book({ roomIds: [room] }, panel)).status).toBe(403)
    const body = { title: 'x', startTime: office.time(200), endTime: office.time(210), timezone: 'UTC' }
    expect((await office.api.call('POST', `/rooms/${room}/book`, { token: panel, body })).status).toBe(403)
  })

  test('a floor and the dashboard count and name rooms, each as the viewer may read', async () => {
    const floorId = await makeFloor()
    const [aurora, borealis] = [await office.roomWith({}, { floorId }), await office.roomWith({}, { floorId })]
    await office.meet(aurora, 0, 60, { visibility: 'busy_only' })
    await office.meet(borealis, 0, 60)
    expectStatus(await office.use(aurora, 'checkin'), 200)
    office.at(9)
    await office.tick(borealis)
    office.at(11)
    await office.tick(borealis)
    const member = await office.person('member')
    const { rooms } = (await office.get(`/floors/${floorId}/state`, member.token)).body
    expect(rooms).toHaveLength(2)
    const states = new Map(rooms.map((item: { room: { id: string }; state: object }) => [item.room.id, item.state]))
    expect(states.get(aurora)).toMatchObject({ status: 'checked_in', current: { checkIn: 'done' } })
    expect(states.get(aurora)).not.toHaveProperty('current.title')
    expect(states.get(borealis)).toMatchObject({ status: 'free' })
    const dashboard = await readOnly(office.api.database.app, office.organizationId, (tx) => {
      return dashboardOf(tx, office.actor(member.id, 'member'), office.organizationId, office.api.clock.now)
    })
    const counts = {
      rooms: 2,
      free: 1,
      checkedIn: 1,
      occupied: 1,
      noShowsToday: 1,
      recoveredMinutesToday: 49,
      bookingsToday: 2,
    }
    expect(dashboard?.floors).toEqual([expect.objectContaining({ floorId, name: 'First', level: 1, ...counts })])
    expect(dashboard?.totals).toMatchObject(counts)
    expect((await office.get(`/floors/${floorId}/state`, await office.panel(aurora))).status).toBe(403)
    expect((await office.get(`/floors/${randomUUID()}/state`)).status).toBe(404)
  })
})

async function makeFloor(): Promise<string> {
  const [building, floor] = [randomUUID(), randomUUID()]
  await office.query(`INSERT INTO building VALUES ($1, $2, $3, NULL, 'Europe/Berlin')`, [
    office.organizationId,
    building,
    building,
  ])
  await office.query(`INSERT INTO floor VALUES ($1, $2, $3, 'First', 1)`, [office.organizationId, floor, building])
  return floor
}
