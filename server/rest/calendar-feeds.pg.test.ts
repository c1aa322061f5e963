import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SignedIn } from '../../testkit/api.ts'
import { type CalendarRig, hourEvent, meetingBody, openCalendarRig } from '../../testkit/calendar-rig.ts'

let rig: CalendarRig

beforeAll(async () => {
  rig = await openCalendarRig()
})

afterAll(async () => {
  await rig?.[Symbol.asyncDispose]()
})

beforeEach(() => rig.begin())

describe('one list', () => {
  test('meetings and external events by start, page by page, each with how fresh it is', async () => {
    const id = await rig.connect()
    rig.serve([
      hourEvent('a', '20261124T100000Z', 'RRULE:FREQ=DAILY;COUNT=4', 'SUMMARY:Out'),
      ['UID:m', 'DTSTART:20261125T000000Z', 'SUMMARY:Moment'],
    ])
    await rig.pull(id)
    await rig.post('/meetings', meetingBody({ recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' } }))
    const all = (await rig.get('/calendar/events')).body.items
    expect(all).toHaveLength(8)
    expect(all[0]).toMatchObject({
      source: 'external',
      origin: { integrationId: id, provider: 'ics', uid: 'a', recurrenceId: '20261124T100000' },
      title: 'Out',
      start: '2026-11-24T10:00:00Z',
      end: '2026-11-24T11:00:00Z',
      busy: true,
      freshAsOf: '2026-11-23T09:00:00Z',
    })
    expect(all[1]).toMatchObject({ source: 'meeting', title: 'Planning', start: '2026-11-24T10:00:00Z' })
    for (const limit of [1, 2, 3, 7]) {
      const paged = []
      let cursor: string | null = null
      do {
        const { body } = await rig.get(`/calendar/events?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`)
        paged.push(...body.items)
        cursor = body.nextCursor
      } while (cursor !== null)
      expect(paged).toEqual(all)
    }
    expect((await rig.get(`/calendar/events?integrationId=${id}`)).body.items).toHaveLength(5)
    const day = 'from=2026-11-25T00:00:00Z&to=2026-11-25T23:00:00Z'
    expect((await rig.get(`/calendar/events?${day}`)).body.items).toHaveLength(3)
  })

  test('what one has declined takes no time, unless one organizes it', async () => {
    const mia = await rig.hire('mia')
    const participants = [mia, rig.olga].map(({ user }) => ({ userId: user.id }))
    const daily = { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' }, participants }
    const { id } = (await rig.post('/meetings', meetingBody(daily))).body.meeting
    const busy = async (who: SignedIn) =>
      (await rig.get('/calendar/events', who)).body.items.map((item: { busy: boolean }) => item.busy)
    expect(await busy(mia)).toEqual([true, true])
    const said = await rig.post(`/meetings/${id}/rsvp`, { response: 'declined', recurrenceId: '20261125T100000' }, mia)
    expect(said.status).toBe(200)
    await rig.post(`/meetings/${id}/rsvp`, { response: 'declined' })
    expect(await busy(mia)).toEqual([true, false])
    expect(await busy(rig.olga)).toEqual([true, true])
  })
})

describe('secret addresses', () => {
  test('a person’s calendar can be read by who holds it, until it is ended', async () => {
    await rig.post('/meetings', meetingBody({ title: 'Open' }))
    await rig.post('/meetings', meetingBody({ title: 'Surprise', visibility: 'participants' }))
    const made = await rig.post('/calendar/feeds', { kind: 'person' }, rig.olga, { 'idempotency-key': 'once' })
    expect(made).toMatchObject({ status: 201, body: { kind: 'person', roomId: null } })
    expect(made.body.url).toMatch(/^https:\/\/meet\.example\.org\/calendar\/feeds\/[\w-]{64}\.ics$/)
    const again = await rig.post('/calendar/feeds', { kind: 'person' }, rig.olga, { 'idempotency-key': 'once' })
    expect(again.body).toEqual(made.body)
    const path = new URL(made.body.url).pathname
    const secret = path.slice('/calendar/feeds/'.length, -'.ics'.length)
    for (const table of ['calendar_feed', 'audit', 'outbox', 'idempotency_key']) {
      const { rows } = await rig.admin.query(`SELECT count(*)::integer AS n FROM ${table} t WHERE t::text LIKE $1`, [
        `%${secret}%`,
      ])
      expect([table, rows[0].n]).toEqual([table, 0])
    }
    const read = await rig.api.call('GET', path)
    expect(read.status).toBe(200)
    expect(read.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
    expect(read.headers.get('cache-control')).toBe('private, no-cache')
    expect(read.body.match(/^SUMMARY:.*$/gm)).toEqual(['SUMMARY:Open', 'SUMMARY:Busy'])
    const known = await rig.api.call('GET', path, { headers: { 'if-none-match': read.headers.get('etag')! } })
    expect(known).toMatchObject({ status: 304, body: undefined })
    await rig.post('/meetings', meetingBody({ title: 'One more' }))
    const changed = await rig.api.call('GET', path, { headers: { 'if-none-match': read.headers.get('etag')! } })
    expect(changed.status).toBe(200)

    expect((await rig.get('/calendar/feeds')).body.items).toEqual([{ ...made.body, url: undefined }])
    for (const wrong of [path.replace(/.{10}\.ics$/, 'AAAAAAAAAA.ics'), '/calendar/feeds/x.ics', path.slice(0, -4)]) {
      expect((await rig.api.call('GET', wrong)).status).toBe(404)
    }
    const stranger = await rig.api.register()
    const end = (who: SignedIn) => rig.api.call('DELETE', `/calendar/feeds/${made.body.id}`, { token: who.accessToken })
    expect((await end(stranger)).status).toBe(404)
    expect((await end(rig.olga)).status).toBe(204)
    expect((await rig.api.call('GET', path)).status).toBe(404)
  })

  test('a room’s says when it is taken, and nothing else', async () => {
    const room = await rig.post('/rooms', { name: 'Aula', capacity: 9 })
    await rig.post(
      '/meetings',
      meetingBody({ title: 'Hiring Bob', roomIds: [room.body.id], recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=2' } }),
    )
    const made = await rig.post('/calendar/feeds', { kind: 'room', roomId: room.body.id })
    const { body } = await rig.api.call('GET', new URL(made.body.url).pathname)
    expect(body.match(/^DTSTART.*$/gm)).toEqual(['DTSTART:20261124T100000Z', 'DTSTART:20261125T100000Z'])
    expect(new Set(body.match(/^SUMMARY:.*$/gm))).toEqual(new Set(['SUMMARY:Busy']))
    expect(body).not.toMatch(/Hiring|Bob|Olga|ORGANIZER|ATTENDEE|DESCRIPTION/)
    const nowhere = await rig.post('/calendar/feeds', { kind: 'room', roomId: rig.olga.user.id })
    expect(nowhere.body).toMatchObject({ status: 422, code: 'unknown_reference' })
  })

  test('one meeting as a file, as far as one may see it', async () => {
    const { body } = await rig.post('/meetings', meetingBody({ title: 'Quiet; talk', visibility: 'busy_only' }))
    const path = `/meetings/${body.meeting.id}/ics`
    expect((await rig.get(path)).body).toContain('SUMMARY:Quiet\\; talk\r\n')
    await rig.post('/users', { email: 'mia@example.org', firstName: 'Mia', lastName: 'M', password: rig.olga.password })
    const mia = await rig.signIn('mia@example.org')
    const seen = await rig.get(path, mia)
    expect(seen.body).toContain('SUMMARY:Busy\r\n')
    expect(seen.body).not.toContain('Quiet')
    expect((await rig.get(path, await rig.api.register())).status).toBe(404)
    expect((await rig.api.call('GET', path)).status).toBe(401)
  })

  test('one meeting without the occurrences that one may not know of, or with those alone that one is invited to', async () => {
    const [mia, ben, guest] = await Promise.all([rig.hire('mia'), rig.hire('ben'), rig.hire('gil', 'guest')])
    const daily = { recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: [{ userId: ben.user.id }] }
    const { id } = (await rig.post('/meetings', meetingBody({ title: 'Open', ...daily }))).body.meeting
    const own = { visibility: 'participants', title: 'Quiet talk', participants: [{ userId: guest.user.id }] }
    await rig.patch(`/meetings/${id}?scope=this&recurrenceId=20261125T100000`, own)
    const lines = async (who: SignedIn) =>
      (await rig.get(`/meetings/${id}/ics`, who)).body.match(/^(SUMMARY|RECURRENCE-ID|EXDATE|RRULE).*$/gm)
    const [exdate, one] = ['EXDATE', 'RECURRENCE-ID'].map((name) => `${name}:20261125T100000Z`)
    const rule = 'RRULE:FREQ=DAILY;COUNT=3'
    for (const other of [mia, ben]) expect(await lines(other)).toEqual([rule, exdate, 'SUMMARY:Open'])
    expect(await lines(guest)).toEqual([one, 'SUMMARY:Quiet talk'])
    expect(await lines(rig.olga)).toEqual([rule, 'SUMMARY:Open', one, 'SUMMARY:Quiet talk'])
  })
})
