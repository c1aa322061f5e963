import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SignedIn, type TestApi, PASSWORD, openTestApi, unique } from '../../testkit/api.ts'
import { auditRoutes } from './audit.ts'
import { authRoutes } from './auth.ts'
import { holidaysRoutes } from './holidays.ts'
import { userTimeRoutes } from './user-time.ts'
import { usersRoutes } from './users.ts'

let api: TestApi
let owner: SignedIn
let mia: { id: string; token: string }
let colleague: { id: string; token: string }
beforeAll(async () => {
  api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...usersRoutes(deps),
    ...userTimeRoutes(deps),
    ...holidaysRoutes(deps),
    ...auditRoutes(deps),
  ])
  owner = await api.register()
  mia = await person()
  colleague = await person()
})
afterAll(() => api[Symbol.asyncDispose]())

async function person(given: object = {}): Promise<{ id: string; token: string }> {
  const email = `${unique()}@example.org`
  const body = { email, firstName: 'Mia', lastName: 'Member', password: PASSWORD, ...given }
  const { body: user } = await api.call('POST', '/users', { token: owner.accessToken, body })
  const { body: signedIn } = await api.call('POST', '/auth/login', { body: { email, password: PASSWORD } })
  return { id: user.id, token: signedIn.accessToken }
}

const get = (path: string, by = mia) => api.call('GET', path, { token: by.token })
const put = (path: string, body: object, by = mia, headers: Record<string, string> = {}) =>
  api.call('PUT', path, { token: by.token, body, headers })
const any = { 'if-match': '*' }

