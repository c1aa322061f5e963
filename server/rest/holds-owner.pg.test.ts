import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
beforeEach(() => office.query('DELETE FROM hold'))

const call = (method: string, path: string, body?: object, token = mine) =>
  office.api.call(method, path, { token, ...(body && { body }) })
const place = (resourceIds: string[], from: number, to: number, more: object = {}, token = mine) => {
  const span = { start: office.time(from), end: office.time(to) }
  return call('POST', '/holds', { resourceIds, ...span, ...more }, token)
}
/** By the owner of the holds. */
const booked = (room: string) =>
  office.book({ roomIds: [room], startTime: office.time(60), endTime: office.time(120), timezone: 'UTC' }, mine)
const told = async (topic: string) => (await office.news(topic)).map(({ type }) => type)
const idsIn = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id)
const aFloor = async () => {
  const [row] = await office.query(
    `WITH b AS (INSERT INTO building (organization_id, id, name, timezone) VALUES ($1, uuidv7(), uuidv7(), 'UTC') RETURNING id)
     INSERT INTO floor SELECT $1, uuidv7(), id, 'First', 1 FROM b RETURNING id`,
    [office.organizationId],
  )
  return (row as unknown as { id: string }).id
}

describe('a hold', () => {
  test('of several rooms keeps the others when its owner books or holds one of them', async () => {
    const floor = await aFloor()
    const on = { floorId: floor }
    const [one, two, three] = [await office.room(on), await office.room(on), await office.room()]
    const { id, expiresAt } = expectStatus(await place([one, two, three, myId], 60, 120), 201).body
    expectStatus(await booked(one), 201)
    const rest = { id, resourceIds: [two, three, myId].toSorted(), expiresAt, renewalsLeft: 2 }
    expect((await call('GET', '/holds')).body.items).toMatchObject([rest])
    expect((await call('GET', `/holds/${id}`)).headers.get('etag')).toBe('"1.3"')
    expect((await place([two], 60, 120, {}, other)).status).toBe(409)
    // Gone where it is booked, and smaller to everybody else, once each.
    expect(await told(`holds:${one}`)).toEqual(['hold.placed', 'hold.converted'])
    for (const topic of [floor, two, three, myId]) {
      expect((await told(`holds:${topic}`)).slice(-2)).toEqual(['hold.placed', 'hold.changed'])
    }
    expect((await office.news(`holds:${two}`)).at(-1)?.data).toMatchObject({ id, resourceIds: [two, three].toSorted() })
    expect(await told(`room:${two}`)).toEqual(['hold.placed'])

    const next = expectStatus(await place([two], 90, 150), 201).body
    expect(new Set(idsIn((await call('GET', '/holds')).body))).toEqual(new Set([id, next.id]))
    expect((await told(`holds:${two}`)).slice(-2)).toEqual(['hold.released', 'hold.placed'])
    expect((await office.news(`holds:${floor}`)).at(-2)).toMatchObject({ type: 'hold.released', data: { id } })
    const converted = expectStatus(await call('POST', `/holds/${id}/convert`, { title: 'Rest', timezone: 'UTC' }), 201)
    expect(converted.body.meeting.roomIds).toEqual([three])
  })

  test('of several rooms goes with the last of them, also when all are booked at the same time', async () => {
    for (let i = 0; i < 8; i++) {
      const rooms = await Promise.all([office.roomWith(), office.roomWith()])
      expectStatus(await place([...rooms, myId], 60, 120), 201)
      const answers = await Promise.all(rooms.map((room) => booked(room)))
      expect(answers.map(({ status }) => status)).toEqual([201, 201])
      expect((await call('GET', '/holds')).body.items).toEqual([])
      expect((await told(`holds:${myId}`)).at(-1)).toBe('hold.converted')
    }
  })

  test('is listed in pages, the first to end first', async () => {
    const rooms = await Promise.all([office.roomWith(), office.roomWith(), office.roomWith()])
    const ids: string[] = []
    for (const [i, room] of rooms.entries()) {
      ids[(i + 1) % 3] = expectStatus(
        await place([room], 60, 120, { ttlSeconds: 60 + 30 * ((i + 1) % 3) }),
        201,
      ).body.id
    }
    const first = (await call('GET', '/holds?limit=2')).body
    expect(idsIn(first)).toEqual(ids.slice(0, 2))
    const last = (await call('GET', `/holds?limit=2&cursor=${first.nextCursor}`)).body
    expect([idsIn(last), last.nextCursor]).toEqual([ids.slice(2), null])
  })

  test('is given back by who names a version only when it is that one', async () => {
    const { id } = expectStatus(await place([await office.roomWith()], 60, 120), 201).body
    const renewed = expectStatus(await call('POST', `/holds/${id}/renew`, { ttlSeconds: 600 }), 200)
    const giveBack = (etag: string) =>
      office.api.call('DELETE', `/holds/${id}`, { token: mine, headers: { 'if-match': etag } })
    expect(await giveBack('"1.1"')).toMatchObject({ status: 412, body: { code: 'stale', current: renewed.body } })
    expectStatus(await giveBack(renewed.headers.get('etag') as string), 204)
  })
})
