import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
const DAILY = { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } }

let office: BookingOffice
beforeAll(async () => {
  office = await openBookingOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

async function booked(given: object = {}, by?: string) {
  return expectStatus(await office.book(given, by), 201).body.meeting
}

async function live(id: string, query = ''): Promise<string[]> {
  const { items } = expectStatus(await office.get(`/meetings/${id}/occurrences${query}`), 200).body
  return items.map((item: { recurrenceId: string; startTime: string }) => `${item.recurrenceId} ${item.startTime}`)
}

async function taken(room: string): Promise<string[]> {
  const { items } = (await office.get(`/rooms/${room}/schedule`)).body
  return items.map((item: { start: string; status: string }) => `${item.start} ${item.status}`)
}

describe('PUT /meetings/:id', () => {
  test('answers in the contract’s order: 401, 404, 403, 422, 428, 412, 409', async () => {
    const [room, taken] = [await office.room(), await office.room({ capacity: 1 })]
    const { id } = await booked({ roomIds: [room] })
    await booked({ roomIds: [taken] })
    const member = (await office.person('member')).token
    const stranger = (await office.api.register()).accessToken
    const bad = { title: 5 }
    expect((await office.put(id, bad, 'no token')).status).toBe(401)
    for (const body of [bad, { title: 'New' }]) {
      for (const [hidden, by] of [
        [NOBODY, office.token],
        [id, stranger],
        ['x', office.token],
      ] as const) {
        expect(await office.put(hidden, body, by)).toMatchObject({ status: 404, body: { code: 'not_found' } })
      }
      expect(await office.put(id, body, member)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    const wrong = [
      bad,
      { roomIds: [NOBODY] },
      { endTime: '2026-11-24T08:00:00Z' },
      { recurrencePattern: { rrule: 'FREQ=HOURLY' } },
    ]
    for (const body of wrong) expect((await office.put(id, body)).status).toBe(422)
    expect(await office.put(id, { roomIds: [taken] })).toMatchObject({
      status: 428,
      body: { code: 'version_required' },
    })
    const stale = await office.put(id, { roomIds: [taken], version: 7 })
    expect(stale).toMatchObject({ status: 412, body: { code: 'stale', current: { id, version: 1, roomIds: [room] } } })
    expect((await office.put(id, { title: 'New', version: 2 }, undefined, { 'if-match': '"1.1"' })).status).toBe(412)
    const conflict = await office.put(id, { roomIds: [taken], version: 1 })
    expect(conflict).toMatchObject({ status: 409, body: { code: 'slot_conflict', conflicts: [{ resourceId: taken }] } })
    expect((await office.get(`/meetings/${id}`)).body.version).toBe(1)
    for (const ifMatch of ['"1.1"', 'W/"2.9"', '"3"', '*']) {
      expect((await office.put(id, { title: ifMatch }, undefined, { 'if-match': ifMatch })).status).toBe(200)
    }
    expect((await office.put(id, { title: 'New' }, undefined, { 'if-match': 'x' })).status).toBe(422)
  })

  test('of the title keeps everything else, allocations included', async () => {
    const room = await office.room({ bookingRules: {} })
    const meeting = await booked({ roomIds: [room], ...DAILY })
    const before = await office.query('SELECT id FROM allocation WHERE meeting_id = $1 ORDER BY id', [meeting.id])
    // A buffer the room was given since would not fit its neighbour.
    await booked({ roomIds: [room], startTime: '2026-11-24T10:00:00Z', endTime: '2026-11-24T10:30:00Z' })
    await office.api.call('PUT', `/rooms/${room}`, {
      token: office.token,
      body: { bookingRules: { bufferAfterMinutes: 30 }, version: 1 },
    })
    const changed = await office.put(meeting.id, { title: 'New', version: 1 })
    expect(changed).toMatchObject({ status: 200, body: { ...meeting, title: 'New', version: 2 } })
    expect(changed.headers.get('etag')).toBe('"2.2"')
    expect(await office.query('SELECT id FROM allocation WHERE meeting_id = $1 ORDER BY id', [meeting.id])).toEqual(
      before,
    )
    // A screen beside the room has to look again; the news itself says nothing of a title.
    expect((await office.news(`room:${room}`)).slice(3)).toEqual([
      expect.objectContaining({
        type: 'room.meeting_updated',
        data: { meetingId: meeting.id, booked: [], released: [] },
      }),
    ])
    expect(await office.news(`meeting:${meeting.id}`)).toMatchObject([
      { seq: 1 },
      { seq: 2, type: 'meeting.updated', data: { title: 'New' } },
    ])
    const audit = await office.query('SELECT action, detail FROM audit WHERE subject_id = $1 ORDER BY id', [meeting.id])
    expect(audit).toEqual([
      { action: 'meeting.book', detail: expect.anything() },
      { action: 'meeting.change', detail: { fields: ['title'] } },
    ])
  })

  test('of the time moves all occurrences and their rooms; a sent-back entity moves nothing', async () => {
    const room = await office.room()
    const meeting = await booked({ roomIds: [room], ...DAILY })
    const moved = await office.put(meeting.id, { startTime: { local: '2026-11-25T11:00' }, version: 1 })
    expect(moved.body).toMatchObject({ startTime: '2026-11-25T10:00:00Z', endTime: '2026-11-25T11:00:00Z' })
    expect(await taken(room)).toEqual(['25', '26', '27'].map((day) => `2026-11-${day}T10:00:00Z confirmed`))
    expect(await live(meeting.id)).toEqual(
      ['25', '26', '27'].map((day) => `202611${day}T110000 2026-11-${day}T10:00:00Z`),
    )
    const { startTime, endTime, timezone, recurrencePattern, title, roomIds } = moved.body
    const same = await office.put(meeting.id, {
      startTime,
      endTime,
      timezone,
      recurrencePattern,
      title,
      roomIds,
      version: 2,
    })
    expect(same.body).toMatchObject({ startTime, endTime, recurrencePattern, version: 3 })
    expect(same.headers.get('etag')).toBe('"3.1"')
    const tokyo = await office.put(meeting.id, { timezone: 'Asia/Tokyo', version: 3 })
    expect(tokyo.body).toMatchObject({ startTime: '2026-11-25T02:00:00Z', timezone: 'Asia/Tokyo' })
  })

  test('of rooms gives back what it leaves and takes what it names', async () => {
    const [left, kept, gained] = [await office.room(), await office.room(), await office.room()]
    const meeting = await booked({ roomIds: [left, kept], ...DAILY })
    const changed = await office.put(meeting.id, { roomIds: [kept, gained], version: 1 })
    expect(changed.body).toMatchObject({ roomIds: [kept, gained], room: { id: kept } })
    expect([await taken(left), (await taken(kept)).length, (await taken(gained)).length]).toEqual([[], 3, 3])
    expect((await office.news(`room:${left}`)).map((event) => event.type)).toEqual(['room.booked', 'room.released'])
    expect((await office.news(`room:${kept}`)).map((event) => event.type)).toEqual(['room.booked'])
    expect((await office.news(`room:${gained}`)).map((event) => event.type)).toEqual(['room.booked'])
    expect((await office.put(meeting.id, { roomIds: [], version: 2 })).body).toMatchObject({ roomIds: [], room: null })
  })

  test('of participants keeps what they answered, and tells who came and who went', async () => {
    const [ana, ben] = [await office.person('member'), await office.person('room_manager')]
    const room = await office.room({ capacity: 3 })
    const meeting = await booked({ roomIds: [room], participants: [{ userId: ana.id }, { email: 'g@example.org' }] })
    await office.query(`UPDATE participant SET response = 'accepted' WHERE meeting_id = $1`, [meeting.id])
    const participants = [{ userId: ben.id }, { email: 'g@example.org', role: 'optional' }]
    const changed = await office.put(meeting.id, { participants, version: 1 })
    expect(changed.body.participants).toHaveLength(2)
    expect(changed.body.participants).toContainEqual({ email: 'g@example.org', role: 'optional', response: 'accepted' })
    expect(changed.body.participants).toContainEqual({ userId: ben.id, role: 'required', response: 'needs_action' })
    expect((await office.news(`person:${ana.id}`)).at(-1)).toMatchObject({
      type: 'meeting.cancelled',
      data: { entries: [] },
    })
    expect((await office.news(`person:${ben.id}`)).at(-1)).toMatchObject({ type: 'participant.invited' })
    const crowd = [...participants, { email: 'h@example.org' }]
    const refused = await office.put(meeting.id, { participants: crowd, version: 2 })
    expect(refused).toMatchObject({ status: 409, body: { code: 'capacity', conflicts: [{ kind: 'rule' }] } })
  })

  test('of the status says so on every topic that shows it', async () => {
    const room = await office.room()
    const { id } = await booked({ roomIds: [room], status: 'tentative' })
    expect((await office.put(id, { status: 'confirmed', version: 1 })).body.status).toBe('confirmed')
    expect(await taken(room)).toEqual([`${MEETING.startTime} confirmed`])
    expect((await office.news(`room:${room}`)).at(-1)).toMatchObject({
      type: 'room.booked',
      data: { booked: [{ status: 'confirmed' }], released: [] },
    })
    for (const status of ['cancelled', 'pending', 'conflicted']) {
      expect((await office.put(id, { status, version: 2 })).status).toBe(422)
    }
  })

  test('of the rule keeps occurrences, makes a series of a single one and back, with the same id', async () => {
    const room = await office.room()
    const { id } = await booked({ roomIds: [room] })
    await booked({ roomIds: [room], startTime: '2026-11-25T09:00:00Z', endTime: '2026-11-25T10:00:00Z' })
    const refused = await office.put(id, { ...DAILY, version: 1 })
    expect(refused).toMatchObject({ status: 409, body: { conflicts: [{ recurrenceId: '20261125T100000' }] } })
    const series = await office.put(id, { ...DAILY, onConflict: 'skip', version: 1 })
    expect(series.body).toMatchObject({ id, isRecurring: true, warnings: [expect.stringContaining('20261125T100000')] })
    expect(await live(id)).toHaveLength(2)
    // What was left out stays so, whatever the rule becomes.
    const weekly = await office.put(id, { recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=2' }, version: 2 })
    expect(weekly.body.warnings).toEqual([expect.stringContaining('20261125T100000')])
    expect((await office.put(id, { ...DAILY, version: 3 })).body.warnings).toBeUndefined()
    expect(await live(id)).toEqual(['20261124T100000 2026-11-24T09:00:00Z', '20261126T100000 2026-11-26T09:00:00Z'])
    expect(await live(id, '?status=cancelled')).toEqual(['20261125T100000 2026-11-25T09:00:00Z'])
    const single = await office.put(id, { recurrencePattern: null, version: 4 })
    expect(single.body).toMatchObject({ id, isRecurring: false, recurrencePattern: null, startTime: MEETING.startTime })
    expect(await live(id)).toHaveLength(1)
  })

  test('that skips an occurrence gives back every room it had there', async () => {
    const [had, wanted] = [await office.room(), await office.room()]
    const { id } = await booked({ roomIds: [had], ...DAILY })
    await booked({ roomIds: [wanted], startTime: '2026-11-25T09:00:00Z', endTime: '2026-11-25T10:00:00Z' })
    const changed = await office.put(id, { roomIds: [had, wanted], onConflict: 'skip', version: 1 })
    expect(changed.body.warnings).toHaveLength(1)
    expect(await taken(had)).toHaveLength(2)
    expect((await office.news(`room:${had}`)).at(-1)).toMatchObject({
      type: 'room.released',
      data: { released: [expect.anything()] },
    })
    const claims = await office.query('SELECT DISTINCT recurrence_id FROM allocation WHERE meeting_id = $1', [id])
    expect(claims).toHaveLength(2)
  })

  test('has one effect per Idempotency-Key, and replays although the version has moved', async () => {
    const { id } = await booked()
    const key = { 'idempotency-key': 'put', 'if-match': '"1.1"' }
    const first = await office.put(id, { title: 'Once' }, undefined, key)
    const again = await office.put(id, { title: 'Once' }, undefined, key)
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body])
    expect(again.headers.get('etag')).toBe('"2.2"')
    expect(await office.news(`meeting:${id}`)).toHaveLength(2)
  })
})
