import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '../../domain/identity/actor.ts'
import type { Visibility } from '../../domain/identity/can.ts'
import type { Answer } from '../../testkit/api.ts'
import { type BookingOffice, MEETING, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

/** Marks every text of a private meeting: found where it must not be, it was leaked. */
const SECRET = 'S3CRET'
const NOBODY = '01900000-0000-7000-8000-000000000000'
const VISIBILITIES = ['organization', 'participants', 'busy_only'] as const
type Viewer = 'organizer' | 'participant' | 'owner' | Exclude<Role, 'owner' | 'room_manager' | 'panel'> | 'stranger'
/** content: everything; busy: that there is something; nothing: not even that. */
type Sight = 'content' | 'busy' | 'nothing'

const SIGHT: Record<Viewer, Record<Visibility, Sight>> = {
  organizer: { organization: 'content', participants: 'content', busy_only: 'content' },
  participant: { organization: 'content', participants: 'content', busy_only: 'content' },
  owner: { organization: 'content', participants: 'busy', busy_only: 'busy' },
  admin: { organization: 'content', participants: 'busy', busy_only: 'busy' },
  member: { organization: 'content', participants: 'nothing', busy_only: 'busy' },
  auditor: { organization: 'content', participants: 'nothing', busy_only: 'busy' },
  guest: { organization: 'nothing', participants: 'nothing', busy_only: 'nothing' },
  stranger: { organization: 'nothing', participants: 'nothing', busy_only: 'nothing' },
}

let office: BookingOffice
let organizer: { id: string; token: string }
const tokens = new Map<Viewer, string>()
const meetings = new Map<Visibility, { id: string; room: string }>()
beforeAll(async () => {
  office = await openBookingOffice()
  organizer = await office.person('room_manager')
  for (const role of ['admin', 'member', 'auditor', 'guest'] as const)
    tokens.set(role, (await office.person(role)).token)
  tokens.set('organizer', organizer.token)
  tokens.set('owner', office.token)
  tokens.set('stranger', (await office.api.register()).accessToken)
  const email = 'participant@example.org'
  const body = { email, password: 'a good password', firstName: SECRET, lastName: 'P', role: 'guest' }
  const { id } = expectStatus(await office.api.call('POST', '/users', { token: office.token, body }), 201).body
  const signedIn = await office.api.call('POST', '/auth/login', { body: { email, password: body.password } })
  tokens.set('participant', signedIn.body.accessToken)
  for (const visibility of VISIBILITIES) {
    const room = await office.room()
    const given = {
      visibility,
      title: SECRET,
      description: SECRET,
      metadata: { note: SECRET },
      participants: [{ userId: id }, { email: `${SECRET}@example.org` }],
      roomIds: [room],
      recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' },
    }
    const booked = expectStatus(await office.book(given, organizer.token), 201)
    meetings.set(visibility, { id: booked.body.meeting.id, room })
  }
})
afterAll(() => office[Symbol.asyncDispose]())

const viewers = Object.keys(SIGHT) as Viewer[]
const asked = viewers.flatMap((viewer) =>
  VISIBILITIES.map((visibility) => ({ viewer, visibility, sight: SIGHT[viewer][visibility] })),
)

function expectSight(sight: Sight, shown: Record<string, unknown> | undefined, where: string): void {
  const text = JSON.stringify(shown ?? null)
  if (sight === 'content') expect(text, where).toContain(SECRET)
  else expect(text.toUpperCase(), where).not.toContain(SECRET)
  if (sight === 'nothing') expect(shown, where).toBeUndefined()
  if (sight !== 'busy') return
  const hidden = {
    title: null,
    description: null,
    organizer: null,
    participants: [],
    room: null,
    roomIds: [],
    metadata: {},
  }
  expect(shown, where).toMatchObject({ ...hidden, startTime: expect.any(String), endTime: expect.any(String) })
}

describe.each(asked)('$viewer of a meeting open to $visibility sees $sight', ({ viewer, visibility, sight }) => {
  const by = () => tokens.get(viewer)!
  const mine = () => meetings.get(visibility)!
  const get = (path: string): Promise<Answer> => office.get(path, by())

  test('of itself and its occurrences', async () => {
    const one = await get(`/meetings/${mine().id}`)
    expect(one.status).toBe(sight === 'nothing' ? 404 : 200)
    expectSight(sight, one.status === 200 ? one.body : undefined, 'GET /meetings/:id')
    const occurrences = await get(`/meetings/${mine().id}/occurrences`)
    expect(occurrences.status).toBe(one.status)
    expect(JSON.stringify(occurrences.body).includes(SECRET)).toBe(sight === 'content')
  })

  test('in lists, which do not tell by their filters either', async () => {
    for (const expand of ['', '&expand=series']) {
      const { items } = (await get(`/meetings?limit=100${expand}`)).body
      expectSight(
        sight,
        items.find((item: { id: string }) => item.id === mine().id),
        `GET /meetings ${expand}`,
      )
      for (const filter of [`organizerId=${organizer.id}`, `participantId=${organizer.id}`, `roomId=${mine().room}`]) {
        const found = (await get(`/meetings?${filter}${expand}`)).body.items
        expect(
          found.some((item: { id: string }) => item.id === mine().id),
          filter,
        ).toBe(sight === 'content')
      }
    }
  })

  test('in the room’s schedule', async () => {
    const { status, body } = await get(`/rooms/${mine().room}/schedule`)
    expect(status).toBe(viewer === 'stranger' ? 404 : 200)
    if (viewer === 'stranger') return
    expect(body.items).toHaveLength(2)
    for (const item of body.items) {
      expect([item.meetingId, item.title]).toEqual([
        sight === 'nothing' ? undefined : mine().id,
        sight === 'content' ? SECRET : undefined,
      ])
      expect(Object.keys(item)).not.toContain('participants')
    }
  })

  test('in what conflicts and refusals say', async () => {
    const span = `startTime=${MEETING.startTime}&endTime=${MEETING.endTime}`
    const conflicts = await get(`/meetings/conflicts?${span}&roomIds=${mine().room}&participantIds=${organizer.id}`)
    const booking = await office.book({ roomIds: [mine().room] }, by())
    const change = await office.put(mine().id, { title: 'Mine' }, by())
    const stale = await office.put(mine().id, { title: 'Mine', version: 99 }, by())
    const drop = await office.api.call('DELETE', `/meetings/${mine().id}`, {
      token: by(),
      headers: { 'if-match': '"99"' },
    })
    for (const answer of [conflicts, booking]) expect(JSON.stringify(answer.body)).not.toContain(SECRET)
    for (const answer of [change, stale, drop]) {
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status === 404).toBe(sight === 'nothing')
      if (sight !== 'content') expect(JSON.stringify(answer.body)).not.toContain(SECRET)
    }
  })
})

