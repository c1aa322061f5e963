import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS, instant } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { type CalendarRig, SECRET, hourEvent, meetingBody, openCalendarRig } from '../../testkit/calendar-rig.ts'
import { type FeedServer, icsFile } from '../../testkit/ics-server.ts'

let rig: CalendarRig

beforeAll(async () => {
  rig = await openCalendarRig()
})

afterAll(async () => {
  await rig?.[Symbol.asyncDispose]()
})

beforeEach(() => rig.begin())

describe('connecting', () => {
  test('answers 201, makes the first pull due, and never says the address again', async () => {
    const answer = await rig.post('/calendar/integrate', {
      ...ics(`http://${rig.feeds.host}/${SECRET}.ics`),
      name: 'Mine',
    })
    expect(answer).toMatchObject({
      status: 201,
      body: { integration: { provider: 'ics', name: 'Mine', host: '127.0.0.1', status: 'never' } },
    })
    const { id } = answer.body.integration
    expect(answer.headers.get('location')).toBe(`/calendar/integrations/${id}`)
    expect((await rig.get('/calendar/integrations')).body.items).toEqual([answer.body.integration])
    expect((await rig.get(`/calendar/integrations/${id}`)).body).toEqual(answer.body.integration)
    expect((await rig.get(`/calendar/integrations/${id}/health`)).body).toMatchObject({
      status: 'never',
      lagSeconds: null,
    })
    const { rows: due } = await rig.admin.query("SELECT kind FROM due WHERE subject = $1 AND kind = 'feed'", [id])
    expect(due).toHaveLength(1)
    for (const table of ['calendar_integration', 'audit', 'outbox', 'due', 'idempotency_key']) {
      const { rows } = await rig.admin.query(
        `SELECT count(*)::integer AS n FROM ${table} t WHERE t::text LIKE '%${SECRET}%'`,
      )
      expect([table, rows[0].n]).toEqual([table, 0])
    }
  })

  test.each([
    ...['http://127.0.0.1/', 'http://localhost/x.ics', 'https://[::1]/', 'http://0x7f.1/', 'https://u:p@example.org/x'],
    ...[
      'https://example.org:25/',
      'ftp://example.org/x.ics',
      'file:///etc/passwd',
      'https://resolves-to-us.example.org/',
    ],
  ])('%s is refused', async (url) => {
    expect((await rig.post('/calendar/integrate', ics(url))).body).toMatchObject({
      status: 422,
      code: 'address_refused',
    })
  })

  test('what is no request is refused by name', async () => {
    const refused = async (body: object) => (await rig.post('/calendar/integrate', body)).body
    expect(await refused({ provider: 'ics', url: 'http://' })).toMatchObject({ status: 422 })
    expect(await refused({ provider: 'gopher', url: 'x' })).toMatchObject({ status: 422, code: 'invalid_input' })
    expect(await refused({ ...ics('https://example.org'), extra: 1 })).toMatchObject({ status: 422 })
    await rig.connect()
    const again = await refused(ics(`http://${rig.feeds.host}/${SECRET}.ics`))
    expect(again).toMatchObject({ status: 422, code: 'invalid_input' })
  })

  test('a calendar is its owner’s alone', async () => {
    const id = await rig.connect()
    rig.serve([hourEvent('a', '20261124T090000Z', 'SUMMARY:Dentist')])
    await rig.pull(id)
    const created = await rig.post('/users', {
      email: 'ann@example.org',
      firstName: 'Ann',
      lastName: 'Admin',
      role: 'admin',
      password: rig.olga.password,
    })
    expect(created.status).toBe(201)
    const ann = await rig.signIn('ann@example.org')
    const stranger = await rig.api.register()
    for (const other of [ann, stranger]) {
      for (const path of [`/calendar/integrations/${id}`, `/calendar/integrations/${id}/health`]) {
        expect((await rig.get(path, other)).status).toBe(404)
      }
      expect((await rig.get(`/calendar/events?integrationId=${id}`, other)).body.items).toEqual([])
      expect((await rig.get('/calendar/events', other)).body.items).toEqual([])
      const gone = await rig.api.call('DELETE', `/calendar/integrations/${id}`, { token: other.accessToken })
      expect(gone.status).toBe(404)
      expect((await rig.post('/calendar/sync', { integrationId: id }, other)).status).toBe(404)
    }
    expect((await rig.get('/calendar/events')).body.items).toHaveLength(1)
    const gone = await rig.api.call('DELETE', `/calendar/integrations/${id}`, { token: rig.olga.accessToken })
    expect(gone.status).toBe(204)
    expect((await rig.get('/calendar/events')).body.items).toEqual([])
    expect(await rig.pull(id)).toBeUndefined()
  })
})

