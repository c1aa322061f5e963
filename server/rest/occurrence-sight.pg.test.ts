import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRightsFacts } from '../../db/documents/rights-facts.ts'
import { readOnly } from '../../db/transaction.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'
import type { Answer } from '../../testkit/api.ts'
import { type BookingOffice, type Person, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'
import { DAILY, R } from '../../testkit/scope-desk.ts'

/** An occurrence may be more private than its series, and have other people: every door judges it by its own. */

const SECRET = 'S3CRET'
const WINDOW = 'from=2026-11-20T00:00:00Z&to=2026-12-05T00:00:00Z'

let office: BookingOffice
/** Organizes; is in the series; is not, and may read what is open; is in single occurrences at most. */
let ana: Person
let ben: Person
let cleo: Person
let guest: Person
let owner: Person
beforeAll(async () => {
  office = await openBookingOffice()
  ana = await office.person('room_manager')
  ben = await office.person('member')
  cleo = await office.person('auditor')
  guest = await office.person('guest')
  owner = { ...office.owner.user, token: office.token }
})
afterAll(() => office[Symbol.asyncDispose]())

const series = async (given: object = {}): Promise<string> =>
  expectStatus(await office.book({ ...DAILY, ...given }, ana.token), 201).body.meeting.id

const change = (id: string, body: object, recurrenceId?: string, by = ana): Promise<Answer> =>
  office.api.call(
    'PATCH',
    `/meetings/${id}${recurrenceId === undefined ? '' : `?scope=this&recurrenceId=${recurrenceId}`}`,
    {
      token: by.token,
      body,
    },
  )

const invite = (id: string, body: object, by = ana): Promise<Answer> =>
  office.api.call('POST', `/meetings/${id}/participants`, { token: by.token, body })

interface Shown {
  recurrenceId: string
  title: string | null
}

/** By recurrence id. */
async function titles(path: string, by: Person, id?: string): Promise<Record<string, string | null>> {
  const { items } = expectStatus(await office.get(path, by.token), 200).body as { items: (Shown & { id: string })[] }
  const mine = items.filter((item) => id === undefined || item.id === id)
  return Object.fromEntries(mine.map(({ recurrenceId, title }) => [recurrenceId, title]))
}

const occurrences = (id: string, by: Person) => titles(`/meetings/${id}/occurrences`, by)
const listed = (id: string, by: Person) => titles(`/meetings?${WINDOW}&limit=500`, by, id)

async function textOf(path: string, by: Person): Promise<string> {
  return JSON.stringify((await office.get(path, by.token)).body)
}

const all = (title: string, given: Record<string, string | null> = {}) => ({
  ...Object.fromEntries(R.map((id) => [id, title])),
  ...given,
})

describe('the history of a private occurrence', () => {
  const later: Record<string, (id: string) => Promise<Answer>> = {
    'was shifted': (id) => change(id, { startTime: { local: '2026-11-24T11:00' } }),
    'was split before it': (id) =>
      office.api.call('PATCH', `/meetings/${id}?scope=following&recurrenceId=${R[1]}`, { token: ana.token, body: {} }),
    'got a rule without it': (id) => change(id, { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' } }),
    'is as it was': async () => ({ status: 200 }) as Answer,
    'was opened to all': (id) => change(id, { visibility: 'organization', title: 'Planning' }, R[2]),
  }

  test.each(Object.keys(later))('is told to nobody else when the series %s', async (what) => {
    const id = await series({ participants: [{ userId: ben.id }] })
    expectStatus(await change(id, { title: 'Review' }, R[1]), 200)
    expectStatus(await change(id, { visibility: 'busy_only', participants: [{ userId: owner.id }] }, R[2]), 200)
    expectStatus(await change(id, { title: SECRET, description: SECRET }, R[2]), 200)
    expect((await later[what]!(id)).status).toBeLessThan(300)
    const path = `/meetings/${id}/history`
    for (const [name, other] of Object.entries({ ben, cleo })) {
      expect(await textOf(path, other), name).not.toContain(SECRET)
      // What was open is told as before.
      expect(await textOf(path, other), name).toContain('Review')
    }
    for (const one of [ana, owner]) expect(await textOf(path, one)).toContain(SECRET)
  })
})

describe('who may not read a private occurrence', () => {
  test('neither opens it nor invites himself, and changes the rest of the series as ever', async () => {
    const id = await series()
    expectStatus(await change(id, { visibility: 'participants', title: 'Salaries' }, R[0]), 200)
    const refused = [
      change(id, { visibility: 'organization' }, R[0], owner),
      change(id, { startTime: { local: '2026-11-24T15:00' } }, R[0], owner),
      change(id, { participants: [{ userId: owner.id }] }, R[0], owner),
      change(id, { participants: [{ userId: owner.id }] }, undefined, owner),
      change(id, { recurrencePattern: null, visibility: 'organization' }, undefined, owner),
      invite(id, { userId: owner.id, recurrenceId: R[0] }, owner),
      invite(id, { userId: owner.id }, owner),
    ]
    for (const answer of await Promise.all(refused)) {
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden'])
      expect(JSON.stringify(answer.body)).not.toContain('Salaries')
    }
    const planned = await office.api.call('POST', '/meetings/preview', {
      token: owner.token,
      body: { meetingId: id, scope: 'this', recurrenceId: R[0], change: { visibility: 'organization' } },
    })
    expect(planned.status).toBe(403)
    expect(await occurrences(id, owner)).toEqual(all('Planning', { [R[0]]: null }))
    expectStatus(await change(id, { title: 'Weekly' }, R[1], owner), 200)
    expectStatus(await change(id, { description: 'Together' }, undefined, owner), 200)
    const after = await office.api.call('PATCH', `/meetings/${id}?scope=following&recurrenceId=${R[2]}`, {
      ...{ token: owner.token, body: { participants: [{ userId: ben.id }] } },
    })
    expect(after.status).toBe(201)
    expectStatus(await change(id, { visibility: 'organization' }, R[0]), 200)
    expect((await occurrences(id, owner))[R[0]]).toBe('Salaries')
  })
})

describe('an occurrence with people of its own', () => {
  test('that is private is neither read nor known by who is in the series but not there', async () => {
    const room = await office.room()
    const id = await series({ participants: [{ userId: ben.id }], roomIds: [room] })
    const own = { visibility: 'participants', title: SECRET, participants: [{ userId: guest.id }] }
    expectStatus(await change(id, own, R[1]), 200)
    const others = all('Planning')
    delete others[R[1]]
    for (const one of [ben, cleo]) {
      expect(await occurrences(id, one)).toEqual(others)
      expect(await listed(id, one)).toEqual(others)
      const { items } = (await office.get(`/rooms/${room}/schedule?${WINDOW}`, one.token)).body
      expect(items.map((item: Shown) => [item.recurrenceId, item.title])).toEqual(
        R.map((one) => (one === R[1] ? [undefined, undefined] : [one, 'Planning'])),
      )
      for (const path of [
        `/meetings/${id}/history`,
        `/users/${ana.id}/calendar?${WINDOW}`,
        `/users/${guest.id}/calendar?${WINDOW}`,
      ]) {
        expect(await textOf(path, one), path).not.toContain(SECRET)
      }
    }
    expect(await occurrences(id, guest)).toEqual({ [R[1]]: SECRET })
    expect(await occurrences(id, ana)).toEqual(all('Planning', { [R[1]]: SECRET }))
    expect(await occurrences(id, owner)).toEqual(all('Planning', { [R[1]]: null }))
    // Nor that anything is there at a time at which nothing else is.
    expectStatus(await change(id, { startTime: { local: '2026-12-01T10:00' } }, R[1]), 200)
    const search = '/meetings?expand=series&from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z'
    expect(await textOf(search, ben)).not.toContain(id)
    expect(await textOf(search, guest)).toContain(id)
    // Nor who is there.
    expect(await textOf(`/meetings?expand=series&${WINDOW}&participantId=${guest.id}`, cleo)).not.toContain(id)
  })

  test('is named at the door of its room to them alone', async () => {
    const room = await office.room()
    const id = await series({ participants: [{ userId: ben.id }], roomIds: [room] })
    const own = { visibility: 'participants', title: 'Salaries', participants: [{ userId: guest.id }] }
    expectStatus(await change(id, own, R[0]), 200)
    const next = async (by: Person) => (await office.get(`/rooms/${room}/state`, by.token)).body.next.title
    expect(await Promise.all([ben, cleo, guest, ana].map(next))).toEqual([undefined, undefined, 'Salaries', 'Salaries'])
  })

  test('is all that one who is invited to it alone reads, page by page', async () => {
    for (const visibility of ['organization', 'participants']) {
      const id = await series({ visibility, title: 'Inside', participants: [{ userId: ben.id }] })
      expectStatus(await change(id, { title: 'Visit' }, R[3]), 200)
      expectStatus(await invite(id, { userId: guest.id, recurrenceId: R[3] }), 201)
      expect(await occurrences(id, guest)).toEqual({ [R[3]]: 'Visit' })
      expect(await listed(id, guest)).toEqual({ [R[3]]: 'Visit' })
      expect(await titles(`/meetings/${id}/occurrences?limit=1`, guest)).toEqual({ [R[3]]: 'Visit' })
      expect(expectStatus(await office.get(`/meetings/${id}`, guest.token), 200).body).toMatchObject({
        ...{ title: null, description: null, participants: [], organizer: null },
      })
      for (const search of ['', `&participantId=${guest.id}`]) {
        const { items } = (await office.get(`/meetings?expand=series&limit=500&${WINDOW}${search}`, guest.token)).body
        expect(items.filter((item: { id: string }) => item.id === id)).toMatchObject([{ title: null }])
      }
      expect((await office.get(`/meetings/${id}/history`, guest.token)).status).toBe(403)
      const said = await office.api.call('POST', `/meetings/${id}/rsvp`, {
        ...{ token: guest.token, body: { response: 'accepted', recurrenceId: R[3] } },
      })
      expect(said).toMatchObject({ status: 200, body: { recurrenceId: R[3], title: 'Visit' } })
    }
  })

  test('has a shared document of its own for them, and the series’ is for who is in the series', async () => {
    const id = await series({ participants: [{ userId: ben.id }] })
    expectStatus(await change(id, { visibility: 'participants', participants: [{ userId: guest.id }] }, R[1]), 200)
    const [meeting] = await office.query('SELECT organization_id AS organization FROM meeting WHERE id = $1', [id])
    const rights = (recurrenceId?: string) =>
      readOnly(office.api.database.app, meeting!['organization']!, (tx) =>
        readRightsFacts(tx, { meetingId: id, recurrenceId: recurrenceId as LocalTime | undefined }),
      )
    expect(await rights()).toMatchObject({ visibility: 'organization', participantIds: [ben.id] })
    expect(await rights(R[0])).toMatchObject({ visibility: 'organization', participantIds: [ben.id] })
    expect(await rights(R[1])).toMatchObject({ visibility: 'participants', participantIds: [guest.id] })
    expect(await rights('20270101T100000')).toBeUndefined()
  })
})

test('of a meeting that only its participants know of no occurrence is open to others, at any door', async () => {
  const room = await office.room()
  const id = await series({ visibility: 'participants', participants: [{ userId: ben.id }], roomIds: [room] })
  expectStatus(await change(id, { visibility: 'organization', title: SECRET }, R[1]), 200)
  for (const path of ['', '/occurrences', '/history']) {
    expect((await office.get(`/meetings/${id}${path}`, cleo.token)).status).toBe(404)
  }
  expect(await listed(id, cleo)).toEqual({})
  for (const path of [`/rooms/${room}/schedule?${WINDOW}`, `/users/${ana.id}/calendar?${WINDOW}`]) {
    expect(await textOf(path, cleo)).not.toMatch(new RegExp(`${SECRET}|${id}`))
  }
  expect(await occurrences(id, ben)).toEqual(all('Planning', { [R[1]]: SECRET }))
})
