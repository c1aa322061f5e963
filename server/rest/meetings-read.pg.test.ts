import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { encodeCursor } from './input.ts'
import {
  bookedAnswer,
  changedMeetingAnswer,
  conflictAnswer,
  meetingAnswer,
  occurrenceAnswer,
  pageOf,
  scheduleItemAnswer,
} from './meeting-shapes.ts'
import { roomAnswer } from './rooms.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
type Item = { id: string; recurrenceId: string; startTime: string; start: string; name: string; title?: string }

let office: BookingOffice
beforeAll(async () => {
  office = await openBookingOffice()
})
afterAll(() => office[Symbol.asyncDispose]())

async function booked(given: object = {}, by?: string) {
  return expectStatus(await office.book(given, by), 201).body.meeting
}

async function items(path: string, by?: string): Promise<Item[]> {
  return expectStatus(await office.get(path, by), 200).body.items
}

/** All pages of a list; each but the last is full. */
async function pages(path: string, limit: number, by?: string): Promise<Item[][]> {
  const found: Item[][] = []
  for (let cursor = ''; ;) {
    const { body } = expectStatus(await office.get(`${path}&limit=${limit}${cursor}`, by), 200)
    found.push(body.items)
    if (body.nextCursor === null) return found
    cursor = `&cursor=${body.nextCursor}`
  }
}

describe('GET /meetings/:id', () => {
  test('answers 304 to who has it already, also behind a proxy that weakened the tag', async () => {
    const { id } = await booked()
    const path = `/meetings/${id.toUpperCase()}`
    const read = await office.get(path)
    expect(read.headers.get('etag')).toBe('"1.1"')
    for (const known of ['"1.1"', 'W/"1.1"', '"9.9", "1.1"']) {
      const answer = await office.api.call('GET', path, {
        token: office.token,
        headers: { 'if-none-match': known, 'if-match': '"8"' },
      })
      expect([answer.status, answer.body, answer.headers.get('etag')]).toEqual([304, undefined, '"1.1"'])
    }
    const other = await office.api.call('GET', path, { token: office.token, headers: { 'if-none-match': '"1.2"' } })
    expect(other.status).toBe(200)
    for (const unknown of [NOBODY, 'x', '%00', '%E0%A4%A'])
      expect((await office.get(`/meetings/${unknown}`)).status).toBe(404)
  })
})

describe('GET /meetings', () => {
  test('lists the occurrences that overlap the window, page by page, by start', async () => {
    const owner = await office.api.register()
    const by = owner.accessToken
    const recurrencePattern = { rrule: 'FREQ=DAILY;COUNT=7' }
    const series = await booked({ recurrencePattern }, by)
    const single = await booked({ startTime: '2026-11-26T09:30:00Z', endTime: '2026-11-26T09:45:00Z' }, by)
    const ids = (list: Item[]) =>
      list.map((item) => `${item.id === single.id ? 'single' : item.recurrenceId.slice(4, 8)}`)
    expect(ids(await items('/meetings', by))).toEqual([
      '1124',
      '1125',
      '1126',
      'single',
      '1127',
      '1128',
      '1129',
      '1130',
    ])
    const window = '/meetings?from=2026-11-26T09:40:00Z&to=2026-11-27T09:00:01Z'
    expect(ids(await items(window, by))).toEqual(['1126', 'single', '1127'])
    expect(ids(await items('/meetings?from=2026-11-26T10:00:00Z&to=2026-11-27T09:00:00Z', by))).toEqual([])
    const found = await pages('/meetings?from=2026-11-20T00:00:00Z', 3, by)
    expect(found.map((page) => page.length)).toEqual([3, 3, 2])
    expect(ids(found.flat())).toEqual(ids(await items('/meetings', by)))
    expect(await items('/meetings?expand=series', by)).toMatchObject([
      { id: series.id, isRecurring: true },
      { id: single.id },
    ])
    expect((await pages('/meetings?expand=series', 1, by)).flat().map((item) => item.id)).toEqual([
      series.id,
      single.id,
    ])
    await office.api.call('DELETE', `/meetings/${series.id}`, { token: by })
    expect(ids(await items('/meetings', by))).toEqual(['single'])
    expect(await items('/meetings?status=cancelled', by)).toHaveLength(7)
    expect(await items('/meetings?status=cancelled&expand=series', by)).toMatchObject([
      { id: series.id, status: 'cancelled' },
    ])
  })

  test('finds by organizer, participant and room, also series', async () => {
    const [room, ana] = [await office.room(), await office.person('member')]
    const mine = await booked({ roomIds: [room], participants: [{ userId: ana.id }] })
    const hers = await booked({}, ana.token)
    for (const expand of ['', '&expand=series']) {
      const found = async (query: string) => (await items(`/meetings?${query}${expand}`)).map((item) => item.id)
      expect(await found(`organizerId=${ana.id}`)).toEqual([hers.id])
      expect(new Set(await found(`participantId=${ana.id}`))).toEqual(new Set([mine.id, hers.id]))
      expect(await found(`roomId=${room}`)).toEqual([mine.id])
      expect(await found(`roomId=${room}&organizerId=${ana.id}`)).toEqual([])
    }
  })

  test('holds to the bounds of a list and takes no cursor but its own', async () => {
    for (const limit of ['0', '501', '1.5', 'all', 'NaN', '']) {
      expect(await office.get(`/meetings?limit=${limit}`)).toMatchObject({
        status: 422,
        body: { code: 'invalid_input' },
      })
    }
    expect((await office.get('/meetings?limit=500')).status).toBe(200)
    const made = [
      'x',
      encodeCursor([]),
      encodeCursor([1]),
      encodeCursor([1e308, NOBODY, 'a']),
      encodeCursor([-1, NOBODY, 'a']),
      encodeCursor([1, NOBODY, '\0']),
      encodeCursor([1, NOBODY, '\ud800']),
      encodeCursor([1, 'x', 'a']),
      encodeCursor([null, null, null]),
    ]
    const { id } = await booked()
    for (const cursor of made) {
      for (const path of [
        '/meetings?',
        '/meetings?expand=series&',
        `/meetings/${id}/occurrences?`,
        `/rooms/${await office.room()}/schedule?`,
      ]) {
        const answer = await office.get(`${path}cursor=${cursor}`)
        // One list's key may happen to have another's shape; it never breaks.
        expect([200, 422]).toContain(answer.status)
        if (answer.status === 422) expect(answer.body.code).toBe('invalid_cursor')
      }
      expect((await office.get(`/meetings?cursor=${cursor}`)).body.code).toBe('invalid_cursor')
    }
    for (const query of [
      'from=yesterday',
      'to=2026-11-24T10:00',
      'expand=all',
      'foo=1',
      'limit=1&limit=2',
      '__proto__=1',
      'roomId=x',
    ]) {
      expect((await office.get(`/meetings?${query}`)).status).toBe(422)
    }
  })
})