describe('a pull', () => {
  test('writes what the source says, asks with its validators, and tells the owner once', async () => {
    const id = await rig.connect()
    rig.serve([hourEvent('a', '20261124T090000Z', 'RRULE:FREQ=DAILY;COUNT=3', 'SUMMARY:Stand-up'), ['UID:bad']], {
      etag: '"one"',
      'last-modified': 'Mon, 23 Nov 2026 08:00:00 GMT',
    })
    const next = await rig.pull(id)
    expect(next! - rig.api.clock.now).toBeGreaterThan(11 * MINUTE_MS)
    expect(await healthOf(id)).toMatchObject({
      status: 'ok',
      freshAsOf: '2026-11-23T09:00:00Z',
      lagSeconds: 0,
      lastError: null,
      events: 3,
      poison: [{ uid: 'bad', line: 11 }],
    })
    expect(await newsOf(id)).toEqual([{ added: 3, changed: 0, removed: 0, status: 'ok' }])

    rig.api.clock.now = instant(rig.api.clock.now + 5 * MINUTE_MS)
    rig.feeds.answer((_request, response) => response.writeHead(304).end())
    await rig.pull(id)
    expect(rig.feeds.requests.at(-1)!.headers).toMatchObject({
      'if-none-match': '"one"',
      'if-modified-since': 'Mon, 23 Nov 2026 08:00:00 GMT',
    })
    expect(await healthOf(id)).toMatchObject({ status: 'ok', freshAsOf: '2026-11-23T09:05:00Z', events: 3 })
    expect(await newsOf(id)).toHaveLength(1)

    rig.serve([
      hourEvent('a', '20261124T093000Z', 'RRULE:FREQ=DAILY;COUNT=2', 'SUMMARY:Stand-up'),
      hourEvent('b', '20261201T090000Z'),
    ])
    await rig.pull(id)
    expect((await rig.get('/calendar/events')).body.items.map((item: { start: string }) => item.start)).toEqual([
      ...['2026-11-24T09:30:00Z', '2026-11-25T09:30:00Z', '2026-12-01T09:00:00Z'],
    ])
  })

  test('rules go on with time although the source never changes', async () => {
    const id = await rig.connect()
    rig.serve([hourEvent('a', '20261124T090000Z', 'RRULE:FREQ=MONTHLY')], { etag: '"one"' })
    await rig.pull(id)
    rig.api.clock.now = instant(rig.api.clock.now + 10 * DAY_MS)
    const fresh = await rig.api.call('POST', '/auth/login', {
      body: { email: rig.olga.user.email, password: rig.olga.password },
    })
    rig.olga = { ...rig.olga, ...fresh.body }
    await rig.pull(id)
    expect(rig.feeds.requests.at(-1)!.headers['if-none-match']).toBeUndefined()
    const query = 'from=2027-12-24T00:00:00Z&to=2028-01-03T00:00:00Z'
    expect((await rig.get(`/calendar/events?${query}`)).body.items).toHaveLength(1)
  })

  test('whatever fails changes nothing but the health', async () => {
    const id = await rig.connect()
    rig.serve([hourEvent('a', '20261124T090000Z'), hourEvent('b', '20261125T090000Z')])
    await rig.pull(id)
    const whole = icsFile([hourEvent('a', '20261124T090000Z')])
    const failures: [string, Parameters<FeedServer['answer']>[0]][] = [
      ['http_error', (_q, response) => response.writeHead(500).end(icsFile([]))],
      ['gone', (_q, response) => response.writeHead(410).end()],
      ['not_found', (_q, response) => response.writeHead(404).end()],
      ['forbidden', (_q, response) => response.writeHead(401).end()],
      ['not_a_calendar', (_q, response) => response.end('<html>Sign in</html>')],
      ['not_a_calendar', (_q, response) => response.end()],
      ['cut_off', (_q, response) => response.end(whole.slice(0, -20))],
      [
        'cut_off',
        (_q, response) => response.writeHead(200, { 'content-length': '9999' }).write(whole, () => response.destroy()),
      ],
      ['address_refused', (_q, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end()],
    ]
    let wait = 0
    for (const [code, respond] of failures) {
      rig.feeds.answer(respond)
      rig.api.clock.now = instant(rig.api.clock.now + MINUTE_MS)
      wait = (await rig.pull(id))! - rig.api.clock.now
      expect(await healthOf(id)).toMatchObject({ lastError: { code }, events: 2, freshAsOf: '2026-11-23T09:00:00Z' })
    }
    // One, two, four minutes, …
    expect(wait).toBeGreaterThan(3 * 60 * MINUTE_MS)
    const health = await healthOf(id)
    expect(health).toMatchObject({ status: 'failing', lagSeconds: 540 })
    expect(JSON.stringify(health)).not.toContain('secret')
    expect((await rig.get('/calendar/events')).body.items).toHaveLength(2)
    expect((await newsOf(id)).map(({ status }) => status)).toEqual(['ok', 'stale', 'failing'])
    rig.serve([hourEvent('a', '20261124T090000Z')])
    await rig.pull(id)
    expect(await healthOf(id)).toMatchObject({ status: 'ok', lastError: null, events: 1 })
  })

  test('a source that asks for time gets it, from people too', async () => {
    const id = await rig.connect()
    rig.feeds.answer((_request, response) => response.writeHead(429, { 'retry-after': '7200' }).end())
    const next = await rig.pull(id)
    expect(next! - rig.api.clock.now).toBeGreaterThanOrEqual(7_200_000)
    const asked = await rig.post('/calendar/sync', { integrationId: id })
    expect(asked).toMatchObject({ status: 202, body: { integrations: [{ id, nextAttemptAt: formatInstant(next!) }] } })
  })

  test('a person’s wish brings the next pull forward, not closer than half a minute', async () => {
    const id = await rig.connect()
    rig.serve([])
    await rig.pull(id)
    const asked = await rig.post('/calendar/sync', {})
    expect(asked.body.integrations).toEqual([{ id, nextAttemptAt: '2026-11-23T09:00:30Z' }])
    // A worker that is woken too early leaves the source alone.
    const before = rig.feeds.requests.length
    const { rows: integrations } = await rig.admin.query(
      'SELECT organization_id FROM calendar_integration WHERE id = $1',
      [id],
    )
    expect(await rig.turn(id, integrations[0].organization_id)).toBe(rig.api.clock.now + 30_000)
    expect(rig.feeds.requests).toHaveLength(before)
    const { rows } = await rig.admin.query(
      'SELECT due_at <= to_timestamp($2 / 1000.0) AS soon FROM due WHERE subject = $1',
      [id, rig.api.clock.now + 30_000],
    )
    expect(rows).toEqual([{ soon: true }])
  })

  test('an event that can no longer be read keeps what was held of it', async () => {
    const id = await rig.connect()
    rig.serve([hourEvent('a', '20261124T090000Z', 'RRULE:FREQ=DAILY;COUNT=5'), hourEvent('b', '20261124T120000Z')])
    await rig.pull(id)
    rig.serve([['UID:a', 'DTSTART:nonsense'], hourEvent('c', '20261124T130000Z')])
    await rig.pull(id)
    const uids = (await rig.get('/calendar/events')).body.items.map(
      (item: { origin: { uid: string } }) => item.origin.uid,
    )
    expect(uids.sort()).toEqual(['a', 'a', 'a', 'a', 'a', 'c'])
  })

  test('a calendar that is suddenly empty is asked once more before it is believed', async () => {
    const id = await rig.connect()
    rig.serve([hourEvent('a', '20261124T090000Z', 'RRULE:FREQ=DAILY;COUNT=20')])
    await rig.pull(id)
    rig.serve([])
    await rig.pull(id)
    expect(await healthOf(id)).toMatchObject({ status: 'stale', events: 20, lastError: { code: 'empty_unconfirmed' } })
    await rig.pull(id)
    expect(await healthOf(id)).toMatchObject({ status: 'ok', events: 0, lastError: null })
  })

  test('our own meetings that come back do not take the time twice', async () => {
    const { body } = await rig.post('/meetings', meetingBody({ title: 'Ours' }))
    const id = await rig.connect()
    rig.serve([
      hourEvent(`${body.meeting.id}@convoke`, '20261124T100000Z'),
      hourEvent('0199b000-0000-7000-8000-000000000001@convoke', '20261124T110000Z'),
    ])
    await rig.pull(id)
    const { items } = (await rig.get('/calendar/events')).body
    expect(items.map((item: { source: string }) => item.source)).toEqual(['meeting', 'external'])
  })
})

const ics = (url: string) => ({ provider: 'ics', url })

async function healthOf(id: string) {
  return (await rig.get(`/calendar/integrations/${id}/health`)).body
}

async function newsOf(id: string): Promise<{ status: string }[]> {
  const { rows } = await rig.admin.query(
    "SELECT data - 'integrationId' - 'freshAsOf' AS data FROM outbox WHERE topic = $1 AND type = 'calendar.synced' AND data->>'integrationId' = $2 ORDER BY id",
    [`person:${rig.olga.user.id}`, id],
  )
  return rows.map((row) => row.data)
}
