import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HOLD_JOB, createHoldsStore } from '../../db/holds/holds-tx.ts'
import { expireHold } from '../../domain/holds/expire-hold.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type RoomOffice, openRoomOffice } from '../../testkit/room-office.ts'

let office: RoomOffice
let mine: string
let other: string
let myId: string
beforeAll(async () => {
  office = await openRoomOffice()
  const [member, manager] = [await office.person('member'), await office.person('room_manager')]
  mine = member.token
  myId = member.id
  other = manager.token
})
afterAll(() => office[Symbol.asyncDispose]())
beforeEach(async () => {
  office.at(0)
  await office.query('DELETE FROM hold')
})

const call = (method: string, path: string, body?: object, token = mine) =>
  office.api.call(method, path, { token, ...(body && { body }) })
/** Of a room between two minutes. */
const place = (resourceIds: string[], from: number, to: number, more: object = {}, token = mine) => {
  const span = { start: office.time(from), end: office.time(to) }
  return call('POST', '/holds', { resourceIds, ...span, ...more }, token)
}
const booked = (room: string, from: number, to: number, token: string, more: object = {}) =>
  office.book(
    { roomIds: [room], startTime: office.time(from), endTime: office.time(to), timezone: 'UTC', ...more },
    token,
  )
const told = async (topic: string) => (await office.news(topic)).map(({ type }) => type)

