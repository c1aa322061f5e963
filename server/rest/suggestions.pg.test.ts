import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type BookingOffice,
  type Person,
  MEETING,
  expectStatus,
  openBookingOffice,
} from '../../testkit/booking-office.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
/** Tuesday, working hours in UTC. */
const TUESDAY = { from: '2026-11-24T09:00:00Z', to: '2026-11-24T17:00:00Z' }

let office: BookingOffice
let member: Person
beforeAll(async () => {
  office = await openBookingOffice()
  member = await office.person('member')
})
afterAll(() => office[Symbol.asyncDispose]())

const ask = (body: object, by = office.token) =>
  office.api.call('POST', '/calendar/suggestions', {
    token: by,
    body: { durationMinutes: 60, window: TUESDAY, ...body },
  })

async function found(body: object, by?: string) {
  return expectStatus(await ask(body, by), 200).body
}

describe('suggestions', () => {
  test('are slots that everybody required can come to, with reasons; each can be booked by who asked', async () => {
    const room = await office.room({
      name: 'Oak',
      capacity: 3,
      bookingRules: { bufferBeforeMinutes: 15, minNoticeMinutes: 60 },
    })
    const taken = await office.book({ roomIds: [room], participants: [{ userId: member.id }] })
    expectStatus(taken, 201)
    const asked = { required: [member.id], rooms: { anyOf: [room] }, granularityMinutes: 30, limit: 100 }
    const { slots, total, sources } = await found(asked)
    expect(sources[0]).toMatchObject({ kind: 'meetings', freshAsOf: '2026-11-23T09:00:00Z' })
    // Busy from 9 to 10, and the room asks for a quarter of an hour before each booking.
    const starts = slots.map((slot: { start: string }) => slot.start.slice(11, 16)).toSorted()
    expect([starts[0], starts.at(-1), total, starts.length]).toEqual(['10:30', '16:00', 12, 12])
    expect(slots[0]).toMatchObject({ roomIds: [room], attendance: { present: [member.id], absent: [] } })
    expect(slots[0].reasons).toEqual(
      expect.arrayContaining([
        'P member can come.',
        'Oak is free and seats 3 for 2.',
        'Between 09:00 and 17:00 for everybody who comes.',
      ]),
    )
    for (const { start, end, roomIds } of slots) {
      const booked = await office.book({
        startTime: start,
        endTime: end,
        timezone: 'UTC',
        roomIds,
        participants: [{ userId: member.id }],
      })
      expectStatus(booked, 201)
      expectStatus(await office.api.call('DELETE', `/meetings/${booked.body.meeting.id}`, { token: office.token }), 204)
    }
    await office.api.call('DELETE', `/meetings/${taken.body.meeting.id}`, { token: office.token })
  })

  test('of a series are free for every occurrence', async () => {
    const room = await office.room({ name: 'Elm' })
    // In the third week of it.
    const later = { startTime: '2026-12-08T09:00:00Z', endTime: '2026-12-08T12:00:00Z', timezone: 'UTC' }
    expectStatus(await office.book({ ...later, roomIds: [room] }), 201)
    const recurrencePattern = { rrule: 'FREQ=WEEKLY' }
    const { slots } = await found({ rooms: { anyOf: [room] }, recurrencePattern, granularityMinutes: 60 })
    const starts = slots.map((slot: { start: string }) => slot.start.slice(11, 16)).toSorted()
    expect([starts[0], starts.length]).toEqual(['12:00', 5])
    const [{ start, end, roomIds }] = slots
    const series = { startTime: start, endTime: end, timezone: 'UTC', roomIds, recurrencePattern }
    expectStatus(await office.book(series), 201)
  })

  test('of a series say on how many dates somebody required cannot come, and can be booked all the same', async () => {
    const ana = await office.person('member')
    // Nine o'clock of the second and third Tuesday, and a holiday of his own on the fourth.
    for (const day of ['2026-12-01', '2026-12-08']) {
      const taken = { startTime: `${day}T09:00:00Z`, endTime: `${day}T10:00:00Z`, timezone: 'UTC' }
      expectStatus(await office.book({ ...taken, participants: [{ userId: ana.id }] }), 201)
    }
    const away = { items: [{ start: '2026-12-15T00:00:00Z', end: '2026-12-16T00:00:00Z' }] }
    const put = (body: object) =>
      office.api.call('PUT', `/users/${ana.id}/absences`, { token: ana.token, body, headers: { 'if-match': '*' } })
    expectStatus(await put(away), 200)
    const recurrencePattern = { rrule: 'FREQ=WEEKLY;COUNT=6' }
    const window = { from: TUESDAY.from, to: '2026-11-24T11:00:00Z' }
    const { slots } = await found({ required: [ana.id], recurrencePattern, window, granularityMinutes: 60 })
    const told = slots.map(({ start, reasons }: { start: string; reasons: string[] }) => [
      start.slice(11, 16),
      reasons.find((reason) => reason.includes('dates')),
    ])
    expect(told).toEqual([
      ['10:00', 'P member is busy or not at work on 1 of 6 dates.'],
      ['09:00', 'P member is busy or not at work on 3 of 6 dates.'],
    ])
    for (const { start, end } of slots) {
      const series = { startTime: start, endTime: end, timezone: 'UTC', recurrencePattern }
      const booked = await office.book({ ...series, participants: [{ userId: ana.id }] })
      expectStatus(booked, 201)
      expectStatus(await office.api.call('DELETE', `/meetings/${booked.body.meeting.id}`, { token: office.token }), 204)
    }
    expectStatus(await put({ items: [] }), 200)
  })

  test('where there are none, who is in the way is named, and each way out gives what it says', async () => {
    const [a, b] = [await office.person('admin'), await office.person('room_manager')]
    const day = { startTime: TUESDAY.from, endTime: TUESDAY.to, timezone: 'UTC' }
    expectStatus(await office.book({ ...day, participants: [{ userId: a.id }] }, a.token), 201)
    const { slots, blocking, relaxations } = await found({ required: [a.id, b.id] })
    expect([slots, blocking]).toEqual([
      [],
      [
        {
          kind: 'person',
          userId: a.id,
          sentence: 'At every start in the window P admin is busy, not at work or full for the day.',
        },
      ],
    ])
    expect(relaxations[0]).toEqual({
      change: { kind: 'without_person', userId: a.id },
      slots: 29,
      sentence: 'Without P admin: 29 slots.',
    })
    expect((await found({ required: [b.id], limit: 500 })).slots).toHaveLength(29)
    const wider = relaxations.find(({ change }: { change: { kind: string } }) => change.kind === 'wider_window')
    const { total } = await found({ required: [a.id, b.id], window: { ...TUESDAY, to: wider.change.to } })
    expect([total, wider.change.to]).toEqual([wider.slots, '2026-11-25T17:00:00Z'])
  })

  test('find the room that seats everybody behind however many that do not', async () => {
    await office.query(
      `INSERT INTO room (organization_id, id, name, capacity, created_at, updated_at)
       SELECT organization_id, gen_random_uuid(), 'Booth ' || n, 1, now(), now() FROM users, generate_series(1, 60) n WHERE id = $1`,
      [member.id],
    )
    const large = await office.room({ name: 'Hall', capacity: 50 })
    const people = await Promise.all((['member', 'admin', 'room_manager'] as const).map((role) => office.person(role)))
    const asked = { required: people.map(({ id }) => id), recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=2' } }
    const far = { from: '2027-02-02T09:00:00Z', to: '2027-02-02T11:00:00Z' }
    const { slots } = await found({ ...asked, rooms: { capacity: 1 }, window: far })
    expect(slots[0]?.roomIds).toHaveLength(1)
    expect(await office.query('SELECT capacity >= 4 AS fits FROM room WHERE id = $1', slots[0].roomIds)).toEqual([
      { fits: true },
    ])
    const [slot] = (await found({ ...asked, rooms: { capacity: 40 }, window: far })).slots
    expect(slot.roomIds).toEqual([large])
  })

  test('at any hour are those that the way out of working hours counts, and a group is named by its place', async () => {
    const [a, b] = [await office.person('admin'), await office.person('room_manager')]
    const night = { window: { from: '2026-11-26T00:00:00Z', to: '2026-11-26T03:00:00Z' }, required: [a.id] }
    const outside = (await found(night)).relaxations.find(
      ({ change }: { change: { kind: string } }) => change.kind === 'outside_working_hours',
    )
    expect(await found({ ...night, outsideWorkingHours: true })).toMatchObject({ total: outside.slots })
    const day = { from: '2026-11-27T09:00:00Z', to: '2026-11-27T17:00:00Z' }
    const taken = { startTime: day.from, endTime: day.to, timezone: 'UTC', participants: [{ userId: member.id }] }
    expectStatus(await office.book(taken), 201)
    const groups = [{ allOf: [b.id] }, { kOf: 1, userIds: [member.id] }]
    const { blocking, relaxations } = await found({ window: day, groups })
    expect(blocking).toMatchObject([{ kind: 'group', group: 1 }])
    expect(relaxations[0].change).toEqual({ kind: 'without_group', group: 1 })
  })

  test('say nothing of what people do, and are for those who may book', async () => {
    const secret = 'S3CRET'
    expectStatus(
      await office.book({ ...MEETING, title: secret, visibility: 'busy_only', participants: [{ userId: member.id }] }),
      201,
    )
    const other = await office.person('room_manager')
    const answer = await ask(
      { required: [member.id], window: { from: MEETING.startTime, to: MEETING.endTime } },
      other.token,
    )
    expect(expectStatus(answer, 200).body.slots).toEqual([])
    expect(JSON.stringify(answer.body)).not.toContain(secret)
    for (const role of ['auditor', 'guest'] as const) {
      expect((await ask({}, (await office.person(role)).token)).body.code).toBe('forbidden')
    }
  })

  test.each([
    [{ required: [NOBODY] }, 'unknown_reference'],
    [{ rooms: { anyOf: [NOBODY] } }, 'unknown_reference'],
    [{ window: { from: TUESDAY.to, to: TUESDAY.from } }, 'invalid_time'],
    [{ window: { from: TUESDAY.from, to: '2027-11-24T09:00:00Z' } }, 'too_large'],
    [{ granularityMinutes: 1, window: { from: TUESDAY.from, to: '2026-12-24T09:00:00Z' } }, 'too_large'],
    [{ recurrencePattern: { rrule: 'FREQ=HOURLY' } }, 'invalid_recurrence'],
    [{ timezone: 'Mars/Olympus' }, 'invalid_timezone'],
    [{ groups: [{ kOf: 0, userIds: [] }] }, 'invalid_input'],
  ])('refuse %j', async (body, code) => {
    const answer = await ask(body)
    expect([answer.status >= 400 && answer.status < 500, answer.body.code]).toEqual([true, code])
  })
})
