import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { type Item, R, type ScopeDesk, scopeDesk } from '../../testkit/scope-desk.ts'

/** CONTRACT.md, Scopes, sentence by sentence. The clock stands before the first meeting. */

let office: BookingOffice
let desk: ScopeDesk
beforeAll(async () => {
  office = await openBookingOffice()
  desk = scopeDesk(office)
})
afterAll(() => office[Symbol.asyncDispose]())

describe('scope following', () => {
  test('ends the series before R; a new meeting takes what is left with its exceptions and the edit', async () => {
    const room = await office.room()
    const id = await desk.series({ roomIds: [room] })
    await desk.drop(id, 'this', R[3])
    await desk.patch(id, { startTime: '2026-11-24T06:00:00Z', title: 'Early' }, 'this', R[4])
    const split = await desk.patch(id, { startTime: { local: '2026-11-26T11:00' } }, 'following', R[2])
    expect(split).toMatchObject({
      status: 201,
      body: {
        splitFrom: { meetingId: id, recurrenceId: R[2] },
        recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' },
        version: 1,
      },
    })
    const rest = split.body.id
    expect(split.headers.get('location')).toBe(`/meetings/${rest}`)
    expect(await desk.look(id)).toEqual(['24: 24 09:00-10:00', '25: 25 09:00-10:00'])
    expect(await desk.look(rest)).toEqual(['28: 24 06:00-07:00 Early', '26: 26 10:00-11:00'].toSorted())
    expect((await desk.occurrences(rest, '?status=cancelled')).map((one) => one.recurrenceId)).toEqual([
      '20261127T110000',
    ])
    expect(await desk.occurrences(id, '?status=cancelled')).toEqual([])
    expect(await desk.taken(room)).toEqual(['24 06:00', '24 09:00', '25 09:00', '26 10:00'])
    expect(await office.news(`meeting:${rest}`)).toMatchObject([{ seq: 1, type: 'meeting.created' }])
    expect((await office.get(`/meetings/${id}`)).body).toMatchObject({ version: 4 })
  })

  test('keeps the same UNTIL, replaces R’s own time by the times given, and keeps it otherwise', async () => {
    const id = await desk.series({ recurrencePattern: { rrule: 'FREQ=DAILY;UNTIL=20261128T090000Z' } })
    await desk.patch(id, { startTime: '2026-11-25T20:00:00Z' }, 'this', R[1])
    await desk.patch(id, { startTime: '2026-11-27T20:00:00Z' }, 'this', R[3])
    const first = expectStatus(await desk.patch(id, { endTime: '2026-11-25T09:30:00Z' }, 'following', R[1]), 201).body
    expect(first.recurrencePattern.rrule).toBe('FREQ=DAILY;UNTIL=20261128T090000Z')
    expect(await desk.look(first.id)).toEqual([
      '25: 25 09:00-09:30',
      '26: 26 09:00-09:30',
      '27: 27 20:00-21:00',
      '28: 28 09:00-09:30',
    ])
    const second = expectStatus(await desk.patch(first.id, { title: 'Late' }, 'following', R[3]), 201).body
    expect(await desk.look(second.id)).toEqual(['27: 27 20:00-21:00 Late', '28: 28 09:00-09:30 Late'])
  })

  test('at the first instance, cancelled or not, is simply all; DELETE there cancels the meeting', async () => {
    const id = await desk.series()
    await desk.drop(id, 'this', R[0])
    expect(await desk.patch(id, { title: 'All' }, 'following', R[0])).toMatchObject({
      status: 200,
      body: { id, title: 'All' },
    })
    expect(await desk.patch(id, { title: 'X' }, 'following', R[0])).toMatchObject({ status: 200 })
    await desk.drop(id, 'this', R[2])
    expect(await desk.patch(id, { title: 'X' }, 'following', R[2])).toMatchObject({ status: 409 })
    expect((await desk.drop(id, 'following', R[0])).status).toBe(204)
    expect((await office.get(`/meetings/${id}`)).body.status).toBe('cancelled')
  })

  test('DELETE again is 204 and changes nothing; PATCH there finds nothing any more', async () => {
    const id = await desk.series()
    expect((await desk.drop(id, 'following', R[2])).status).toBe(204)
    const { body } = await office.get(`/meetings/${id}`)
    expect((await desk.drop(id, 'following', R[2])).status).toBe(204)
    expect((await desk.drop(id, 'following', R[4])).status).toBe(204)
    expect((await office.get(`/meetings/${id}`)).body).toEqual(body)
    expect((await desk.patch(id, { title: 'X' }, 'following', R[2])).status).toBe(404)
    expect((await desk.drop(id, 'this', R[2])).status).toBe(404)
    expect((await desk.drop(id, 'following', '20261126T110000')).status).toBe(404)
    const endless = await desk.series({ recurrencePattern: { rrule: 'FREQ=DAILY' } })
    for (const _ of 'ab') expect((await desk.drop(endless, 'following', R[2])).status).toBe(204)
    expect(await desk.look(endless)).toEqual(['24: 24 09:00-10:00', '25: 25 09:00-10:00'])
  })

  test('a room that is taken refuses the whole, and nothing has happened', async () => {
    const [room, other] = [await office.room(), await office.room()]
    const id = await desk.series({ roomIds: [room] })
    await office.book({ roomIds: [other], startTime: '2026-11-27T09:00:00Z', endTime: '2026-11-27T10:00:00Z' })
    const before = await office.counts()
    const refused = await desk.patch(id, { roomIds: [other] }, 'following', R[2])
    expect(refused).toMatchObject({ status: 409, body: { code: 'slot_conflict', conflicts: [{ recurrenceId: R[3] }] } })
    expect(await office.counts()).toEqual(before)
    expect(await desk.patch(id, { roomIds: [other], onConflict: 'skip' }, 'following', R[2])).toMatchObject({
      status: 201,
      body: { warnings: [expect.stringContaining(R[3])] },
    })
    expect(await desk.taken(other)).toEqual(['26 09:00', '27 09:00', '28 09:00'])
    expect(await desk.taken(room)).toEqual(['24 09:00', '25 09:00'])
  })

  test('at a date of its own the series goes on from the next that its rule gives', async () => {
    const id = await desk.series({
      recurrencePattern: { rrule: 'FREQ=DAILY;INTERVAL=2;COUNT=3', rdates: [R[1], R[3]] },
    })
    const split = expectStatus(
      await desk.patch(id, { startTime: { local: '2026-11-25T12:00' } }, 'following', R[1]),
      201,
    ).body
    expect(await desk.look(split.id)).toEqual([
      '25: 25 11:00-12:00',
      '26: 26 11:00-12:00',
      '27: 27 11:00-12:00',
      '28: 28 11:00-12:00',
    ])
    expect(await desk.look(id)).toEqual(['24: 24 09:00-10:00'])
  })
})

