import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BookingOffice, type Person, expectStatus, openBookingOffice } from '../../testkit/booking-office.ts'

let office: BookingOffice
let organizer: Person
let mia: Person
let outsider: Person
beforeAll(async () => {
  office = await openBookingOffice()
  organizer = await office.person('room_manager')
  mia = await office.person('member')
  outsider = await office.person('guest')
})
afterAll(() => office[Symbol.asyncDispose]())

const DAILY = { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' }, visibility: 'participants' }
const FIRST = '20261201T090000'
const SECOND = '20261202T090000'

async function invite(given: object = {}): Promise<{ id: string; version: number }> {
  const participants = [{ userId: mia.id }, { email: 'guest@example.org' }]
  const times = { startTime: '2026-12-01T09:00:00Z', endTime: '2026-12-01T10:00:00Z', timezone: 'UTC' }
  return expectStatus(await office.book({ ...times, participants, ...given }, organizer.token), 201).body.meeting
}

const answer = (id: string, body: object, by = mia) =>
  office.api.call('POST', `/meetings/${id}/rsvp`, { token: by.token, body })

const busyAt = async (id: string, person: Person) =>
  (
    await office.query(
      'SELECT recurrence_id AS at FROM allocation WHERE meeting_id = $1 AND resource_id = $2 ORDER BY recurrence_id',
      [id, person.id],
    )
  ).map(({ at }) => at)

const responseOf = (view: { participants: { userId?: string; response: string }[] }, person: Person) =>
  view.participants.find(({ userId }) => userId === person.id)?.response

describe('an answer', () => {
  test('to a series is seen by all, and who declines is free', async () => {
    const { id, version } = await invite(DAILY)
    const declined = await answer(id, { response: 'declined', comment: 'On leave' })
    expect(declined).toMatchObject({ status: 200, body: { id, version: version + 1 } })
    expect(declined.body.participants).toContainEqual({
      userId: mia.id,
      role: 'required',
      response: 'declined',
      comment: 'On leave',
    })
    expect(declined.headers.get('etag')).toBe(`"${version + 1}.1"`)
    expect((await office.get(`/meetings/${id}`, organizer.token)).body).toEqual(declined.body)
    expect(await busyAt(id, mia)).toEqual([])
    expect(await busyAt(id, organizer)).toHaveLength(3)
    expectStatus(await answer(id, { response: 'accepted' }), 200)
    expect(await busyAt(id, mia)).toHaveLength(3)
  })

  test('to one occurrence counts there alone, and outlives another answer to the series', async () => {
    const { id } = await invite(DAILY)
    const one = await answer(id, { response: 'declined', recurrenceId: SECOND })
    expect(one).toMatchObject({ status: 200, body: { meetingId: id, recurrenceId: SECOND } })
    expect(responseOf(one.body, mia)).toBe('declined')
    expect(await busyAt(id, mia)).toEqual([FIRST, '20261203T090000'])
    const { body } = await answer(id, { response: 'accepted' })
    expect(responseOf(body, mia)).toBe('accepted')
    expect(await busyAt(id, mia)).toEqual([FIRST, '20261203T090000'])
    await answer(id, { response: 'tentative', recurrenceId: SECOND, scope: 'this', comment: 'Perhaps' })
    expect(await busyAt(id, mia)).toHaveLength(3)
    const { body: list } = await office.get(`/meetings/${id}/occurrences`, mia.token)
    expect(list.items.map((item: never) => responseOf(item, mia))).toEqual(['accepted', 'tentative', 'accepted'])
  })

  test('is told to the organizer, to himself, and to who watches the meeting; the same again is no news', async () => {
    const { id } = await invite(DAILY)
    const about = async (topic: string) =>
      (await office.news(topic)).filter(({ data }) => (data['meetingId'] ?? data['id']) === id)
    await answer(id, { response: 'declined', comment: 'No' })
    const again = await answer(id, { response: 'declined', comment: 'No' })
    expect(again).toMatchObject({ status: 200, body: { version: 2 } })
    expect((await about(`meeting:${id}`)).map(({ type }) => type)).toEqual(['meeting.created', 'meeting.updated'])
    const [, told, ...more] = await about(`person:${organizer.id}`)
    expect(more).toEqual([])
    expect(told).toMatchObject({
      type: 'participant.responded',
      data: { meetingId: id, userId: mia.id, response: 'declined', comment: 'No', recurrenceId: null },
    })
    expect(told?.data['entries']).toHaveLength(3)
    const [invited, own] = await about(`person:${mia.id}`)
    expect([invited?.type, own?.type, own?.data['entries']]).toEqual(['participant.invited', 'meeting.updated', []])
  })

  test('is given by who is invited, to what he is invited to', async () => {
    const { id } = await invite({ visibility: 'organization' })
    expect((await answer(id, { response: 'accepted' }, organizer)).status).toBe(403)
    expect((await answer(id, { response: 'accepted' }, outsider)).status).toBe(404)
    expect((await answer(id, { response: 'perhaps' }, outsider)).status).toBe(404)
    const series = await invite(DAILY)
    expect((await answer(series.id, { response: 'accepted', recurrenceId: '20261209T090000' })).status).toBe(404)
    expect((await answer(series.id, { response: 'accepted', recurrenceId: FIRST, scope: 'all' })).status).toBe(422)
    expect((await answer(series.id, { response: 'accepted', scope: 'this' })).status).toBe(422)
    for (const recurrenceId of ['', 'garbage', FIRST.toLowerCase()]) {
      expect(await answer(series.id, { response: 'accepted', recurrenceId })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/recurrenceId', detail: expect.stringContaining('20261124T100000') }] },
      })
    }
  })

  test('to what is cancelled is refused, and so is one that nobody has a seat for', async () => {
    const { id } = await invite()
    expectStatus(await office.api.call('DELETE', `/meetings/${id}`, { token: organizer.token }), 204)
    expect((await answer(id, { response: 'accepted' })).body.code).toBe('illegal_transition')

    const small = await office.room({ capacity: 2 })
    const tight = await invite({ participants: [{ userId: mia.id }], roomIds: [small] })
    await answer(tight.id, { response: 'declined' })
    const people = { participants: [{ userId: mia.id }, { email: 'other@example.org' }], version: 2 }
    expectStatus(await office.put(tight.id, people, organizer.token), 200)
    expect(await answer(tight.id, { response: 'accepted' })).toMatchObject({
      status: 409,
      body: { code: 'capacity', conflicts: [{ resourceId: small, kind: 'rule' }], suggestions: [] },
    })
  })
})

