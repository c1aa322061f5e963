import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../testkit/api.ts'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let office: BookingOffice
beforeAll(async () => {
  office = await openBookingOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

const recurrenceIds = (answer: Answer) => answer.body.items.map((item: { recurrenceId: string }) => item.recurrenceId)

describe('a room that is taken', () => {
  test('refuses with what is in the way and with ways that really are free', async () => {
    const wall = { equipment: ['Wall'], bookingRules: { bufferAfterMinutes: 15 } }
    const room = await office.room({ name: 'Canyon', ...wall })
    await office.room({ name: 'Delta', ...wall })
    await office.room({ name: 'Echo', ...wall, capacity: 2 })
    expectStatus(await office.book({ roomIds: [room] }), 201)
    const before = await office.counts()
    const participants = [{ email: 'a@example.org' }, { email: 'b@example.org' }]
    const refused = await office.book({ roomIds: [room], participants })
    expect(refused).toMatchObject({
      status: 409,
      body: {
        type: '/docs/problems#slot_conflict',
        code: 'slot_conflict',
        detail: 'Canyon is already taken at that time.',
        conflicts: [
          {
            resourceId: room,
            recurrenceId: '20261124T100000',
            start: MEETING.startTime,
            end: MEETING.endTime,
            kind: 'booking',
          },
        ],
      },
    })
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(refused.body.requestId).toBe(refused.headers.get('x-request-id'))
    expect(refused.body.requestId).toMatch(UUID7)
    expect(await office.counts()).toEqual(before)

    const { suggestions } = refused.body
    expect(suggestions).toHaveLength(3)
    expect(suggestions[0]).toMatchObject({
      start: MEETING.startTime,
      reasons: expect.arrayContaining(['Delta is free at that time.']),
    })
    // With the buffer the room is free again at 10:15.
    expect(suggestions[1]).toMatchObject({ roomIds: [room], start: '2026-11-24T10:15:00Z' })
    for (const { start, end, roomIds } of suggestions) {
      const booked = await office.book({ roomIds, startTime: start, endTime: end, participants })
      expect(booked.status).toBe(201)
      // Later ones are proposed one by one, not together.
      await office.api.call('DELETE', `/meetings/${booked.body.meeting.id}`, { token: office.token })
    }
  })

  test('does not suggest what its own rules, seats or buffers would refuse', async () => {
    const rules = { bookingRules: { horizonDays: 2, bufferBeforeMinutes: 120 }, equipment: ['Rare'] }
    const room = await office.room({ ...rules, capacity: 4 })
    // The wanted start is the last quarter the horizon allows.
    const late = { roomIds: [room], startTime: '2026-11-25T09:00:00Z', endTime: '2026-11-25T09:30:00Z' }
    expectStatus(await office.book(late), 201)
    expect((await office.book(late)).body.suggestions).toEqual([])
    // A booking just before the wanted start is nearer than the buffer that a later start would need.
    const early = { roomIds: [room], startTime: '2026-11-24T12:00:00Z', endTime: '2026-11-24T13:00:00Z' }
    expectStatus(await office.book(early), 201)
    const wanted = { roomIds: [room], startTime: '2026-11-24T13:30:00Z', endTime: '2026-11-24T14:00:00Z' }
    const { suggestions } = (await office.book(wanted)).body
    expect(suggestions[0].start).toBe('2026-11-24T15:00:00Z')
    const booked = await office.book({ roomIds: [room], startTime: suggestions[0].start, endTime: suggestions[0].end })
    expect(booked.status).toBe(201)
  })

  test('names each occurrence of a series, and suggests a room that is free for all of them', async () => {
    const room = await office.room({ equipment: ['Stage'] })
    const free = await office.room({ equipment: ['Stage'], name: 'Free stage' })
    const later = await office.room({ equipment: ['Stage'], name: 'Taken in a hundred days' })
    const hundredth = { startTime: '2027-03-04T09:00:00Z', endTime: '2027-03-04T10:00:00Z' }
    expectStatus(await office.book({ roomIds: [later], ...hundredth }), 201)
    for (const day of ['24', '26']) {
      const at = { startTime: `2026-11-${day}T09:30:00Z`, endTime: `2026-11-${day}T09:45:00Z` }
      expectStatus(await office.book({ roomIds: [room], ...at }), 201)
    }
    const refused = await office.book({ roomIds: [room], recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=150' } })
    expect(refused.body.detail).toMatch(/for 2 of 150 occurrences/)
    expect(refused.body.conflicts.map((c: { recurrenceId: string }) => c.recurrenceId)).toEqual([
      '20261124T100000',
      '20261126T100000',
    ])
    expect(refused.body.suggestions).toMatchObject([
      { roomIds: [free], reasons: ['Free stage is free for all 150 occurrences.', expect.anything(), 'Has Stage.'] },
    ])
    const booked = await office.book({ roomIds: [free], recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=150' } })
    expect(booked.status).toBe(201)
  })

  test('with onConflict "skip" leaves those occurrences out, cancelled and named', async () => {
    const room = await office.room()
    const taken = { startTime: '2026-11-25T09:30:00Z', endTime: '2026-11-25T09:45:00Z' }
    expectStatus(await office.book({ roomIds: [room], ...taken }), 201)
    const series = { roomIds: [room], recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' }, onConflict: 'skip' }
    const booked = expectStatus(await office.book(series), 201).body
    expect(booked.warnings).toEqual(['Occurrence 20261125T100000 was left out: a room is taken then.'])
    expect(booked.allocations.map((a: { recurrenceId: string }) => a.recurrenceId)).toEqual([
      '20261124T100000',
      '20261126T100000',
    ])
    const path = `/meetings/${booked.meeting.id}/occurrences`
    expect(recurrenceIds(await office.get(path))).toEqual(['20261124T100000', '20261126T100000'])
    expect(recurrenceIds(await office.get(`${path}?status=cancelled`))).toEqual(['20261125T100000'])
    const [news] = await office.news(`meeting:${booked.meeting.id}`)
    expect(news?.seq).toBe(1)
    const heard = (await office.news(`person:${office.owner.user.id}`)).at(-1)?.data as unknown as {
      entries: unknown[]
    }
    expect(heard.entries).toHaveLength(2)
    // Nobody is seated at what was left out.
    const claims = await office.query('SELECT DISTINCT recurrence_id FROM allocation WHERE meeting_id = $1', [
      booked.meeting.id,
    ])
    expect(claims).toHaveLength(2)
    const single = await office.book({ roomIds: [room], ...taken, onConflict: 'skip' })
    expect(single).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })
  })

  test('or too small, or with a rule against it, refuses with a way out', async () => {
    const small = await office.room({ capacity: 2, equipment: ['Globe'], bookingRules: { maxDurationMinutes: 30 } })
    const large = await office.room({ capacity: 3, equipment: ['Globe'] })
    const participants = [{ email: 'a@example.org' }, { email: 'b@example.org' }]
    const capacity = await office.book({ roomIds: [small], participants })
    expect(capacity).toMatchObject({
      status: 409,
      body: { code: 'capacity', conflicts: [{ resourceId: small, kind: 'rule' }], suggestions: [{ roomIds: [large] }] },
    })
    const rule = await office.book({ roomIds: [small] })
    expect(rule).toMatchObject({
      status: 409,
      body: {
        code: 'rule_violation',
        conflicts: [{ resourceId: small, kind: 'rule' }],
        suggestions: [{ roomIds: [large] }],
      },
    })
  })
})
