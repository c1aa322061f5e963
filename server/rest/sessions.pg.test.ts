import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SignedIn, type TestApi, openTestApi } from '../../testkit/api.ts'
import { authRoutes } from './auth.ts'
import { sessionsRoutes } from './sessions.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi((deps) => [...authRoutes(deps), ...sessionsRoutes(deps)])
})
afterAll(() => api[Symbol.asyncDispose]())

async function login({ user, password }: SignedIn, userAgent: string): Promise<SignedIn> {
  const body = { email: user.email, password }
  return (await api.call('POST', '/auth/login', { body, headers: { 'user-agent': userAgent } })).body
}

test('one sees one’s own sessions, the youngest first, and which one this is', async () => {
  const first = await api.register()
  await api.register()
  const { now } = api.clock
  api.clock.now = (now + 60_000) as never
  const second = await login(first, 'A browser')
  const { body } = await api.call('GET', '/auth/sessions', { token: second.accessToken })
  const at = (ms: number) => new Date(ms).toISOString().replace('.000', '')
  expect(body.nextCursor).toBeNull()
  expect(body.items.map((item: { current: boolean }) => item.current)).toEqual([true, false])
  expect(body.items[0]).toEqual({
    id: expect.any(String),
    current: true,
    createdAt: at(now + 60_000),
    lastSeenAt: at(now + 60_000),
    expiresAt: at(now + 60_000 + 30 * 86_400_000),
    userAgent: 'A browser',
  })
  api.clock.now = (now + 120_000) as never
  await api.call('POST', '/auth/refresh', { body: { refreshToken: first.refreshToken } })
  const page = await api.call('GET', '/auth/sessions?limit=1', { token: second.accessToken })
  const rest = await api.call('GET', `/auth/sessions?limit=1&cursor=${page.body.nextCursor}`, {
    token: second.accessToken,
  })
  expect([...page.body.items, ...rest.body.items].map((item) => item.lastSeenAt)).toEqual([
    at(now + 60_000),
    at(now + 120_000),
  ])
})

test('ending one takes its tokens with it, again is the same, and leaves an audit row', async () => {
  const mine = await api.register()
  const lost = await login(mine, 'A lost phone')
  const { items } = (await api.call('GET', '/auth/sessions', { token: mine.accessToken })).body
  const { id } = items.find((item: { userAgent: string }) => item.userAgent === 'A lost phone')
  for (let i = 0; i < 2; i++) {
    expect((await api.call('DELETE', `/auth/sessions/${id}`, { token: mine.accessToken })).status).toBe(204)
  }
  expect((await api.call('GET', '/auth/sessions', { token: lost.accessToken })).status).toBe(401)
  expect((await api.call('POST', '/auth/refresh', { body: { refreshToken: lost.refreshToken } })).status).toBe(401)
  const left = await api.call('GET', '/auth/sessions', { token: mine.accessToken })
  expect(left.body.items).toMatchObject([{ current: true }])
})

test('somebody else’s session is not found, whoever asks', async () => {
  const [mine, theirs] = [await api.register(), await api.register()]
  const { body } = await api.call('GET', '/auth/sessions', { token: theirs.accessToken })
  const path = `/auth/sessions/${body.items[0].id}`
  expect((await api.call('DELETE', path, { token: mine.accessToken })).status).toBe(404)
  expect((await api.call('DELETE', '/auth/sessions/nonsense', { token: mine.accessToken })).status).toBe(404)
  expect((await api.call('GET', '/auth/sessions', { token: theirs.accessToken })).status).toBe(200)
})
