import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { uuid7 } from '../../testkit/api.ts'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type RoomOffice, openRoomOffice } from '../../testkit/room-office.ts'

let office: RoomOffice
beforeAll(async () => {
  office = await openRoomOffice()
})
afterAll(() => office[Symbol.asyncDispose]())
beforeEach(() => office.at(0))

const types = async (room: string) => (await office.news(`room:${room}`)).map((event) => event.type)

describe('POST /occupancy', () => {
  const report = (samples: object[], token = office.token) =>
    office.api.call('POST', '/occupancy', { token, body: { samples } })

  test('counts each sample once, and only the newest word stands', async () => {
    const room = await office.room()
    office.at(10)
    const samples = [4, 2, 6].map((minute) => {
      return { id: uuid7(minute), roomId: room, at: office.time(minute), present: minute === 4, count: minute }
    })
    expect((await report(samples)).body).toEqual({ accepted: 3, duplicates: 0, refused: [] })
    expect((await report([...samples, samples[0] as object])).body).toEqual({ accepted: 0, duplicates: 4, refused: [] })
    const otherTime = { ...samples[0], at: office.time(9), present: true }
    expect((await report([otherTime])).body).toMatchObject({ accepted: 0, duplicates: 1 })
    expect((await office.state(room)).occupancy).toEqual({ present: false, count: 6, at: office.time(6) })
    expect((await report([{ id: 'late', roomId: room, at: office.time(5), present: true }])).body.accepted).toBe(1)
    expect((await office.state(room)).occupancy).toMatchObject({ present: false })
    expect(await types(room)).toEqual(['room.occupancy'])
  })

  test('the same parallel batches from a device that repeats itself count once', async () => {
    const room = await office.room()
    const samples = Array.from({ length: 50 }, (_, i) => {
      return { id: uuid7(i), roomId: room, at: office.time(-i / 60), present: i % 2 === 0 }
    })
    const answers = await Promise.all(Array.from({ length: 6 }, () => report(samples)))
    expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202, 202, 202, 202])
    expect(answers.reduce((sum, answer) => sum + answer.body.accepted, 0)).toBe(50)
    expect((await office.state(room)).occupancy).toMatchObject({ present: true, at: office.time(0) })
  })

  test('refuses sample by sample, and altogether who may not report at all', async () => {
    const [room, other] = [await office.room(), await office.room()]
    const sample = (id: string, roomId: string, minute = 0) => ({ id, roomId, at: office.time(minute), present: true })
    const stranger = await office.api.register()
    const samples = [sample('a', room), sample('b', other), sample('c', room, 5), sample('d', room, -60 * 24 * 40)]
    const panel = await office.panel(room)
    expect((await report(samples, panel)).body).toEqual({
      accepted: 1,
      duplicates: 0,
      refused: [
        { id: 'b', code: 'not_found' },
        { id: 'c', code: 'invalid_time' },
        { id: 'd', code: 'invalid_time' },
      ],
    })
    expect((await report([sample('x', room)], stranger.accessToken)).body.refused).toEqual([
      { id: 'x', code: 'not_found' },
    ])
    expect((await report([sample('y', room)], (await office.person('member')).token)).status).toBe(403)
    expect((await report([], (await office.person('member')).token)).status).toBe(403)
    expect((await report([])).status).toBe(422)
    expect((await report(Array.from({ length: 1_001 }, (_, i) => sample(`n${i}`, room)))).status).toBe(422)
  })
})

describe('a room with a sensor', () => {
  test('is not released while somebody is inside, nor for a while after', async () => {
    const room = await office.roomWith()
    await office.meet(room, 0, 60)
    for (const minute of [0, 4, 8, 9]) {
      office.at(minute)
      await office.sense(room, true)
      await office.tick(room)
    }
    office.at(10)
    await office.sense(room, false)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({
      status: 'reserved',
      current: { releaseAt: office.time(24), warnedAt: null },
    })
    for (const minute of [17, 22]) {
      office.at(minute)
      await office.sense(room, false)
      await office.tick(room)
    }
    expect(await office.state(room)).toMatchObject({ current: { warnedAt: office.time(22) } })
    office.at(24)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'free' })
  })

  test('whose sensor falls silent says so and is not released by its silence', async () => {
    const room = await office.room()
    office.at(-5)
    await office.sense(room, false)
    office.at(-4)
    await office.meet(room, 0, 30)
    office.at(3.1)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({
      staleSince: expect.any(String),
      current: { checkIn: 'open', releaseAt: null },
    })
    office.at(20)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'reserved', current: { warnedAt: null } })
    expect(await types(room)).toEqual(['room.occupancy', 'room.booked', 'room.reserved', 'room.occupancy'])
    await office.sense(room, true)
    expect(await office.state(room)).toMatchObject({ staleSince: null, occupancy: { present: true } })
  })

  test('left empty after check-in it asks, and ends the meeting there', async () => {
    const room = await office.roomWith({ emptyMinutes: 5 })
    const { id } = await office.meet(room, 0, 60)
    expectStatus(await office.use(room, 'checkin'), 200)
    office.at(10)
    await office.sense(room, false)
    expect(await office.tick(room)).toBe(15)
    office.at(15)
    await office.sense(room, false)
    expect(await office.tick(room)).toBe(17)
    expect((await office.news(`room:${room}`)).at(-1)).toMatchObject({
      type: 'room.release_warned',
      data: { reason: 'empty', releaseAt: office.time(17) },
    })
    office.at(17)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'free' })
    expect((await office.news(`room:${room}`)).at(-1)).toMatchObject({ type: 'room.ended', data: { reason: 'empty' } })
    expect((await office.get(`/meetings/${id}`)).body).toMatchObject({ roomIds: [room], endTime: office.time(60) })
  })

  test('who stays on overruns until he leaves or the next meeting begins', async () => {
    const room = await office.roomWith()
    await office.meet(room, 0, 30)
    expectStatus(await office.use(room, 'checkin'), 200)
    for (const minute of [25, 30]) {
      office.at(minute)
      await office.sense(room, true)
      await office.tick(room)
    }
    expect(await office.state(room)).toMatchObject({ status: 'overrun', current: { end: office.time(30) } })
    office.at(31)
    expectStatus(await office.use(room, 'extend', { minutes: 10 }), 200)
    expect(await office.state(room)).toMatchObject({ status: 'checked_in', current: { end: office.time(41) } })
    office.at(38)
    await office.sense(room, true)
    office.at(41)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'overrun' })
    office.at(42)
    await office.sense(room, false)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'free' })
    expect(await types(room)).toEqual([
      ...['room.booked', 'room.checked_in', 'room.occupancy', 'room.reserved', 'room.overrun', 'room.extended'],
      ...['room.overrun', 'room.occupancy', 'room.ended'],
    ])
  })

  test('its clock wakes nobody who has nothing to do, and twice does nothing twice', async () => {
    const room = await office.roomWith()
    await office.meet(room, 30, 60)
    expect(await office.tick(room)).toBe(20)
    office.at(39)
    await Promise.all([office.tick(room), office.tick(room), office.tick(room)])
    expect(await types(room)).toEqual(['room.booked', 'room.reserved', 'room.release_warned'])
    // Late, as after a standstill: the warning has its time before the release.
    expect(await office.tick(room)).toBe(40)
    office.at(41)
    await Promise.all([office.tick(room), office.tick(room)])
    expect(await types(room)).toEqual(['room.booked', 'room.reserved', 'room.release_warned', 'room.released'])
  })
})