describe('a hold', () => {
  test('keeps others out, never its owner, and is told without saying whose it is', async () => {
    const room = await office.roomWith()
    const held = expectStatus(await place([room, myId], 60, 120, { ttlSeconds: 60 }), 201)
    const { id } = held.body
    expect(held.body).toEqual({
      id,
      resourceIds: [room, myId].toSorted(),
      start: office.time(60),
      end: office.time(120),
      expiresAt: office.time(1),
      renewalsLeft: 2,
    })
    expect([held.headers.get('location'), held.headers.get('etag')]).toEqual([`/holds/${id}`, '"1.2"'])
    expect(await call('GET', `/holds/${id}`)).toMatchObject({ status: 200, body: held.body })
    expect((await call('GET', `/holds/${id}`, undefined, other)).status).toBe(404)
    const span = { start: office.time(60), end: office.time(120) }
    const [ofRoom] = await office.news(`holds:${room}`)
    expect(ofRoom).toMatchObject({ type: 'hold.placed', seq: 1 })
    expect(ofRoom?.data).toEqual({ id, resourceIds: [room], ...span, expiresAt: office.time(1) })
    const [ofPerson] = await office.news(`holds:${myId}`)
    expect(ofPerson?.data).toMatchObject({ resourceIds: [room, myId].toSorted() })

    const refused = await booked(room, 90, 150, other)
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'slot_conflict', conflicts: [{ resourceId: room, kind: 'hold', ...span }] },
    })
    expect(await place([room], 30, 90, {}, other)).toMatchObject({
      status: 409,
      body: { code: 'slot_conflict', conflicts: [{ resourceId: room, kind: 'hold', ...span }] },
    })
    const free = async (token: string) => {
      const query = `startTime=${office.time(60)}&endTime=${office.time(120)}`
      const { body } = await office.get(`/rooms/available?${query}`, token)
      return body.items.map((item: { id: string }) => item.id).includes(room)
    }
    expect([await free(mine), await free(other)]).toEqual([true, false])

    const meeting = expectStatus(await booked(room, 60, 120, mine), 201)
    expect(meeting.body.allocations).toHaveLength(1)
    expect(await office.query('SELECT id FROM hold WHERE id = $1', [id])).toEqual([])
    expect(await told(`holds:${room}`)).toEqual(['hold.placed', 'hold.converted'])
    const [placed, both] = await office.news(`room:${room}`)
    expect(placed).toMatchObject({ type: 'hold.placed', data: { booked: [{ kind: 'hold', holdId: id }] } })
    // One event for the room says both.
    const [span0] = (placed as unknown as { data: { booked: { allocationId: string }[] } }).data.booked
    expect(both).toMatchObject({ type: 'room.booked', data: { released: [span0?.allocationId] } })
    expect(await call('POST', `/holds/${id}/renew`, {})).toMatchObject({ status: 404 })
  })

  test('of people only keeps nobody out, and goes when its owner books them', async () => {
    const { id } = expectStatus(await place([myId], 60, 120), 201).body
    const elsewhere = await office.roomWith()
    expectStatus(await booked(elsewhere, 90, 100, other, { participants: [{ userId: myId }] }), 201)
    expectStatus(await booked(await office.roomWith(), 200, 260, mine), 201)
    expect((await call('GET', '/holds')).body.items).toMatchObject([{ id }])
    expectStatus(await booked(await office.roomWith(), 60, 120, mine), 201)
    expect((await call('GET', '/holds')).body.items).toEqual([])
    expect((await told(`holds:${myId}`)).slice(-2)).toEqual(['hold.placed', 'hold.converted'])
  })

  test('is over on the second, for every writer, before anybody has removed it', async () => {
    const room = await office.roomWith()
    const { id } = expectStatus(await place([room], 60, 120, { ttlSeconds: 60 }), 201).body
    office.at(59.9 / 60)
    expect((await booked(room, 60, 120, other)).status).toBe(409)
    office.at(1)
    const query = `startTime=${office.time(60)}&endTime=${office.time(120)}`
    expect(JSON.stringify((await office.get(`/rooms/available?${query}`, other)).body)).toContain(room)
    expect((await office.get(`/rooms/${room}/schedule?from=${office.time(0)}`, other)).body.items).toEqual([])
    expect(await call('POST', `/holds/${id}/renew`, {})).toMatchObject({ status: 404 })
    expectStatus(await booked(room, 60, 120, other), 201)
    expect(await told(`holds:${room}`)).toEqual(['hold.placed', 'hold.expired'])
    expect(await told(`person:${myId}`)).toContain('hold.expired')
    // And it gives way to a change and to another hold.
    expectStatus(await place([room], 130, 190, { ttlSeconds: 60 }), 201)
    office.at(2)
    expectStatus(await place([room], 130, 190, { ttlSeconds: 600 }, other), 201)
    const elsewhere = await office.roomWith()
    expectStatus(await place([elsewhere], 60, 120, { ttlSeconds: 60 }), 201)
    office.at(3)
    const { meeting } = expectStatus(await booked(await office.roomWith(), 60, 120, other), 201).body
    const moved = await office.put(meeting.id, { roomIds: [elsewhere], version: 1 }, other)
    expectStatus(moved, 200)
    expect(await told(`holds:${elsewhere}`)).toEqual(['hold.placed', 'hold.expired'])
  })

  test('keeps a slot for half an hour at most, however often it is placed anew or renewed', async () => {
    const room = await office.roomWith()
    const longest = { ttlSeconds: 600 }
    expectStatus(await place([room], 60, 120, longest), 201)
    for (const minute of [9, 18]) {
      office.at(minute)
      expect((await place([room], 60, 120, longest)).body.expiresAt).toBe(office.time(minute + 10))
    }
    office.at(27)
    const { id, expiresAt } = expectStatus(await place([room], 90, 150, longest), 201).body
    expect(expiresAt).toBe(office.time(30))
    expect((await call('POST', `/holds/${id}/renew`, longest)).body.expiresAt).toBe(office.time(30))
    // Elsewhere is another slot.
    expect((await place([room], 150, 210, longest)).body.expiresAt).toBe(office.time(37))
    office.at(30)
    expect((await place([room], 60, 120, longest, other)).status).toBe(201)
  })

  test('ends by its job, which tells who looks; renewed, it ends later', async () => {
    const room = await office.roomWith()
    const { id } = expectStatus(await place([room], 60, 120, { ttlSeconds: 60 }), 201).body
    const [due] = await office.query('SELECT subject, due_at FROM due WHERE kind = $1 AND subject = $2', [HOLD_JOB, id])
    expect(formatInstant((due as unknown as { due_at: Date }).due_at.getTime() as never)).toBe(office.time(1))
    const expire = () => {
      const deps = { ...office.deps, ...createHoldsStore({ ...office.api.deps, pool: office.api.database.app }) }
      return expireHold(deps, office.actor(office.organizationId, 'owner'), { holdId: id })
    }
    const renewed = expectStatus(await call('POST', `/holds/${id}/renew`, { ttlSeconds: 120 }), 200).body
    expect(renewed).toMatchObject({ expiresAt: office.time(2), renewalsLeft: 1 })
    // Never shorter.
    expect((await call('POST', `/holds/${id}/renew`, { ttlSeconds: 1 })).body.expiresAt).toBe(office.time(2))
    expect(await call('POST', `/holds/${id}/renew`, {})).toMatchObject({
      status: 409,
      body: { code: 'illegal_transition' },
    })
    office.at(1)
    expect(await expire()).toEqual({ ok: true, value: Date.parse(office.time(2)) })
    office.at(2)
    expect(await expire()).toEqual({ ok: true, value: undefined })
    expect(await expire()).toEqual({ ok: true, value: undefined })
    expect(await told(`holds:${room}`)).toEqual(['hold.placed', 'hold.renewed', 'hold.renewed', 'hold.expired'])
    expect(await office.query('SELECT FROM allocation WHERE resource_id = $1', [room])).toEqual([])
  })

  test('converts as a whole, or stays as it is', async () => {
    const room = await office.roomWith()
    const guest = (await office.person('admin')).id
    const { id } = expectStatus(await place([room, myId, guest], 60, 120), 201).body
    const refused = await call('POST', `/holds/${id}/convert`, {
      ...{
        title: 'Held',
        timezone: 'UTC',
        participants: Array.from({ length: 9 }, (_, i) => ({ email: `${i}@x.org` })),
      },
    })
    expect(refused).toMatchObject({ status: 409, body: { code: 'capacity' } })
    expect((await call('GET', '/holds')).body.items).toMatchObject([{ id }])
    expect(await call('POST', `/holds/${id}/convert`, { title: 'Mine', timezone: 'UTC' }, other)).toMatchObject({
      status: 404,
    })
    const converted = expectStatus(await call('POST', `/holds/${id}/convert`, { title: 'Held', timezone: 'UTC' }), 201)
    expect(converted.body.meeting).toMatchObject({
      startTime: office.time(60),
      endTime: office.time(120),
      roomIds: [room],
      organizer: { id: myId },
      participants: [{ userId: guest, role: 'required' }],
    })
    expect(await told(`holds:${room}`)).toEqual(['hold.placed', 'hold.converted'])
    expect((await call('GET', '/holds')).body.items).toEqual([])
    expect(await call('DELETE', `/holds/${id}`)).toMatchObject({ status: 404 })
  })

  test('is judged like the booking it is to become: rules, buffers, seats', async () => {
    const strict = await office.roomWith({ maxDurationMinutes: 60 })
    expect(await place([strict], 60, 180)).toMatchObject({ status: 409, body: { code: 'rule_violation' } })
    const small = await office.room({ capacity: 1 })
    const crowded = await place([small, (await office.person('admin')).id], 60, 120)
    expect(crowded).toMatchObject({ status: 409, body: { code: 'capacity', conflicts: [{ resourceId: small }] } })
    // It is of no series and no meeting.
    expect(crowded.body.conflicts[0]).not.toHaveProperty('recurrenceId')
    const buffered = await office.roomWith({ bufferAfterMinutes: 15 })
    expectStatus(await place([buffered], 60, 120), 201)
    expect((await booked(buffered, 130, 140, other)).status).toBe(409)
    expectStatus(await booked(buffered, 135, 150, other), 201)
  })

  test('moves in one step, and stays where it was when the new place is taken', async () => {
    const room = await office.roomWith()
    expectStatus(await booked(room, 180, 240, other), 201)
    const { id } = expectStatus(await place([room], 60, 120), 201).body
    expect((await place([room], 150, 210, { replaces: id })).status).toBe(409)
    expect((await call('GET', '/holds')).body.items).toMatchObject([{ id, start: office.time(60) }])
    const next = expectStatus(await place([room], 90, 150, { replaces: id }), 201).body
    expect((await call('GET', '/holds')).body.items).toMatchObject([{ id: next.id, start: office.time(90) }])
    expect(await told(`holds:${room}`)).toEqual(['hold.placed', 'hold.released', 'hold.placed'])
    // What overlaps an own one takes its place, named or not.
    const third = expectStatus(await place([room], 100, 160), 201).body
    expect((await call('GET', '/holds')).body.items).toMatchObject([{ id: third.id }])
    expect(await place([room], 60, 90, { replaces: next.id })).toMatchObject({ status: 404 })
    expect((await call('DELETE', `/holds/${third.id}`)).status).toBe(204)
    expect((await office.news(`room:${room}`)).at(-1)).toMatchObject({ type: 'hold.released', data: { booked: [] } })
  })

  test('is one of five at most, for a person; parallel ones are counted, too', async () => {
    const rooms = await Promise.all(Array.from({ length: 8 }, () => office.roomWith()))
    const answers = await Promise.all(rooms.map((room) => place([room], 60, 120)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5)
    const over = answers.filter(({ status }) => status !== 201)
    expect(over.map(({ status, body }) => [status, body.code])).toEqual(over.map(() => [422, 'too_large']))
    expectStatus(await place([rooms[0] as string], 200, 260, {}, other), 201)
  })

  test('shows in the room: its state, its schedule, and the walk-up it leaves time for', async () => {
    const room = await office.roomWith()
    const { id } = expectStatus(await place([room], 10, 60, { ttlSeconds: 600 }), 201).body
    expect(await office.state(room)).toMatchObject({ status: 'free', freeUntil: office.time(10) })
    const { items } = (await office.get(`/rooms/${room}/schedule?from=${office.time(0)}`, other)).body
    expect(items).toEqual([
      {
        ...{ allocationId: expect.any(String), holdId: id, kind: 'hold', status: 'held' },
        ...{ start: office.time(10), end: office.time(60), expiresAt: office.time(10) },
      },
    ])
    office.at(5)
    expectStatus(await call('POST', `/holds/${id}/renew`, { ttlSeconds: 600 }), 200)
    expect(await office.use(room, 'walkup', { minutes: 30 }, other)).toMatchObject({
      status: 201,
      body: { current: { start: office.time(5), end: office.time(10) } },
    })
    office.at(11)
    expect(await office.state(room)).toMatchObject({ status: 'held' })
    office.at(15)
    expect(await office.state(room)).toMatchObject({ status: 'free' })
  })

  test.each([
    ['ends before it begins', (room: string) => [[room], 60, 30, {}], 422, 'invalid_time'],
    ['lasts longer than ten minutes', (room: string) => [[room], 60, 90, { ttlSeconds: 601 }], 422, 'invalid_input'],
    ['names nothing', () => [[], 60, 90, {}], 422, 'invalid_input'],
    ['names nobody', () => [['01900000-0000-7000-8000-000000000000'], 60, 90, {}], 422, 'unknown_reference'],
    ['spans months', (room: string) => [[room], 60, 60_000, {}], 422, 'too_large'],
  ] as const)('that %s is refused', async (_, args, status, code) => {
    const room = await office.roomWith()
    const before = await office.counts()
    const refused = await place(...(args(room) as unknown as Parameters<typeof place>))
    expect([refused.status, refused.body.code]).toEqual([status, code])
    expect(await office.counts()).toEqual(before)
  })

  test('is placed by who may book, and by nobody else', async () => {
    const room = await office.roomWith()
    const panel = await office.panel(room)
    expect((await place([room], 60, 90, {}, panel)).status).toBe(403)
    const auditor = await office.person('auditor')
    expect((await place([room], 60, 90, {}, auditor.token)).status).toBe(403)
    expect((await place([], 60, 90, {}, auditor.token)).status).toBe(403)
  })
})