describe('restore', () => {
  test('brings a cancelled meeting back as it was, if its room is still free', async () => {
    const room = await office.room()
    const id = await desk.series({ roomIds: [room], status: 'tentative' })
    await desk.drop(id, 'this', R[1])
    await desk.patch(id, { title: 'Own' }, 'this', R[2])
    expect(await desk.restore(id)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } })
    expect((await desk.drop(id)).status).toBe(204)
    expect(await desk.restore(id, { recurrenceId: R[1] })).toMatchObject({ status: 409 })
    const blocker = expectStatus(await office.book({ roomIds: [room] }), 201).body.meeting.id
    expect(await desk.restore(id)).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })
    await desk.drop(blocker)
    expect(await desk.restore(id)).toMatchObject({ status: 200, body: { id, status: 'tentative' } })
    expect(await desk.look(id)).toEqual([
      '24: 24 09:00-10:00',
      '26: 26 09:00-10:00 Own',
      '27: 27 09:00-10:00',
      '28: 28 09:00-10:00',
    ])
    expect(await desk.taken(room)).toHaveLength(4)
    expect(await desk.restore(id)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } })
  })
})

describe('an all-day meeting', () => {
  test('goes from midnight to midnight, also on days of 23 and 25 hours', async () => {
    const times = { startTime: { local: '2027-03-27T00:00' }, endTime: { local: '2027-03-28T00:00' }, allDay: true }
    const id = await desk.series({ ...times, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } })
    const window = '?from=2027-03-01T00:00:00Z&to=2027-12-01T00:00:00Z'
    expect((await desk.occurrences(id, window)).map((o) => `${o.startTime} ${o.endTime}`)).toEqual([
      '2027-03-26T23:00:00Z 2027-03-27T23:00:00Z',
      '2027-03-27T23:00:00Z 2027-03-28T22:00:00Z',
      '2027-03-28T22:00:00Z 2027-03-29T22:00:00Z',
    ])
    const longer = expectStatus(await desk.patch(id, { endTime: { local: '2027-03-29T00:00' } }), 200).body
    expect(longer).toMatchObject({ allDay: true, endTime: '2027-03-28T22:00:00Z' })
    expect((await desk.patch(id, { startTime: { local: '2027-03-27T09:00' } })).status).toBe(422)
    expect((await desk.patch(id, { endTime: { local: '2027-03-28T12:00' } }, 'this', '20270327T000000')).status).toBe(
      422,
    )
    expect((await office.book({ allDay: true })).status).toBe(422)
    const ical = await desk.patch(id, {
      allDay: false,
      startTime: { local: '2027-03-27T09:00' },
      endTime: { local: '2027-03-27T10:00' },
    })
    expect(ical).toMatchObject({ status: 200, body: { allDay: false } })
  })

  test('has no whole day where an occurrence has stayed at hours of its own', async () => {
    const id = await desk.series()
    expectStatus(await desk.patch(id, { startTime: { local: '2026-11-25T15:00' } }, 'this', R[1]), 200)
    const days = { startTime: { local: '2026-11-24T00:00' }, endTime: { local: '2026-11-25T00:00' }, allDay: true }
    expectStatus(await desk.patch(id, days), 200)
    const items = (await desk.occurrences(id)) as (Item & { allDay: boolean })[]
    expect(items.map(({ allDay }) => allDay)).toEqual([true, false, true, true, true])
    expect(items[1]).toMatchObject({ startTime: '2026-11-25T14:00:00Z', endTime: '2026-11-25T15:00:00Z' })
  })
})