describe('the history of a meeting', () => {
  const historyOf = async (id: string, by: Person, search = '') =>
    (await office.get(`/meetings/${id}/history${search}`, by.token)).body

  test('ends with the booking, and names who answered what', async () => {
    const { id } = await invite(DAILY)
    await answer(id, { response: 'tentative' })
    await answer(id, { response: 'declined', recurrenceId: SECOND })
    const { items, nextCursor } = await historyOf(id, mia)
    expect(nextCursor).toBeNull()
    const me = { id: mia.id, name: expect.stringMatching(/\w/) }
    expect(items).toMatchObject([
      {
        action: 'participant.respond',
        actor: me,
        onBehalfOf: null,
        scope: 'this',
        recurrenceId: SECOND,
        version: 3,
        changes: { response: { before: 'tentative', after: 'declined' } },
      },
      {
        actor: me,
        scope: 'all',
        recurrenceId: null,
        changes: { response: { before: 'needs_action', after: 'tentative' } },
      },
      { action: 'meeting.book', actor: { id: organizer.id }, version: 1, changes: {} },
    ])
    const paged = await historyOf(id, mia, '?limit=2')
    expect(paged.items).toEqual(items.slice(0, 2))
    expect(await historyOf(id, mia, `?limit=2&cursor=${paged.nextCursor}`)).toEqual({
      items: items.slice(2),
      nextCursor: null,
    })
  })

  test('says before and after of what a change made other, people by name, of the description only that it changed', async () => {
    const room = await office.room()
    const { id } = await invite(DAILY)
    const change = {
      title: 'Sprint planning',
      description: 'Bring numbers',
      endTime: '2026-12-01T09:30:00Z',
      roomIds: [room],
      participants: [{ userId: mia.id, role: 'optional' }, { userId: office.owner.user.id }],
      version: 1,
    }
    expectStatus(await office.put(id, change, organizer.token), 200)
    const [entry] = (await historyOf(id, mia)).items
    expect(entry).toMatchObject({ action: 'meeting.change', scope: 'all', version: 2, actor: { id: organizer.id } })
    const name = expect.any(String)
    const people = (list: { userId?: string }[]) =>
      list.toSorted((a, b) => ((a.userId ?? '') < (b.userId ?? '') ? -1 : 1))
    const { participants, ...others } = entry.changes
    expect(others).toEqual({
      title: { before: 'Planning', after: 'Sprint planning' },
      description: {},
      endTime: { before: '2026-12-01T10:00:00Z', after: '2026-12-01T09:30:00Z' },
      roomIds: { before: [], after: [room] },
    })
    expect(people(participants.before)).toEqual(
      people([
        { userId: mia.id, name, role: 'required' } as never,
        { email: 'guest@example.org', role: 'required' } as never,
      ]),
    )
    expect(people(participants.after)).toEqual(
      people([
        { userId: mia.id, name, role: 'optional' } as never,
        { userId: office.owner.user.id, name, role: 'required' } as never,
      ]),
    )
  })

  test('of one occurrence is its own, and cancelling and restoring stand in it', async () => {
    const { id } = await invite(DAILY)
    const call = (method: string, search: string, body?: object) =>
      office.api.call(method, `/meetings/${id}${search}`, { token: organizer.token, body })
    const one = `?scope=this&recurrenceId=${SECOND}`
    expectStatus(await call('PATCH', one, { startTime: '2026-12-02T11:00:00Z', version: 1 }), 200)
    expectStatus(await call('DELETE', one), 204)
    expectStatus(await call('DELETE', ''), 204)
    expectStatus(await call('POST', '/restore', {}), 200)
    const { items } = await historyOf(id, mia)
    const told = items.map(({ action, scope, recurrenceId, changes }: never) => ({
      action,
      scope,
      recurrenceId,
      changes,
    }))
    const whole = { scope: 'all', recurrenceId: null }
    const second = { scope: 'this', recurrenceId: SECOND }
    expect(told).toEqual([
      { action: 'meeting.restore', ...whole, changes: { status: { before: 'cancelled', after: 'confirmed' } } },
      { action: 'meeting.cancel', ...whole, changes: { status: { before: 'confirmed', after: 'cancelled' } } },
      { action: 'meeting.cancel', ...second, changes: { status: { before: 'confirmed', after: 'cancelled' } } },
      {
        action: 'meeting.change',
        ...second,
        changes: {
          startTime: { before: '2026-12-02T09:00:00Z', after: '2026-12-02T11:00:00Z' },
          endTime: { before: '2026-12-02T10:00:00Z', after: '2026-12-02T12:00:00Z' },
        },
      },
      { action: 'meeting.book', ...whole, changes: {} },
    ])
  })

  test('names the occurrences that a change left out, and so does the record', async () => {
    const change = async (search: string) => {
      const { id } = await invite(DAILY)
      const roomIds = [await office.room()]
      const taken = { startTime: '2026-12-02T09:00:00Z', endTime: '2026-12-02T10:00:00Z', timezone: 'UTC', roomIds }
      expectStatus(await office.book(taken), 201)
      const body = { roomIds, onConflict: 'skip' }
      const changed = await office.api.call('PATCH', `/meetings/${id}${search}`, { token: organizer.token, body })
      const [entry] = (await historyOf(changed.body.id, mia)).items
      const [record] = await office.query('SELECT detail FROM audit WHERE subject_id = $1 ORDER BY id DESC LIMIT 1', [
        changed.body.id,
      ])
      return { entry, record, roomIds }
    }
    const { entry, record, roomIds } = await change('')
    expect(entry.changes).toEqual({ roomIds: { before: [], after: roomIds }, leftOut: { after: [SECOND] } })
    expect(record?.['detail']).toEqual({ fields: ['roomIds'], leftOut: [SECOND] })
    const split = await change(`?scope=following&recurrenceId=${SECOND}`)
    expect(split.entry).toMatchObject({ action: 'meeting.split', changes: { leftOut: { after: [SECOND] } } })
    expect(split.record?.['detail']).toMatchObject({ leftOut: [SECOND] })
  })

  test('says that a comment or metadata changed, and nothing of a change that changes nothing', async () => {
    const { id } = await invite(DAILY)
    await answer(id, { response: 'tentative' })
    await answer(id, { response: 'tentative', comment: 'Perhaps late' })
    for (const body of [{ metadata: { cost: 'x' } }, {}, { title: 'Planning' }]) {
      expectStatus(await office.api.call('PATCH', `/meetings/${id}`, { token: organizer.token, body }), 200)
    }
    const { items } = await historyOf(id, mia)
    expect(items.map(({ action, changes }: { action: string; changes: object }) => [action, changes])).toEqual([
      ['meeting.change', { metadata: {} }],
      ['participant.respond', { comment: {} }],
      ['participant.respond', { response: { before: 'needs_action', after: 'tentative' } }],
      ['meeting.book', {}],
    ])
  })

  test('tells who may read it now, and could not then, nothing of then', async () => {
    const { id } = await invite({ visibility: 'participants', title: 'Letting Bob go' })
    expectStatus(await office.put(id, { title: 'Weekly', version: 1 }, organizer.token), 200)
    expectStatus(await office.put(id, { title: 'Sync', visibility: 'organization', version: 2 }, organizer.token), 200)
    expectStatus(await office.put(id, { title: 'Sync!', version: 3 }, organizer.token), 200)
    const { items } = (await office.get(`/meetings/${id}/history`)).body
    expect(items.map(({ changes }: { changes: object }) => changes)).toEqual([
      { title: { before: 'Sync', after: 'Sync!' } },
      { visibility: { before: 'participants', after: 'organization' } },
      {},
    ])
    expect(JSON.stringify(await historyOf(id, mia))).toContain('Letting Bob go')
  })

  test('is for who may read the meeting', async () => {
    const hidden = await invite({ visibility: 'participants' })
    const busy = await invite({ visibility: 'busy_only' })
    expect((await office.get(`/meetings/${hidden.id}/history`, outsider.token)).status).toBe(404)
    expect((await office.get(`/meetings/${busy.id}/history`, office.token)).status).toBe(403)
  })
})
