import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type RoomOffice, openRoomOffice } from '../../testkit/room-office.ts'

let office: RoomOffice
beforeAll(async () => {
  office = await openRoomOffice()
})
afterAll(() => office[Symbol.asyncDispose]())
beforeEach(() => office.at(0))

describe('a booked room', () => {
  test('is free, reserved, checked in and free again', async () => {
    const room = await office.roomWith()
    const { id, allocationId } = await office.meet(room, 30, 90)
    expect(await office.state(room)).toMatchObject({
      roomId: room,
      status: 'free',
      current: null,
      next: { allocationId, meetingId: id, title: 'Planning', organizer: 'Olga Owner', checkIn: 'later' },
      freeUntil: office.time(30),
      occupancy: null,
      staleSince: null,
    })
    expect((await office.use(room, 'checkin')).body).toMatchObject({ code: 'illegal_transition', status: 409 })
    office.at(21)
    expect(await office.state(room)).toMatchObject({
      status: 'reserved',
      current: { allocationId, checkIn: 'open', checkInOpensAt: office.time(20), releaseAt: office.time(40) },
    })
    office.at(29)
    const done = expectStatus(await office.use(room, 'checkin', { allocationId }), 200)
    expect(done.body).toMatchObject({
      status: 'checked_in',
      current: { checkIn: 'done', checkedInAt: office.time(29) },
    })
    expect(done.body.current.releaseAt).toBeNull()
    office.at(45)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'checked_in' })
    office.at(90)
    expect(await office.state(room)).toMatchObject({ status: 'free', current: null })
    expect(await office.tick(room)).toBeUndefined()
    const types = (await office.news(`room:${room}`)).map((event) => event.type)
    expect(types).toEqual(['room.booked', 'room.checked_in', 'room.reserved', 'room.ended'])
  })

  test('nobody comes: it warns, releases, tells everybody, and the time can be booked at once', async () => {
    const room = await office.roomWith()
    const { id, allocationId } = await office.meet(room, 30, 90)
    expect(await office.tick(room)).toBe(20)
    office.at(20)
    expect(await office.tick(room)).toBe(30)
    office.at(38)
    expect(await office.tick(room)).toBe(40)
    expect(await office.state(room)).toMatchObject({
      current: { warnedAt: office.time(38), releaseAt: office.time(40) },
    })
    office.at(40)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'free', current: null, next: null })
    const [use] = await office.query('SELECT state, released_by, release_reason FROM room_use WHERE room_id = $1', [
      room,
    ])
    const clock = '00000000-0000-0000-0000-000000000000'
    expect(use).toEqual({ state: 'released', released_by: clock, release_reason: 'no_show' })
    const late = await office.use(room, 'checkin', { allocationId })
    expect(late.body).toMatchObject({
      status: 409,
      code: 'illegal_transition',
      detail: expect.stringMatching(/given back/),
    })
    expect((await office.get(`/meetings/${id}`)).body).toMatchObject({ status: 'confirmed', roomIds: [], room: null })
    await office.meet(room, 40, 80)

    const news = await office.news(`room:${room}`)
    expect(news.map((event) => event.type)).toEqual([
      ...['room.booked', 'room.reserved', 'room.release_warned', 'room.released', 'room.booked'],
    ])
    expect(news[3]?.data).toMatchObject({
      ...{ roomId: room, meetingId: id, allocationId, reason: 'no_show', booked: [], released: [allocationId] },
      state: { status: 'free' },
    })
    for (const event of news) expect(JSON.stringify(event.data)).not.toMatch(/Planning|Olga/)
    const person = (await office.news(`person:${office.owner.user.id}`)).slice(-3)
    expect(person.map((event) => event.type)).toEqual(['room.release_warned', 'meeting.updated', 'meeting.created'])
    expect(person[0]?.data).toMatchObject({ title: 'Planning', roomId: room, releaseAt: office.time(40) })
    const audits = await office.query(
      `SELECT action, actor_id FROM audit WHERE subject_id = $1 AND action = 'room.release'`,
      [room],
    )
    expect(audits).toEqual([{ action: 'room.release', actor_id: clock }])
  })

  test('a veto keeps it, once', async () => {
    const room = await office.roomWith()
    await office.meet(room, 30, 90)
    office.at(31)
    expect((await office.use(room, 'keep')).body).toMatchObject({ code: 'illegal_transition' })
    office.at(38)
    await office.tick(room)
    expect(expectStatus(await office.use(room, 'keep'), 200).body).toMatchObject({
      current: { keptAt: office.time(38), releaseAt: null },
    })
    expect((await office.use(room, 'keep')).status).toBe(409)
    office.at(60)
    await office.tick(room)
    expect(await office.state(room)).toMatchObject({ status: 'reserved' })
  })

  test('an early end frees the rest, and a change of the meeting does not take it back', async () => {
    const room = await office.roomWith({ bufferAfterMinutes: 5 })
    const { id } = await office.meet(room, 0, 60)
    office.at(10)
    expect((await office.use(room, 'end')).body).toMatchObject({ status: 'blocked', current: null })
    office.at(15)
    expect(await office.state(room)).toMatchObject({ status: 'free' })
    const { meeting } = expectStatus(await office.book({ ...span(20, 50), roomIds: [room] }), 201).body
    expectStatus(await office.put(id, { title: 'Other', version: 1 }), 200)
    expect((await office.get(`/meetings/${meeting.id}`)).body.status).toBe('confirmed')
    const schedule = (await office.get(`/rooms/${room}/schedule?from=${office.time(0)}`)).body.items
    expect(schedule.map((item: { end: string }) => item.end)).toEqual([office.time(10), office.time(50)])
  })

  test('an extension moves the meeting’s end into free time only', async () => {
    const room = await office.roomWith()
    const { id } = await office.meet(room, 0, 30)
    await office.meet(room, 60, 90)
    office.at(20)
    const taken = await office.use(room, 'extend', { minutes: 31 })
    expect(taken.body).toMatchObject({
      status: 409,
      code: 'slot_conflict',
      conflicts: [{ resourceId: room, start: office.time(60) }],
    })
    expect((await office.get(`/meetings/${id}`)).body.endTime).toBe(office.time(30))
    expect(expectStatus(await office.use(room, 'extend', { minutes: 30 }), 200).body).toMatchObject({
      status: 'checked_in',
      current: { end: office.time(60) },
    })
    expect((await office.get(`/meetings/${id}`)).body.endTime).toBe(office.time(60))
    const extended = (await office.news(`room:${room}`)).at(-1)
    expect(extended).toMatchObject({ type: 'room.extended', data: { booked: [{ end: office.time(60) }] } })
  })

  test('one occurrence of a series loses the room, the others keep it, whatever is changed later', async () => {
    const room = await office.roomWith()
    const { id } = await office.meet(room, 30, 90, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } })
    office.at(25)
    expect(expectStatus(await office.use(room, 'release', { reason: 'moved online' }), 200).body.status).toBe('free')
    await office.meet(room, 30, 90)
    const { version, roomIds } = (await office.get(`/meetings/${id}`)).body
    expect(roomIds).toEqual([room])
    expectStatus(await office.put(id, { title: 'Renamed', version }), 200)
    const claims = await office.query(
      'SELECT recurrence_id FROM allocation WHERE meeting_id = $1 AND resource_id = $2',
      [id, room],
    )
    expect(claims).toHaveLength(2)
  })

  test('two meetings of one second do not trip over each other: a walk-up right after an end', async () => {
    const room = await office.roomWith()
    await office.meet(room, 0, 60)
    await office.meet(room, 90, 120)
    office.at(20.01)
    expectStatus(await office.use(room, 'end'), 200)
    const walked = expectStatus(await office.use(room, 'walkup', { minutes: 120 }), 201)
    expect(walked.body).toMatchObject({
      status: 'checked_in',
      current: { title: 'Walk-up', checkIn: 'done', end: office.time(90) },
      next: { start: office.time(90) },
    })
    expect(walked.headers.get('location')).toBe(`/meetings/${walked.body.current.meetingId}`)
    expect((await office.use(room, 'walkup')).body).toMatchObject({ status: 409, code: 'slot_conflict' })
    const booked = (await office.news(`room:${room}`)).at(-1)
    expect(booked).toMatchObject({ type: 'room.booked', data: { walkUp: true, state: { status: 'checked_in' } } })
    expect(JSON.stringify(booked)).not.toContain('Walk-up')
  })
})

function span(from: number, to: number) {
  return { startTime: office.time(from), endTime: office.time(to), timezone: 'UTC' }
}
