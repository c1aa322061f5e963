import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

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

describe('rooms', () => {
  const span = (startTime: string, endTime: string) => `startTime=${startTime}&endTime=${endTime}`

  test('are available only if a booking would go through, best fit first', async () => {
    const owner = await office.api.register()
    const by = owner.accessToken
    const room = (name: string, given: object) => office.room({ name, ...given }, by)
    const tight = await room('buffered', { capacity: 8, equipment: ['TV'], bookingRules: { bufferBeforeMinutes: 30 } })
    const free = await room('free', { capacity: 12, equipment: ['TV', 'Phone'] })
    const short = await room('short', { capacity: 4, bookingRules: { maxDurationMinutes: 45 } })
    const closed = await room('closed', { capacity: 4 })
    await office.api.call('PUT', `/rooms/${closed}`, { token: by, body: { isActive: false, version: 1 } })
    const taken = { startTime: '2026-11-24T08:00:00Z', endTime: '2026-11-24T08:45:00Z' }
    for (const roomIds of [[tight], [free]]) expectStatus(await office.book({ roomIds, ...taken }, by), 201)

    const available = async (from: string, to: string, more = '') =>
      (await items(`/rooms/available?${span(from, to)}${more}`, by)).map((item) => item.name)
    // 08:45 is free, but 'buffered' needs half an hour before.
    expect(await available('2026-11-24T08:45:00Z', '2026-11-24T09:15:00Z')).toEqual(['short', 'free'])
    expect(await available('2026-11-24T09:15:00Z', '2026-11-24T10:15:00Z')).toEqual(['buffered', 'free'])
    expect(await available('2026-11-24T08:30:00Z', '2026-11-24T09:30:00Z')).toEqual([])
    expect(await available('2026-11-25T08:00:00Z', '2026-11-25T08:30:00Z', '&capacity=5')).toEqual(['buffered', 'free'])
    expect(await available('2026-11-25T08:00:00Z', '2026-11-25T08:30:00Z', '&equipment=TV,Phone')).toEqual(['free'])
    expect(await available('2026-11-25T08:00:00Z', '2026-11-25T08:30:00Z', `&floorId=${NOBODY}`)).toEqual([])
    for (const [name, id] of Object.entries({ buffered: tight, free, short, closed })) {
      for (const [startTime, endTime] of [
        ['2026-11-24T08:45:00Z', '2026-11-24T09:15:00Z'],
        ['2026-11-24T08:30:00Z', '2026-11-24T09:30:00Z'],
      ] as const) {
        const isListed = (await available(startTime, endTime)).includes(name)
        const answer = await office.book({ roomIds: [id], startTime, endTime }, by)
        expect([name, startTime, answer.status]).toEqual([name, startTime, isListed ? 201 : 409])
        if (isListed) await office.api.call('DELETE', `/meetings/${answer.body.meeting.id}`, { token: by })
      }
    }
  })

  test('and conflicts take no span that could not be booked', async () => {
    for (const path of ['/rooms/available', '/meetings/conflicts']) {
      const refused = await office.get(`${path}?${span('2026-11-24T09:00:00Z', '2026-11-24T09:00:00Z')}`)
      expect(refused).toMatchObject({
        status: 422,
        body: { code: 'invalid_time', errors: [{ pointer: '/query/endTime' }] },
      })
      expect((await office.get(path)).status).toBe(422)
    }
    const long = await office.get(`/rooms/available?${span('2026-11-24T09:00:00Z', '2027-12-24T09:00:00Z')}`)
    expect(long).toMatchObject({ status: 422, body: { code: 'too_large' } })
  })

  test('conflicts name what would be in the way, buffers of both sides included, and nothing about it', async () => {
    // Nobody else's meeting has the auditor.
    const ana = await office.person('auditor')
    const room = await office.room({ bookingRules: { bufferBeforeMinutes: 10, bufferAfterMinutes: 5 } })
    await booked({ roomIds: [room], participants: [{ userId: ana.id }] })
    const conflicts = async (from: string, to: string, query: string, by?: string) =>
      (await office.get(`/meetings/conflicts?${span(from, to)}&${query}`, by)).body.conflicts
    const { startTime: start, endTime: end } = MEETING
    const rooms = `roomIds=${room},${room}`
    expect(await conflicts('2026-11-24T10:14:00Z', '2026-11-24T10:30:00Z', rooms)).toEqual([
      { resourceId: room, start, end, kind: 'booking' },
    ])
    expect(await conflicts('2026-11-24T10:15:00Z', '2026-11-24T10:30:00Z', rooms)).toEqual([])
    expect(
      await conflicts('2026-11-24T09:59:00Z', '2026-11-24T10:30:00Z', `participantIds=${ana.id}&roomIds=${room}`),
    ).toHaveLength(2)
    expect(await conflicts('2026-11-24T10:00:00Z', '2026-11-24T10:30:00Z', `participantIds=${ana.id}`)).toEqual([])
  })

  test('conflicts of what is nowhere, or of whom one may not know, are not found: nobody reads a wrong id as free', async () => {
    const ana = await office.person('auditor')
    const room = await office.room()
    const ask = async (query: string, by?: string) => {
      const { status, body } = await office.get(
        `/meetings/conflicts?${span('2026-12-08T09:00:00Z', '2026-12-08T10:00:00Z')}&${query}`,
        by,
      )
      return [status, body.code ?? body.conflicts]
    }
    const hidden = [404, 'not_found']
    const both = `roomIds=${room}&participantIds=${ana.id}`
    expect(await ask(both)).toEqual([200, []])
    for (const query of [`${both}&roomIds=${NOBODY}`, `${both}&participantIds=${NOBODY}`]) {
      expect(await ask(query)).toEqual(hidden)
    }
    for (const query of [`roomIds=${ana.id}`, `participantIds=${room}`]) expect(await ask(query)).toEqual(hidden)
    const guest = (await office.person('guest')).token
    expect(await ask(`roomIds=${room}`, guest)).toEqual([200, []])
    expect(await ask(`participantIds=${ana.id}`, guest)).toEqual(hidden)
    const stranger = (await office.api.register()).accessToken
    for (const query of [`roomIds=${room}`, `participantIds=${ana.id}`])
      expect(await ask(query, stranger)).toEqual(hidden)
  })

  test('show their schedule in a window, page by page', async () => {
    const room = await office.room()
    const meeting = await booked({ roomIds: [room], recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' } })
    const path = `/rooms/${room}/schedule`
    const all = await items(`${path}?from=2026-11-20T00:00:00Z`)
    expect(all[0]).toEqual({
      allocationId: expect.any(String),
      meetingId: meeting.id,
      recurrenceId: '20261124T100000',
      start: MEETING.startTime,
      end: MEETING.endTime,
      kind: 'booking',
      status: 'confirmed',
      title: 'Planning',
    })
    expect((await pages(`${path}?from=2026-11-20T00:00:00Z`, 2)).map((page) => page.length)).toEqual([2, 2, 1])
    expect(await items(`${path}?from=2026-11-25T10:00:00Z&to=2026-11-27T09:00:00Z`)).toHaveLength(1)
    for (const hidden of [NOBODY, 'x']) {
      expect((await office.get(`/rooms/${hidden}/schedule`)).status).toBe(404)
      expect((await office.get(`/rooms/${hidden}/schedule?limit=0`)).status).toBe(404)
    }
  })
})