describe('working hours', () => {
  test('are the usual week until somebody says otherwise, also when a person is added', async () => {
    const read = await get(`/users/${mia.id}/working-hours`)
    expect(read).toMatchObject({ status: 200, body: { timezone: 'UTC', weekly: { mon: [['09:00', '17:00']] } } })
    expect(read.headers.get('etag')).toBe(`"${read.body.version}.0"`)
    const early = await person({ workingHours: { tue: [['06:00', '10:00']] }, timezone: 'Asia/Tokyo' })
    expect((await get(`/users/${early.id}/working-hours`, early)).body).toEqual({
      timezone: 'Asia/Tokyo',
      weekly: { tue: [['06:00', '10:00']] },
      version: 1,
    })
  })

  test('take any subset, null takes a rule away, and the version of the person moves', async () => {
    const me = await person()
    const path = `/users/${me.id}/working-hours`
    const first = {
      timezone: 'Europe/Berlin',
      weekly: {
        mon: [
          ['08:00', '12:00'],
          ['12:00', '24:00'],
        ],
      },
      dates: { '2026-12-24': [['09:00', '12:00']], '2026-12-31': [] },
      bufferAfterMinutes: 10,
      minimumNoticeMinutes: 120,
      horizonDays: 60,
      meetingsPerDay: 4,
    }
    const written = await put(path, { ...first, version: 1 }, me)
    expect(written).toMatchObject({ status: 200, body: { ...first, version: 2 } })
    expect((await get(path, me)).body).toEqual(written.body)
    const less = await put(path, { dates: null, horizonDays: null }, me, { 'if-match': '"2.0"' })
    const { dates: _, horizonDays: __, ...kept } = first
    expect(less.body).toEqual({ ...kept, version: 3 })
    const user = await get(`/users/${me.id}`, me)
    expect(user.body).toMatchObject({ version: 3, timezone: 'Europe/Berlin', workingHours: first.weekly })
    const news = await api.database.app.query(
      `BEGIN; SET LOCAL app.organization = '${organization()}'; SELECT type, data FROM outbox WHERE topic = 'person:${me.id}' ORDER BY seq; COMMIT`,
    )
    const told = (news as unknown as { rows: { type: string; data: { version: number } }[] }[])[2]?.rows
    expect(told?.map(({ type, data }) => [type, data.version])).toEqual([
      ['user.updated', 2],
      ['user.updated', 3],
    ])
  })

  test.each([
    [{ weekly: { mon: [['17:00', '09:00']] } }, '/weekly/mon'],
    [
      {
        weekly: {
          mon: [
            ['09:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      '/weekly/mon',
    ],
    [{ weekly: { mon: [['9:00', '12:00']] } }, '/weekly/mon/0/0'],
    [{ weekly: { day: [] } }, '/weekly/day'],
    [{ dates: { '2026-02-30': [] } }, '/dates/2026-02-30'],
    [{ timezone: 'Mars/Olympus' }, '/timezone'],
    [{ bufferAfterMinutes: 241 }, '/bufferAfterMinutes'],
    [{ holidays: 'nowhere' }, '/holidays'],
  ])('refuse %j', async (body, pointer) => {
    const refused = await put(`/users/${mia.id}/working-hours`, body, mia, any)
    expect(refused.status).toBe(422)
    expect(refused.body.errors[0].pointer).toBe(pointer)
  })

  test('need a version, and the right one', async () => {
    const path = `/users/${mia.id}/working-hours`
    expect((await put(path, {})).body.code).toBe('version_required')
    const stale = await put(path, { version: 77 })
    expect(stale).toMatchObject({ status: 412, body: { code: 'stale', current: (await get(path)).body } })
    expect((await put(path, { version: 1 }, colleague)).status).toBe(403)
  })
})

describe('absences', () => {
  const weeks = [
    { start: '2026-12-28T00:00:00Z', end: '2027-01-04T00:00:00Z' },
    { start: '2026-12-01T08:00:00+01:00', end: '2026-12-01T12:00:00+01:00', reason: 'Dentist' },
  ]

  test('are kept in the order of time; why is told to himself and managers only', async () => {
    const path = `/users/${mia.id}/absences`
    const written = await put(path, { items: weeks }, mia, any)
    const [holiday] = weeks
    const dentist = { start: '2026-12-01T07:00:00Z', end: '2026-12-01T11:00:00Z' }
    expect(written).toMatchObject({ status: 200, body: { items: [{ ...dentist, reason: 'Dentist' }, holiday] } })
    expect((await get(path)).body).toEqual(written.body)
    expect((await get(path, { id: '', token: owner.accessToken })).body).toEqual(written.body)
    expect((await get(path, colleague)).body.items).toEqual([dentist, holiday])
    const { body } = await api.call('GET', '/audit', { token: owner.accessToken })
    expect(JSON.stringify(body)).toContain('user.absences')
    expect(JSON.stringify(body)).not.toContain('Dentist')
  })

  test('that end before they begin, or are too long or too many, are refused', async () => {
    const path = `/users/${mia.id}/absences`
    const [one] = weeks
    const backwards = { start: one?.end, end: one?.start }
    expect((await put(path, { items: [backwards] }, mia, any)).body.code).toBe('invalid_time')
    const forEver = { start: '2026-01-01T00:00:00Z', end: '2036-01-01T00:00:00Z' }
    expect((await put(path, { items: [forEver] }, mia, any)).body.code).toBe('too_large')
    const many = Array.from({ length: 367 }, () => one)
    expect((await put(path, { items: many }, mia, any)).body.code).toBe('too_large')
    expect((await put(path, { items: [] }, colleague, any)).status).toBe(403)
  })
})

describe('holiday calendars', () => {
  test('are written by managers, listed, and named among working hours', async () => {
    const manager = { id: owner.user.id, token: owner.accessToken }
    const items = [
      { date: '2026-12-26', name: 'Boxing Day' },
      { date: '2026-12-25', name: 'Christmas' },
    ]
    expect((await put('/holidays/uk', { items })).status).toBe(403)
    expect((await get('/holidays/uk')).status).toBe(404)
    const written = await put('/holidays/uk', { items }, manager)
    expect(written).toMatchObject({ status: 200, body: { calendar: 'uk', items: items.toReversed() } })
    const read = await get('/holidays/uk')
    expect(read.body).toEqual(written.body)
    expect(read.headers.get('etag')).toBe(written.headers.get('etag'))
    expect((await get('/holidays')).body.items).toEqual([{ calendar: 'uk', days: 2 }])
    const named = await put(`/users/${mia.id}/working-hours`, { holidays: 'uk' }, mia, any)
    expect(named).toMatchObject({ status: 200, body: { holidays: 'uk' } })

    const seen = { 'if-match': written.headers.get('etag') as string }
    const [, christmas] = items
    expect((await put('/holidays/uk', { items: [christmas] }, manager, seen)).status).toBe(200)
    expect(await put('/holidays/uk', { items }, manager, seen)).toMatchObject({
      status: 412,
      body: { current: { items: [christmas] } },
    })
    expect((await put('/holidays/uk', { items: [christmas, christmas] }, manager)).status).toBe(422)
    expect((await put('/holidays/uk', { items: [] }, manager)).status).toBe(200)
    expect((await get('/holidays')).body.items).toEqual([])
  })
})

describe('delegates', () => {
  test('are named by oneself alone, and are people of the organisation', async () => {
    const path = `/users/${mia.id}/delegates`
    const items = [{ userId: colleague.id }]
    const manager = { id: owner.user.id, token: owner.accessToken }
    expect((await put(path, { items }, manager, any)).status).toBe(403)
    const written = await put(path, { items }, mia, any)
    expect(written).toMatchObject({ status: 200, body: { items } })
    expect((await get(path, manager)).body).toEqual(written.body)
    expect((await get(path, colleague)).status).toBe(403)
    const stranger = await api.register()
    for (const userId of [stranger.user.id, mia.id]) {
      const refused = await put(path, { items: [...items, { userId }] }, mia, any)
      expect(refused).toMatchObject({ status: 422, body: { code: 'unknown_reference' } })
      expect(refused.body.errors[0].pointer).toBe('/items/1/userId')
    }
  })
})

function organization(): string {
  return JSON.parse(Buffer.from(owner.accessToken.split('.')[1] as string, 'base64url').toString())['org']
}