test('who may cancel what he may not read gets it back without its content', async () => {
  const given = { title: SECRET, visibility: 'busy_only', recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' } }
  const { id } = expectStatus(await office.book(given, organizer.token), 201).body.meeting
  const key = { 'idempotency-key': 'cancel' }
  for (const _ of ['once', 'again']) {
    const answer = await office.api.call('POST', `/meetings/${id}/cancel`, { token: office.token, headers: key })
    expect(answer).toMatchObject({ status: 200, body: { id, status: 'cancelled', title: null } })
  }
})

test('an id of another organisation is answered like one that is nowhere', async () => {
  const theirs = tokens.get('stranger')!
  const { id, room } = meetings.get('organization')!
  const calls = (meeting: string, place: string, person: string): [string, string, object?][] => [
    ['GET', `/meetings/${meeting}`],
    ['PUT', `/meetings/${meeting}`, { title: 'x', version: 1 }],
    ['DELETE', `/meetings/${meeting}`],
    ['POST', `/meetings/${meeting}/cancel`, {}],
    ['POST', `/meetings/${meeting}/participants`, { email: 'x@example.org' }],
    ['GET', `/meetings/${meeting}/occurrences`],
    ['GET', `/rooms/${place}/schedule`],
    ['POST', `/rooms/${place}/book`, MEETING],
    ['POST', '/meetings', { ...MEETING, roomIds: [place] }],
    ['POST', '/meetings', { ...MEETING, participants: [{ userId: person }] }],
    [
      'GET',
      `/meetings/conflicts?startTime=${MEETING.startTime}&endTime=${MEETING.endTime}&roomIds=${place}&participantIds=${person}`,
    ],
    ['GET', `/meetings?organizerId=${person}`],
    ['GET', `/meetings?roomId=${place}&expand=series`],
  ]
  const answersTo = async (list: [string, string, object?][]) =>
    Promise.all(
      list.map(async ([method, path, body]) => {
        const answer = await office.api.call(method, path, { token: theirs, body })
        return [answer.status, { ...answer.body, requestId: '' }]
      }),
    )
  expect(await answersTo(calls(id, room, organizer.id))).toEqual(await answersTo(calls(NOBODY, NOBODY, NOBODY)))
})

test('no event of a room’s topic ever carried a text', async () => {
  const rows = await office.query(`SELECT data FROM outbox WHERE topic LIKE 'room:%'`)
  expect(rows.length).toBeGreaterThanOrEqual(3)
  expect(JSON.stringify(rows)).not.toMatch(/S3CRET|Planning|title|participants|organizer/i)
})
