import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BookingOffice, type Person, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

const WINDOW = { from: '2027-10-01T00:00:00Z', to: '2027-10-31T00:00:00Z' }

let office: BookingOffice
let ann: Person
let bob: Person
beforeAll(async () => {
  office = await openBookingOffice()
  ;[ann, bob] = await Promise.all([office.person('admin'), office.person('member')])
})
afterAll(() => office[Symbol.asyncDispose]())

interface Seen {
  id: string
  start: string
  response?: string
  busy: boolean
  title?: string
}

async function read(path: string, query: object, by: Person) {
  const search = new URLSearchParams({ ...WINDOW, ...query })
  return expectStatus(await office.get(`${path}?${search.toString()}`, by.token), 200).body
}

/** Bob's, one by one. */
async function calendar(by = bob): Promise<Seen[]> {
  const found: Seen[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await read(`/users/${bob.id}/calendar`, { limit: '1', ...(cursor && { cursor }) }, by)
    found.push(...page.items)
    cursor = page.nextCursor
  }
  return found
}

async function overlay(by: Person): Promise<Seen[]> {
  return (await read('/calendar/overlay', { userIds: bob.id }, by)).items[0].items
}

async function send(by: string, method: string, path: string, body: object): Promise<void> {
  const { status } = await office.api.call(method, path, { token: by, body, headers: { 'if-match': '*' } })
  expect([path, status]).toEqual([path, method === 'DELETE' ? 204 : 200])
}

const startsOf = (entries: readonly Seen[]) => entries.map(({ start }) => start)

test('no absence is lost between two pages, however alike they are', async () => {
  const start = '2027-10-20T00:00:00Z'
  const items = [
    { start, end: '2027-10-21T00:00:00Z', reason: 'Dentist' },
    { start, end: '2027-10-22T00:00:00Z', reason: 'Moving' },
    { start, end: '2027-10-22T00:00:00Z', reason: 'Parents' },
  ]
  await send(bob.token, 'PUT', `/users/${bob.id}/absences`, { items })
  const found = await calendar()
  expect(new Set(found.map(({ title }) => title))).toEqual(new Set(['Dentist', 'Moving', 'Parents']))
  expect(new Set(found.map(({ id }) => id)).size).toBe(3)
  expect(await overlay(bob)).toEqual(found)
  expect((await calendar(ann)).map(({ id }) => id)).toEqual(found.map(({ id }) => id))
  await send(bob.token, 'PUT', `/users/${bob.id}/absences`, { items: [] })
})

test('what a person has declined takes no time and is in his own calendar only', async () => {
  const bookDaily = async (hour: string, more: object): Promise<string> => {
    const times = { startTime: `2027-10-04T${hour}:00:00Z`, endTime: `2027-10-04T${hour}:30:00Z`, timezone: 'UTC' }
    const series = { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=5' }, participants: [{ userId: bob.id }] }
    return expectStatus(await office.book({ ...times, ...series, ...more }), 201).body.meeting.id
  }
  const answer = (id: string, response: string, recurrenceId?: string) =>
    send(bob.token, 'POST', `/meetings/${id}/rsvp`, { response, recurrenceId })
  const change = (method: string, id: string, recurrenceId: string, body: object = {}) =>
    send(office.token, method, `/meetings/${id}?scope=this&recurrenceId=${recurrenceId}`, body)
  const merger = await bookDaily('10', { title: 'Merger', visibility: 'participants' })
  const daily = await bookDaily('14', {})
  await answer(merger, 'declined')
  await answer(merger, 'accepted', '20271005T100000')
  await answer(daily, 'declined', '20271006T140000')
  await answer(daily, 'declined', '20271007T140000')
  // One is cancelled, to one he is not invited, and two begin together.
  await change('DELETE', daily, '20271007T140000')
  await change('PATCH', merger, '20271006T100000', { participants: [] })
  await change('PATCH', merger, '20271007T100000', {
    startTime: '2027-10-08T10:00:00Z',
    endTime: '2027-10-08T10:30:00Z',
  })
  // What he organizes takes his time, whatever he has answered.
  const times = { startTime: '2027-10-11T10:00:00Z', endTime: '2027-10-11T11:00:00Z', timezone: 'UTC' }
  const hosted = expectStatus(await office.book({ ...times, participants: [{ userId: bob.id }] }, bob.token), 201)
  await answer(hosted.body.meeting.id, 'declined')

  const own = await calendar()
  expect(own.map(({ start, response, busy }) => [start.slice(8, 13), response, busy])).toEqual([
    ['04T10', 'declined', false],
    ['04T14', 'needs_action', true],
    ['05T10', 'accepted', true],
    ['05T14', 'needs_action', true],
    ['06T14', 'declined', false],
    ['08T10', 'declined', false],
    ['08T10', 'declined', false],
    ['08T14', 'needs_action', true],
    ['11T10', 'declined', true],
  ])
  const first = { kind: 'meeting', title: 'Merger', meetingId: merger, recurrenceId: '20271004T100000' }
  expect(own[0]).toMatchObject(first)
  expect(await overlay(bob)).toEqual(own)
  const taken = startsOf(own.filter(({ busy }) => busy))
  expect(startsOf(await overlay(ann))).toEqual(taken)
  const { items } = await read('/calendar/freebusy', { userIds: bob.id }, bob)
  expect(startsOf(items[0].busy)).toEqual(taken)
})

test('a room that is not in use is blocked all the time, whatever stands in it', async () => {
  const [room, other] = [await office.room(), await office.room()]
  const times = { startTime: '2027-10-26T10:00:00Z', endTime: '2027-10-26T11:00:00Z', timezone: 'UTC' }
  expectStatus(await office.book({ ...times, roomIds: [room] }), 201)
  await send(office.token, 'PUT', `/rooms/${room}`, { isActive: false })
  const span = { start: WINDOW.from, end: WINDOW.to }
  const roomIds = `${room},${other}`
  expect((await read('/calendar/freebusy', { roomIds }, ann)).items).toEqual([
    { roomId: room, busy: [{ ...span, status: 'blocked' }] },
    { roomId: other, busy: [] },
  ])
  const [closed, open] = (await read('/calendar/overlay', { roomIds }, ann)).items
  expect(closed.items).toMatchObject([
    { ...span, kind: 'blackout', busy: true },
    { start: times.startTime, kind: 'meeting' },
  ])
  expect(open.items).toEqual([])
})
