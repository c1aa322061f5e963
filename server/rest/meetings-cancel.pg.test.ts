import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../testkit/api.ts'
import { type BookingOffice, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

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

const drop = (id: string, by = office.token, headers = {}) =>
  office.api.call('DELETE', `/meetings/${id}`, { token: by, headers })
const cancel = (id: string, by = office.token, body?: unknown) =>
  office.api.call('POST', `/meetings/${id}/cancel`, { token: by, body })
const invite = (id: string, body: object, by = office.token, headers = {}) =>
  office.api.call('POST', `/meetings/${id}/participants`, { token: by, body, headers })

describe('a cancelled meeting', () => {
  test('stays readable, gives its rooms back, and is not changed any more', async () => {
    const room = await office.room()
    const meeting = await booked({ roomIds: [room], ...DAILY })
    const dropped = await drop(meeting.id)
    expect(dropped).toMatchObject({ status: 204, body: undefined })
    expect((await office.get(`/meetings/${meeting.id}`)).body).toEqual({ ...meeting, status: 'cancelled', version: 2 })
    expect(await taken(room)).toEqual([])
    expect(await live(meeting.id)).toEqual([])
    expect(await live(meeting.id, '?status=cancelled')).toHaveLength(3)
    expect((await drop(meeting.id)).status).toBe(204)
    const conflicts = { code: 'illegal_transition', conflicts: [], suggestions: [] }
    expect(await cancel(meeting.id)).toMatchObject({ status: 409, body: conflicts })
    expect(await office.put(meeting.id, { title: 'New', version: 2 })).toMatchObject({ status: 409, body: conflicts })
    expect(await invite(meeting.id, { email: 'x@example.org' })).toMatchObject({ status: 409 })
    expect(await office.news(`meeting:${meeting.id}`)).toMatchObject([
      {},
      { seq: 2, type: 'meeting.cancelled', data: { status: 'cancelled' } },
    ])
    expect((await office.news(`room:${room}`)).at(-1)).toMatchObject({
      type: 'room.released',
      data: { released: { length: 3 } },
    })
    expect((await office.book({ roomIds: [room], ...DAILY })).status).toBe(201)
  })

  test('was cancelled by who may, with the version he saw if he says one', async () => {
    const { id } = await booked()
    const member = (await office.person('member')).token
    for (const refused of [await drop(id, member), await cancel(id, member), await cancel(id, member, { reason: 5 })]) {
      expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    for (const hidden of [await drop(NOBODY), await cancel(NOBODY), await drop('x')]) expect(hidden.status).toBe(404)
    expect(await drop(id, office.token, { 'if-match': '"2.1"' })).toMatchObject({
      status: 412,
      body: { current: { id } },
    })
    for (const query of ['?recurrenceId=20261124T100000', '?scope=following', '?scope=this&recurrenceId=tomorrow']) {
      expect((await drop(`${id}${query}`)).status).toBe(422)
    }
    const cancelled = await cancel(id, office.token, { reason: 'Nobody has time' })
    expect(cancelled).toMatchObject({ status: 200, body: { id, status: 'cancelled', version: 2 } })
    const audit = await office.query(`SELECT detail FROM audit WHERE subject_id = $1 AND action = 'meeting.cancel'`, [
      id,
    ])
    expect(audit).toEqual([{ detail: { reasonGiven: true } }])
  })
})

describe('POST /meetings/:id/participants', () => {
  test('invites one more to every occurrence', async () => {
    const ana = await office.person('member')
    const meeting = await booked(DAILY)
    const invited = await invite(meeting.id, { email: ana.email, role: 'optional' })
    expect(invited).toMatchObject({
      status: 201,
      body: { ...meeting, participants: [{ userId: ana.id, role: 'optional' }], version: 2 },
    })
    expect(invited.headers.get('location')).toBe(`/meetings/${meeting.id}`)
    expect((await office.news(`person:${ana.id}`)).at(-1)).toMatchObject({
      type: 'participant.invited',
      data: { entries: { length: 3 } },
    })
    const again = await invite(meeting.id, { userId: ana.id, role: 'chair' }, office.token, { 'if-match': '"2.1"' })
    expect(again.body.participants).toMatchObject([{ userId: ana.id, role: 'chair' }])
    expect((await office.news(`person:${ana.id}`)).at(-1)?.type).toBe('meeting.updated')
    expect((await invite(meeting.id, { email: 'x@example.org' }, office.token, { 'if-match': '"2.1"' })).status).toBe(
      412,
    )
  })

  test('takes one known person or address, by who may change the meeting', async () => {
    const { id } = await booked()
    const theirs: Answer = await office.book({}, (await office.api.register()).accessToken)
    const foreign = theirs.body.meeting.organizer.id
    for (const userId of [NOBODY, foreign]) {
      const refused = await invite(id, { userId })
      expect(refused).toMatchObject({
        status: 422,
        body: { code: 'unknown_reference', errors: [{ pointer: '/userId' }] },
      })
    }
    for (const body of [
      {},
      { userId: NOBODY, email: 'a@example.org' },
      { email: 'nobody' },
      { email: 'a@b.org', role: 'boss' },
    ]) {
      expect(await invite(id, body)).toMatchObject({ status: 422, body: { code: 'invalid_input' } })
    }
    expect((await invite(id, {}, (await office.person('member')).token)).status).toBe(403)
    expect((await invite(theirs.body.meeting.id, { email: 'a@example.org' })).status).toBe(404)
  })
})
