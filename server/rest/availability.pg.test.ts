import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuid7 } from '../../testkit/api.ts'
import { type BookingOffice, type Person, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

const NOBODY = '01900000-0000-7000-8000-000000000000'
const DAY = { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' }

let office: BookingOffice
let ann: Person
let bob: Person
beforeAll(async () => {
  office = await openBookingOffice()
  ;[ann, bob] = await Promise.all([office.person('member'), office.person('room_manager')])
})
afterAll(() => office[Symbol.asyncDispose]())

interface Slot {
  start: string
  end: string
  attending?: string[]
}

async function ask(path: string, query: Record<string, string | number>, by = ann.token) {
  return office.get(
    `${path}?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)])).toString()}`,
    by,
  )
}

async function read(path: string, query: Record<string, string | number>, by = ann.token) {
  return expectStatus(await ask(path, query, by), 200).body
}

async function slots(query: Record<string, string | number>, by = ann.token): Promise<Slot[]> {
  const found: Slot[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await read('/calendar/availability', { ...query, limit: 7, ...(cursor && { cursor }) }, by)
    found.push(...page.items)
    cursor = page.nextCursor
  }
  return found
}

const starts = async (query: Record<string, string | number>, by?: string) =>
  (await slots({ durationMinutes: 60, granularityMinutes: 60, ...DAY, ...query }, by)).map(({ start }) =>
    start.slice(11, 16),
  )

async function book(given: object, by = ann.token): Promise<string> {
  return expectStatus(await office.book({ timezone: 'UTC', ...given }, by), 201).body.meeting.id
}

function at(start: string, end: string) {
  return { startTime: `2026-11-24T${start}:00Z`, endTime: `2026-11-24T${end}:00Z` }
}

async function setHours(person: Person, body: object): Promise<void> {
  const options = { token: person.token, body, headers: { 'if-match': '*' } }
  expectStatus(await office.api.call('PUT', `/users/${person.id}/working-hours`, options), 200)
}

async function cancel(id: string, by = ann.token): Promise<void> {
  expectStatus(await office.api.call('DELETE', `/meetings/${id}`, { token: by }), 204)
}

describe('common starts', () => {
  test('lie in everybody’s hours, and follow every change at once', async () => {
    const both = `${ann.id},${bob.id}`
    expect(await starts({ userIds: both })).toEqual([
      '09:00',
      '10:00',
      '11:00',
      '12:00',
      '13:00',
      '14:00',
      '15:00',
      '16:00',
    ])
    const id = await book({ ...at('10:00', '11:30'), participants: [{ userId: bob.id }] })
    expect(await starts({ userIds: both })).toEqual(['09:00', '12:00', '13:00', '14:00', '15:00', '16:00'])
    await setHours(bob, { timezone: 'Asia/Kolkata', bufferBeforeMinutes: 30 })
    // 17:00 in Kolkata is 11:30 here; and half an hour of rest after what ended at 11:30.
    expect(await starts({ userIds: both })).toEqual(['09:00'])
    await cancel(id)
    expect(await starts({ userIds: both })).toEqual(['09:00', '10:00'])
    await setHours(bob, { timezone: 'UTC', bufferBeforeMinutes: null, dates: { '2026-11-24': [['15:00', '18:00']] } })
    expect(await starts({ userIds: both })).toEqual(['15:00', '16:00'])
    await setHours(bob, { dates: null })
  })

  test('of a quorum name who can come; what is declined takes no time', async () => {
    const id = await book({ ...at('09:00', '12:00'), participants: [{ userId: bob.id }] }, office.token)
    expect(await starts({ userIds: bob.id })).not.toContain('09:00')
    const query = { userIds: ann.id, optionalIds: bob.id, durationMinutes: 60, granularityMinutes: 180, ...DAY }
    const found = await slots(query)
    expect(found.map(({ start, attending }) => [start.slice(11, 16), attending])).toEqual([
      ['09:00', [ann.id]],
      ['12:00', [ann.id, bob.id]],
      ['15:00', [ann.id, bob.id]],
    ])
    expect((await slots({ ...query, quorum: 2 })).map(({ start }) => start.slice(11, 16))).toEqual(['12:00', '15:00'])
    const no = { token: bob.token, body: { response: 'declined' } }
    expectStatus(await office.api.call('POST', `/meetings/${id}/rsvp`, no), 200)
    expect(await starts({ userIds: bob.id })).toContain('09:00')
    await cancel(id, office.token)
  })

  test('keep to notice, horizon, days that are full, holidays and absences', async () => {
    // It is Monday, 23 November, 09:00.
    await setHours(bob, { minimumNoticeMinutes: 27 * 60 })
    expect((await starts({ userIds: bob.id }))[0]).toBe('12:00')
    await setHours(bob, { minimumNoticeMinutes: null, horizonDays: 1 })
    expect(await starts({ userIds: bob.id })).toEqual(['09:00'])
    await setHours(bob, { horizonDays: null, meetingsPerDay: 1 })
    const id = await book({ ...at('20:00', '20:30'), participants: [{ userId: bob.id }] })
    expect(await starts({ userIds: bob.id })).toEqual([])
    await cancel(id)
    expect(await starts({ userIds: bob.id })).toHaveLength(8)
    const off = (day: string) =>
      office.query(`INSERT INTO holiday SELECT organization_id, 'de', $2, 'A day off' FROM users WHERE id = $1`, [
        bob.id,
        day,
      ])
    await off('2026-11-23')
    await setHours(bob, { meetingsPerDay: null, holidays: 'de' })
    expect(await starts({ userIds: bob.id })).toHaveLength(8)
    await off('2026-11-24')
    expect(await starts({ userIds: bob.id })).toEqual([])
    await office.query('DELETE FROM holiday')
    const items = [{ start: '2026-11-24T09:00:00Z', end: '2026-11-24T15:00:00Z', reason: 'Dentist' }]
    const absent = { token: bob.token, body: { items }, headers: { 'if-match': '*' } }
    expectStatus(await office.api.call('PUT', `/users/${bob.id}/absences`, absent), 200)
    expect(await starts({ userIds: bob.id })).toEqual(['15:00', '16:00'])
    const body = await read('/users/' + bob.id + '/calendar', DAY)
    expect(body.items).toEqual([expect.objectContaining({ kind: 'absence' })])
    expect(JSON.stringify(body)).not.toContain('Dentist')
    expect(JSON.stringify(await read('/users/' + bob.id + '/calendar', DAY, bob.token))).toContain('Dentist')
    expectStatus(await office.api.call('PUT', `/users/${bob.id}/absences`, { ...absent, body: { items: [] } }), 200)
  })

  test('Promise 7: every slot listed can be booked by that viewer, and of the others none', async () => {
    const rules = { bufferBeforeMinutes: 15, bufferAfterMinutes: 10, maxDurationMinutes: 60, minNoticeMinutes: 26 * 60 }
    const strict = await office.room({ capacity: 3, bookingRules: rules })
    const other = await office.room({ capacity: 8 })
    await book({ ...at('12:00', '12:45'), roomIds: [strict] }, office.token)
    await book({ ...at('15:00', '15:20'), roomIds: [other] }, office.token)
    const roomIds = [strict, other]
    const query = { userIds: bob.id, roomIds: roomIds.join(), durationMinutes: 30, granularityMinutes: 15, ...DAY }
    const listed = new Set((await slots(query)).map(({ start }) => start))
    expect(listed.size).toBeGreaterThan(10)
    await setHours(bob, { weekly: Object.fromEntries(['mon', 'tue'].map((day) => [day, [['00:00', '24:00']]])) })
    const open = new Set((await slots(query)).map(({ start }) => start))
    for (let minute = 10 * 60; minute < 18 * 60; minute += 15) {
      const startTime = new Date(Date.UTC(2026, 10, 24, 0, minute)).toISOString().replace('.000', '')
      const endTime = new Date(Date.UTC(2026, 10, 24, 0, minute + 30)).toISOString()
      const answer = await office.book(
        { startTime, endTime, timezone: 'UTC', roomIds, participants: [{ userId: bob.id }] },
        ann.token,
      )
      expect([startTime, answer.status]).toEqual([startTime, open.has(startTime) ? 201 : 409])
      if (answer.status === 201) await cancel(answer.body.meeting.id)
      if (listed.has(startTime)) expect(open).toContain(startTime)
    }
    // Too many heads, too long, and nobody who may book: nothing is listed that would be refused.
    const crowd = [bob.id, ann.id, office.owner.user.id, (await office.person('admin')).id].join()
    expect(await slots({ ...query, userIds: crowd, roomIds: strict })).toEqual([])
    expect(await slots({ ...query, durationMinutes: 61, roomIds: strict })).toEqual([])
    const auditor = await office.person('auditor')
    expect(await ask('/calendar/availability', query, auditor.token)).toMatchObject({ status: 403 })
    await setHours(bob, { weekly: Object.fromEntries(['mon', 'tue'].map((day) => [day, [['09:00', '17:00']]])) })
  })

  test('a hold takes time from everybody but its owner', async () => {
    const room = await office.room()
    const body = { resourceIds: [room, bob.id], start: '2026-11-24T10:00:00Z', end: '2026-11-24T11:00:00Z' }
    const held = expectStatus(await office.api.call('POST', '/holds', { token: ann.token, body }), 201).body
    const listed = (by: Person) => starts({ userIds: bob.id, roomIds: room }, by.token)
    expect(await listed(ann)).toContain('10:00')
    expect(await listed(bob)).not.toContain('10:00')
    // What is kept of Bob is read anew while the hold stands: it is in nobody's copy.
    const id = await book({ ...at('10:00', '11:00'), participants: [{ userId: bob.id }] }, office.token)
    expect(await starts({ userIds: bob.id })).not.toContain('10:00')
    await cancel(id, office.token)
    expect(await listed(ann)).toContain('10:00')
    const busy = await read('/calendar/freebusy', { userIds: bob.id, roomIds: room, ...DAY }, bob.token)
    expect(busy.items.map((item: { busy: object[] }) => item.busy)).toEqual([
      [{ start: body.start, end: body.end, status: 'held' }],
      [{ start: body.start, end: body.end, status: 'held' }],
    ])
    expectStatus(await office.api.call('DELETE', `/holds/${held.id}`, { token: ann.token }), 204)
    expect(await listed(bob)).toContain('10:00')
  })
})

describe('what is told of others', () => {
  test('free/busy is merged and bare; calendars say how fresh they are', async () => {
    const secret = { visibility: 'participants', title: 'Merger', participants: [{ userId: bob.id }] }
    const ids = [await book({ ...at('09:00', '10:00'), ...secret }), await book({ ...at('09:30', '11:00'), ...secret })]
    await office.query(
      `INSERT INTO calendar_integration (organization_id, id, user_id, provider, name, host, sealed_url, url_digest, created_at, next_attempt_at, fresh_as_of)
       SELECT organization_id, $2, id, 'ics', 'Home', 'example.org', '', '', now(), now(), '2026-11-23T08:00:00Z' FROM users WHERE id = $1`,
      [bob.id, NOBODY],
    )
    await office.query(
      `INSERT INTO external_event (organization_id, id, user_id, integration_id, uid, recurrence_id, starts_at, ends_at, all_day, busy, status, summary)
       SELECT organization_id, $2, id, $3, 'a', '20261124T130000', '2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z', false, true, 'tentative', 'Yoga'
       FROM users WHERE id = $1`,
      [bob.id, uuid7(0), NOBODY],
    )
    await office.query("UPDATE topic_head SET seq = seq + 1 WHERE topic = 'person:' || $1", [bob.id])
    const busy = await read('/calendar/freebusy', { userIds: bob.id, ...DAY }, office.token)
    expect(busy).toEqual({
      from: DAY.from,
      to: DAY.to,
      items: [
        {
          userId: bob.id,
          timezone: 'UTC',
          busy: [
            { start: '2026-11-24T09:00:00Z', end: '2026-11-24T11:00:00Z', status: 'busy' },
            { start: '2026-11-24T13:00:00Z', end: '2026-11-24T14:00:00Z', status: 'tentative' },
          ],
        },
      ],
      sources: [
        { kind: 'meetings', freshAsOf: '2026-11-23T09:00:00Z' },
        { kind: 'calendar', userId: bob.id, freshAsOf: '2026-11-23T08:00:00Z' },
      ],
    })
    expect(await starts({ userIds: bob.id })).not.toContain('13:00')

    const told = async (by: string) => {
      const overlay = await read('/calendar/overlay', { userIds: bob.id, ...DAY }, by)
      const calendar = await read(`/users/${bob.id}/calendar`, DAY, by)
      expect(overlay.items[0].items).toEqual(calendar.items)
      expect(overlay.items[0].working).toEqual([{ start: '2026-11-24T09:00:00Z', end: '2026-11-24T17:00:00Z' }])
      return calendar.items.map(({ title, meetingId }: { title?: string; meetingId?: string }) => [title, meetingId])
    }
    expect(await told(office.token)).toEqual([[], [], []].map(() => [undefined, undefined]))
    expect(await told(ann.token)).toEqual([
      ['Merger', ids[0]],
      ['Merger', ids[1]],
      [undefined, undefined],
    ])
    expect(await told(bob.token)).toEqual([
      ['Merger', ids[0]],
      ['Merger', ids[1]],
      ['Yoga', undefined],
    ])
    const page = await read(`/users/${bob.id}/calendar`, { ...DAY, limit: 2 }, bob.token)
    const rest = await read(`/users/${bob.id}/calendar`, { ...DAY, limit: 2, cursor: page.nextCursor }, bob.token)
    expect([page.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, null])
    await Promise.all(ids.map((id) => cancel(id)))
  })

  test('a room’s free/busy has its buffers, and its meetings their titles for who may read them', async () => {
    const room = await office.room({ bookingRules: { bufferBeforeMinutes: 10 } })
    await book({ ...at('10:00', '11:00'), roomIds: [room], title: 'Open' })
    const busy = await read('/calendar/freebusy', { roomIds: room, ...DAY })
    expect(busy.items).toEqual([
      { roomId: room, busy: [{ start: '2026-11-24T09:50:00Z', end: '2026-11-24T11:00:00Z', status: 'busy' }] },
    ])
    const overlay = await read('/calendar/overlay', { roomIds: room, ...DAY })
    expect(overlay.items[0].items).toMatchObject([{ start: '2026-11-24T10:00:00Z', title: 'Open', kind: 'meeting' }])
  })
})

describe('what is refused', () => {
  test('is who is not there or not to be seen, before anything else that is wrong', async () => {
    const guest = await office.person('guest')
    const doors = ['/calendar/freebusy', '/calendar/overlay', '/calendar/availability'] as const
    for (const door of doors) {
      const more = door === '/calendar/availability' ? { durationMinutes: 30 } : {}
      for (const query of [{ userIds: NOBODY }, { userIds: `${ann.id},${NOBODY}` }, { roomIds: NOBODY }]) {
        expect([door, (await ask(door, { ...query, ...more })).status]).toEqual([door, 404])
      }
      const backwards = { from: DAY.to, to: DAY.from, ...more }
      expect((await ask(door, { userIds: ann.id, ...backwards }, guest.token)).status).toBe(404)
      expect((await ask(door, { userIds: ann.id, ...backwards })).body.code).toBe('invalid_time')
      expect((await ask(door, more)).body.code).toBe('invalid_input')
      const many = Array.from({ length: 201 }, () => uuid7(0)).join()
      expect((await ask(door, { userIds: many, ...more })).body.code).toBe('too_large')
      expect((await ask(door, { userIds: ann.id, ...more, to: '2036-01-01T00:00:00Z' })).body.code).toBe('too_large')
    }
    const backwards = { from: DAY.to, to: DAY.from, durationMinutes: 30 }
    for (const query of [{ userIds: guest.id, ...backwards }, { userIds: guest.id }, { durationMinutes: 30 }]) {
      const refused = await ask('/calendar/availability', query as never, guest.token)
      expect([query, refused.status]).toEqual([query, 403])
    }
    expect((await ask(`/users/${ann.id}/calendar`, {}, guest.token)).status).toBe(404)
    expect((await ask(`/users/${guest.id}/calendar`, {}, guest.token)).status).toBe(200)
    expect((await ask(`/users/${NOBODY}/calendar`, {})).status).toBe(404)
  })
})
