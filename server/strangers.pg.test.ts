import { z } from 'zod'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ok } from '../domain/result.ts'
import { type TestApi, openTestApi } from '../testkit/api.ts'
import { createApi } from './api.ts'
import { authRoutes } from './rest/auth.ts'
import { devicesRoutes } from './rest/devices.ts'
import { route } from './rest/route.ts'
import { usersRoutes } from './rest/users.ts'

const METRICS_TOKEN = 'a-long-random-word'
const INTRANET = 'https://intranet.example.org'
let api: TestApi
beforeAll(async () => {
  api = await openTestApi(
    (deps) => [
      ...authRoutes(deps),
      ...devicesRoutes(deps),
      ...usersRoutes(deps),
      route({
        method: 'POST',
        path: '/writes',
        summary: 'Writes',
        body: z.strictObject({}),
        handle: async () => ok({ status: 204 }),
      }),
    ],
    { limited: true, production: true, metricsToken: METRICS_TOKEN, corsOrigins: [INTRANET] },
  )
})
afterAll(() => api[Symbol.asyncDispose]())

describe('who asks too fast', () => {
  test('has ten tries a minute at one account, and is told how long to wait', async () => {
    const { user } = await api.register()
    const attempt = () => api.call('POST', '/auth/login', { body: { email: user.email, password: 'wrong wrong' } })
    for (let i = 0; i < 10; i++) expect((await attempt()).status).toBe(401)
    const limited = await attempt()
    expect(limited).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
    expect(read(limited.headers)).toEqual({ limit: '10', remaining: '0', reset: '60', retry: '6' })
    // Whether the password is right is not found out either.
    const right = { email: user.email, password: 'correct horse battery' }
    expect((await api.call('POST', '/auth/login', { body: right })).status).toBe(429)
    api.clock.now = (api.clock.now + 60_000) as never
    expect((await attempt()).status).toBe(401)
  })

  test('writes a hundred times at once and twenty times a second, each answer saying what is left', async () => {
    const [mine, other] = [await api.register(), await api.register()]
    const write = (token: string) => api.call('POST', '/writes', { token, body: {} })
    for (let left = 99; left >= 0; left--) {
      const { status, headers } = await write(mine.accessToken)
      expect([status, headers.get('ratelimit-remaining')]).toEqual([204, String(left)])
    }
    const over = await write(mine.accessToken)
    expect([over.status, read(over.headers)]).toEqual([429, { limit: '100', remaining: '0', reset: '5', retry: '1' }])
    expect((await api.call('GET', '/auth/profile', { token: mine.accessToken })).status).toBe(200)
    expect((await write(other.accessToken)).status).toBe(204)
    api.clock.now = (api.clock.now + 1_000) as never
    const answers = await Promise.all(Array.from({ length: 25 }, () => write(mine.accessToken)))
    expect(answers.filter((answer) => answer.status === 204)).toHaveLength(20)
  })

  test('guesses ten pairing codes a minute', async () => {
    const guess = (i: number) => api.call('POST', '/auth/devices/claim', { body: { code: `00000${i % 10}` } })
    const statuses = []
    for (let i = 0; i < 12; i++) statuses.push((await guess(i)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429, 429])
  })
})

describe('pages of other sites', () => {
  const preflight = (origin: string) =>
    api.call('OPTIONS', '/users', { headers: { origin, 'access-control-request-method': 'GET' } })

  test('of the list may call and read what they need of an answer', async () => {
    const allowed = await preflight(INTRANET)
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(INTRANET)
    expect(allowed.headers.get('access-control-allow-headers')).toMatch(/Authorization.*If-Match/)
    const { accessToken: token } = await api.register()
    const { headers } = await api.call('GET', '/auth/profile', { token, headers: { origin: INTRANET } })
    expect(headers.get('access-control-allow-origin')).toBe(INTRANET)
    expect(headers.get('access-control-expose-headers')).toMatch(/ETag.*RateLimit-Remaining/)
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('vary')).toMatch(/origin/i)
    const refused = await api.call('GET', '/nothing', { headers: { origin: INTRANET } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, INTRANET])
  })

  test.each(['https://evil.example', 'http://intranet.example.org', `${INTRANET}.evil.example`, 'null'])(
    'like %s may not',
    async (origin) => {
      const refused = await preflight(origin)
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, null])
      const answer = await api.call('GET', '/health/live', { headers: { origin } })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})

test('browsers are told to trust nothing but us, on answers and refusals alike', async () => {
  for (const path of ['/openapi.json', '/nothing', '/health/live', '/.well-known/jwks.json']) {
    const { headers } = await api.call('GET', path)
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; " +
        "frame-ancestors 'self'; form-action 'self'; object-src 'none'; base-uri 'none'",
    )
    expect(Object.fromEntries(headers)).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    })
  }
})

test('figures of the inside are for who has the token', async () => {
  // As at any path that is not there.
  expect([(await scrape()).status, (await scrape('wrong')).status]).toEqual([401, 401])
  const { accessToken } = await api.register()
  expect((await scrape(accessToken)).status).toBe(404)
  const scraped = await scrape(METRICS_TOKEN)
  expect([scraped.status, scraped.text]).toEqual([200, expect.stringContaining('convoke_http_request_seconds')])
})

function read(headers: Headers): object {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => headers.get(`ratelimit-${name}`))
  return { limit, remaining, reset, retry: headers.get('retry-after') }
}

async function scrape(token?: string): Promise<{ status: number; text: string }> {
  const app = createApi({ ...api.deps, metrics: new Registry() }, [])
  await app.request('/health/live')
  const answer = await app.request(
    '/metrics',
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  )
  return { status: answer.status, text: await answer.text() }
}