test('GET /meetings/:id/occurrences pages through one meeting', async () => {
  const { id } = await booked({ recurrencePattern: { rrule: 'FREQ=WEEKLY' } })
  const path = `/meetings/${id}/occurrences?to=2027-01-01T00:00:00Z`
  const all = await items(path)
  expect(all.map((item) => item.startTime.slice(5, 10))).toEqual(['11-24', '12-01', '12-08', '12-15', '12-22', '12-29'])
  expect(all[0]).toMatchObject({ id, meetingId: id, title: 'Planning', version: 1, isRecurring: true })
  expect((await pages(path, 4)).map((page) => page.length)).toEqual([4, 2])
  expect(await items(`/meetings/${id}/occurrences`)).toHaveLength(13)
  expect((await office.get(`/meetings/${NOBODY}/occurrences`)).status).toBe(404)
  expect((await office.get(`/meetings/${NOBODY}/occurrences?limit=0`)).status).toBe(404)
})

test('a path that is there says which methods it takes; nobody signed out learns what is there', async () => {
  const wrong = await office.api.call('PATCH', '/meetings', { token: office.token })
  expect(wrong).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
  expect(wrong.headers.get('allow')).toBe('POST, GET')
  expect(await office.api.call('GET', '/auth/login')).toMatchObject({ status: 405 })
  for (const path of ['/meetings', '/nothing', '/rooms/available']) {
    expect(await office.api.call('PATCH', path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  }
  expect(await office.get('/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test('answers hold exactly what /openapi.json says of them', async () => {
  const room = await office.room()
  const series = {
    roomIds: [room],
    recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' },
    participants: [{ email: 'a@example.org' }],
  }
  const booked = expectStatus(await office.book(series), 201).body
  expect(bookedAnswer.parse(booked)).toEqual(booked)
  const { id } = booked.meeting
  const span = `startTime=${MEETING.startTime}&endTime=${MEETING.endTime}`
  const reads = [
    [meetingAnswer, `/meetings/${id}`],
    [pageOf(occurrenceAnswer), '/meetings'],
    [pageOf(meetingAnswer), '/meetings?expand=series'],
    [pageOf(occurrenceAnswer), `/meetings/${id}/occurrences`],
    [pageOf(scheduleItemAnswer), `/rooms/${room}/schedule`],
    [z.object({ conflicts: z.array(conflictAnswer) }), `/meetings/conflicts?${span}&roomIds=${room}`],
    [z.object({ items: z.array(roomAnswer), nextCursor: z.null() }), `/rooms/available?${span}`],
  ] as const
  for (const [schema, path] of reads) {
    const { body } = expectStatus(await office.get(path), 200)
    expect(schema.parse(body), path).toEqual(body)
  }
  const changed = await office.put(id, { recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=2' }, version: 1 })
  expect(changedMeetingAnswer.parse(changed.body)).toEqual(changed.body)
})
