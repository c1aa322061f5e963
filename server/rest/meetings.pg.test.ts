import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const NOBODY = '01900000-0000-7000-8000-000000000000'

let office: BookingOffice
beforeAll(async () => {
  office = await openBookingOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

describe('POST /meetings', () => {
  test('books a single meeting with people and rooms', async () => {
    const room = await office.room({ name: 'Aurora' })
    const ana = await office.person('member')
    const participants = [{ userId: ana.id, role: 'optional' }, { email: 'Guest@Example.org' }]
    const booked = await office.book({
      roomIds: [room],
      participants,
      description: 'What next?',
      metadata: { color: 'red' },
    })
    expect(booked.status).toBe(201)
    const { meeting, allocations, warnings } = booked.body
    expect(meeting).toMatchObject({
      ...MEETING,
      description: 'What next?',
      isRecurring: false,
      recurrencePattern: null,
      organizer: { id: office.owner.user.id },
      participants: [
        { userId: ana.id, role: 'optional', response: 'needs_action' },
        { email: 'guest@example.org', role: 'required', response: 'needs_action' },
      ],
      room: { id: room, name: 'Aurora' },
      roomIds: [room],
      status: 'confirmed',
      visibility: 'organization',
      metadata: { color: 'red' },
      version: 1,
    })
    expect(allocations).toEqual([
      { allocationId: expect.stringMatching(UUID7), resourceId: room, recurrenceId: '20261124T100000' },
    ])
    expect(warnings).toEqual([])
    expect(booked.headers.get('location')).toBe(`/meetings/${meeting.id}`)
    expect(booked.headers.get('etag')).toBe('"1.1"')
    expect(booked.headers.get('x-served-by')).toBe('test')
    expect(booked.headers.get('x-request-id')).toMatch(UUID7)
    expect((await office.get(`/meetings/${meeting.id}`)).body).toEqual(meeting)
  })

  test('takes times with any offset or as a wall clock, and an e-mail address of a colleague as that colleague', async () => {
    const ana = await office.person('member')
    const given = {
      startTime: '2026-11-24T14:30:00+05:30',
      endTime: { local: '2026-11-24T11:00', timezone: 'Europe/Berlin' },
      participants: [{ email: ana.email.toUpperCase() }, { userId: ana.id, role: 'chair' }],
    }
    const { meeting } = expectStatus(await office.book(given), 201).body
    expect(meeting).toMatchObject({ startTime: MEETING.startTime, endTime: MEETING.endTime })
    expect(meeting.participants).toEqual([{ userId: ana.id, role: 'chair', response: 'needs_action' }])
  })

  test('books a series 13 months ahead, one allocation per occurrence, across a change of the clocks', async () => {
    const room = await office.room()
    const given = {
      roomIds: [room],
      recurrencePattern: { rrule: 'BYDAY=TU;FREQ=WEEKLY' },
      startTime: { local: '2026-11-24T10:00' },
    }
    const { meeting, allocations } = expectStatus(await office.book(given), 201).body
    expect(meeting).toMatchObject({
      isRecurring: true,
      recurrencePattern: { rrule: 'FREQ=WEEKLY;BYDAY=TU', exdates: [], rdates: [] },
      recurrenceText: 'every week on Tuesday',
    })
    expect(allocations).toHaveLength(57)
    const window = 'from=2027-03-20T00:00:00Z&to=2027-04-05T00:00:00Z'
    const { items } = (await office.get(`/meetings/${meeting.id}/occurrences?${window}`)).body
    expect(items).toMatchObject([
      {
        meetingId: meeting.id,
        recurrenceId: '20270323T100000',
        startTime: '2027-03-23T09:00:00Z',
        status: 'confirmed',
      },
      { meetingId: meeting.id, recurrenceId: '20270330T100000', startTime: '2027-03-30T08:00:00Z' },
    ])
  })

  test('leaves one audit row and one event per topic, numbered without a gap', async () => {
    const [room, ana] = [await office.room(), await office.person('member')]
    const given = {
      roomIds: [room],
      participants: [{ userId: ana.id }],
      recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' },
    }
    const booked = expectStatus(await office.book(given), 201)
    const { id } = booked.body.meeting
    const requestId = booked.headers.get('x-request-id')
    const audit = await office.query('SELECT action, actor_id, request_id FROM audit WHERE subject_id = $1', [id])
    expect(audit).toEqual([{ action: 'meeting.book', actor_id: office.owner.user.id, request_id: requestId }])
    expect(await office.news(`meeting:${id}`)).toMatchObject([
      { seq: 1, type: 'meeting.created', data: booked.body.meeting },
    ])
    expect(await office.news(`room:${room}`)).toMatchObject([{ seq: 1, type: 'room.booked' }])
    const heard = await office.news(`person:${ana.id}`)
    expect(heard.at(-1)).toMatchObject({ type: 'participant.invited', data: { meetingId: id, title: 'Planning' } })
    for (const topic of [`person:${ana.id}`, `person:${office.owner.user.id}`]) {
      const seqs = (await office.news(topic)).map((event) => event.seq)
      expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    }
  })

  test('is for who may book, and says so before it looks at the body', async () => {
    for (const role of ['guest', 'panel', 'auditor'] as const) {
      const { token } = await office.person(role)
      expect(await office.book({}, token)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      expect(await office.book({ title: 5 }, token)).toMatchObject({ status: 403 })
    }
    const anonymous = await office.api.call('POST', '/meetings', { body: { title: 5 } })
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    const { token } = await office.person('room_manager')
    expect((await office.book({}, token)).status).toBe(201)
  })

  test('has one effect per Idempotency-Key, also when ten come at once', async () => {
    const room = await office.room()
    const key = { 'idempotency-key': 'one' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => office.book({ roomIds: [room] }, undefined, key)),
    )
    const [first] = answers
    expect(first?.status).toBe(201)
    for (const answer of answers) expect(answer).toMatchObject({ status: 201, body: first?.body })
    expect((await office.get(`/rooms/${room}/schedule`)).body.items).toHaveLength(1)
    expect((await office.news(`room:${room}`)).length).toBe(1)
    expect(first?.headers.get('etag')).toBe('"1.1"')
    expect(answers[9]?.headers.get('location')).toBe(`/meetings/${first?.body.meeting.id}`)
    const other = await office.book({ roomIds: [room], title: 'Other' }, undefined, key)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    // A refusal is not kept: with the way free, the same request goes through.
    const again = { 'idempotency-key': 'two' }
    expect((await office.book({ roomIds: [room] }, undefined, again)).status).toBe(409)
    await office.api.call('DELETE', `/meetings/${first?.body.meeting.id}`, { token: office.token })
    expect((await office.book({ roomIds: [room] }, undefined, again)).status).toBe(201)
  })
})

describe('POST /rooms/:id/book', () => {
  test('is the same with the room from the path; a room one cannot see comes before everything', async () => {
    const room = await office.room()
    const book = (id: string, body: object = MEETING, by = office.token) =>
      office.api.call('POST', `/rooms/${id}/book`, { token: by, body })
    const booked = await book(room)
    expect(booked).toMatchObject({
      status: 201,
      body: { meeting: { roomIds: [room] }, allocations: [{ resourceId: room }] },
    })
    expect(booked.headers.get('location')).toBe(`/meetings/${booked.body.meeting.id}`)
    expect(await book(room)).toMatchObject({ status: 409, body: { code: 'slot_conflict' } })
    expect(await book(room, { ...MEETING, roomIds: [] })).toMatchObject({
      status: 422,
      body: { code: 'invalid_input' },
    })
    const guest = (await office.person('guest')).token
    const stranger = await office.api.register()
    for (const [id, by] of [
      [NOBODY, office.token],
      [NOBODY, guest],
      ['x', guest],
      [room, stranger.accessToken],
    ] as const) {
      for (const body of [MEETING, { title: 5 }]) {
        expect(await book(id, body, by)).toMatchObject({ status: 404, body: { code: 'not_found' } })
      }
    }
    expect(await book(room, MEETING, guest)).toMatchObject({ status: 403 })
  })
})
