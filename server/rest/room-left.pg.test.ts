import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../../testkit/booking-office.ts'
import { type RoomOffice, openRoomOffice } from '../../testkit/room-office.ts'

let office: RoomOffice
beforeAll(async () => {
  office = await openRoomOffice()
})
afterAll(() => office[Symbol.asyncDispose]())
beforeEach(() => office.at(0))

/** Of a daily series from half past nine to half past ten: its first occurrence. */
const FIRST = '20261123T093000'

describe('an occurrence whose room was given back', () => {
  test('names it no more, for no reader, and the others still do', async () => {
    const { room, id } = await givenBack()
    const { items } = (await office.get(`/meetings/${id}/occurrences`)).body
    const named = items.map(({ roomIds, isException }: never) => ({ roomIds, isException }))
    expect(named).toEqual([
      { roomIds: [], isException: true },
      ...[1, 2].map(() => ({ roomIds: [room], isException: false })),
    ])
    const { items: history } = (await office.get(`/meetings/${id}/history`)).body
    expect(history[0]).toMatchObject({
      ...{ action: 'room.release', scope: 'this', recurrenceId: FIRST },
      changes: { roomIds: { before: [room], after: [] } },
    })
  })

  test('does not have it as a meeting of its own either, and is told no when somebody else has it by then', async () => {
    const { room, id } = await givenBack()
    expect(await patch(id, { recurrencePattern: null })).toMatchObject({
      status: 200,
      body: { roomIds: [], room: null },
    })
    await office.meet(room, 40, 80)
    expect(await patch(id, { roomIds: [room] })).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })
    expectStatus(await patch(id, { endTime: office.time(120) }), 200)
    expect(await taken(room)).toEqual([`${office.time(40)} ${office.time(80)}`])
  })

  test('has it again where it is named again, as long and as short as any other', async () => {
    const { room, id } = await givenBack()
    const [own, none] = [{ roomIds: [room] }, { roomIds: [] }]
    expectStatus(await patch(id, own, FIRST), 200)
    expectStatus(await patch(id, { endTime: office.time(60) }, FIRST), 200)
    expect((await taken(room))[0]).toBe(`${office.time(30)} ${office.time(60)}`)
    expectStatus(await patch(id, none, FIRST), 200)
    expect(await taken(room)).toHaveLength(2)
  })

  test('has none when its series goes elsewhere', async () => {
    const { room, id } = await givenBack()
    const other = await office.room()
    expectStatus(await patch(id, { roomIds: [other] }), 200)
    expect([await taken(room), (await taken(other)).length]).toEqual([[], 2])
  })
})

describe('an occurrence that left its room early', () => {
  test('has it again at another time, in a room of another name or the same', async () => {
    const { room, id } = await leftEarly()
    const moved = { startTime: office.time(150), endTime: office.time(180) }
    expectStatus(await patch(id, moved, FIRST), 200)
    expect((await taken(room))[0]).toBe(`${office.time(150)} ${office.time(180)}`)
    expectStatus(await patch(id, { startTime: office.time(30), endTime: office.time(60) }, FIRST), 200)
    expect((await taken(room))[0]).toBe(`${office.time(30)} ${office.time(60)}`)
  })

  test('does not have it where it has another', async () => {
    const { room, id } = await leftEarly()
    const other = await office.room()
    expectStatus(await patch(id, { roomIds: [other] }, FIRST), 200)
    expect([(await taken(room)).length, (await taken(other)).length]).toEqual([2, 1])
  })
})

async function givenBack() {
  const series = await daily()
  office.at(25)
  expectStatus(await office.use(series.room, 'release'), 200)
  return series
}

async function leftEarly() {
  const series = await daily()
  office.at(40)
  expectStatus(await office.use(series.room, 'checkin'), 200)
  expectStatus(await office.use(series.room, 'end'), 200)
  expect((await taken(series.room))[0]).toBe(`${office.time(30)} ${office.time(40)}`)
  return series
}

async function daily() {
  const room = await office.roomWith()
  const { id } = await office.meet(room, 30, 90, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } })
  return { room, id }
}

function patch(id: string, body: object, recurrenceId?: string) {
  const query = recurrenceId === undefined ? '' : `?scope=this&recurrenceId=${recurrenceId}`
  return office.api.call('PATCH', `/meetings/${id}${query}`, { token: office.token, body })
}

/** What takes the room: `start end`. */
async function taken(room: string): Promise<string[]> {
  const { items } = (await office.get(`/rooms/${room}/schedule?from=${office.time(0)}`)).body
  return items.map(({ start, end }: { start: string; end: string }) => `${start} ${end}`)
}
