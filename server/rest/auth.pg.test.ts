import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ISSUER, PASSWORD, type TestApi, openTestApi, unique } from '../../testkit/api.ts'
import { authRoutes } from './auth.ts'
import { usersRoutes } from './users.ts'

let api: TestApi
let morning: TestApi['clock']['now']
beforeAll(async () => {
  api = await openTestApi((deps) => [...authRoutes(deps), ...usersRoutes(deps)])
  morning = api.clock.now
})
beforeEach(() => {
  api.clock.now = morning
})
afterAll(() => api[Symbol.asyncDispose]())

describe('register', () => {
  test('makes an organisation with this person as owner, signed in', async () => {
    const answer = await api.call('POST', '/auth/register', {
      body: {
        email: 'Ada@Example.org',
        password: PASSWORD,
        firstName: 'Ada',
        lastName: 'L',
        organization: 'Engines',
        timezone: 'Europe/London',
      },
    })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      expiresIn: 600,
      user: { email: 'ada@example.org', role: 'owner', timezone: 'Europe/London', version: 1, department: null },
    })
    expect(answer.headers.get('location')).toBe(`/users/${answer.body.user.id}`)
    expect(answer.headers.get('etag')).toBe('"1.0"')
    const profile = await api.call('GET', '/auth/profile', { token: answer.body.accessToken })
    expect(profile.body).toEqual(answer.body.user)
  })

  test('says which rule a password breaks, and never repeats it', async () => {
    const flaws: [string, RegExp][] = [
      ['seven77', /at least 8/],
      ['x'.repeat(201), /at most 200/],
      ['          ', /more than spaces/],
      ['Eve@example.org', /not the e-mail address/],
    ]
    for (const [password, reason] of flaws) {
      const body = { email: 'eve@example.org', password, firstName: 'Eve', lastName: 'E', organization: 'E' }
      const answer = await api.call('POST', '/auth/register', { body })
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input', errors: [{ pointer: '/password' }] } })
      expect(answer.body.detail).toMatch(reason)
      if (password.trim() !== '') expect(JSON.stringify(answer.body)).not.toContain(password)
    }
  })

  test('a taken address or organisation name is refused and leaves nothing behind', async () => {
    const taken = await api.register()
    const body = { email: taken.user.email, password: PASSWORD, firstName: 'A', lastName: 'B' }
    const again = await api.call('POST', '/auth/register', { body: { ...body, organization: `Org ${unique()}` } })
    expect(again).toMatchObject({ status: 409, body: { code: 'email_taken' } })
    const email = `${unique()}@example.org`
    const organization = taken.organization.toUpperCase()
    const named = await api.call('POST', '/auth/register', { body: { ...body, email, organization } })
    expect(named).toMatchObject({ status: 409, body: { code: 'name_taken' } })
    const left = await api.database.app.query('SELECT FROM identity.account WHERE email = $1', [email])
    expect(left.rowCount).toBe(0)
  })

  test('two at once with one address: one organisation', async () => {
    const body = { email: `${unique()}@example.org`, password: PASSWORD, firstName: 'A', lastName: 'B' }
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() =>
        api.call('POST', '/auth/register', { body: { ...body, organization: `Org ${unique()}` } }),
      ),
    )
    expect(statuses(answers)).toEqual([201, 409, 409, 409])
  })
})

describe('login', () => {
  test('opens a session of its own', async () => {
    const { user } = await api.register()
    const answer = await api.call('POST', '/auth/login', {
      body: { email: user.email.toUpperCase(), password: PASSWORD },
    })
    expect(answer).toMatchObject({ status: 200, body: { user: { id: user.id }, expiresIn: 600 } })
  })

  test('answers a wrong password, an unknown address and a wrong organisation alike', async () => {
    const { user } = await api.register()
    const wrong = [
      { email: user.email, password: 'not this one' },
      { email: `${unique()}@example.org`, password: PASSWORD },
      { email: user.email, password: PASSWORD, organization: 'Somewhere else' },
    ]
    const answers = await Promise.all(wrong.map((body) => api.call('POST', '/auth/login', { body })))
    const shown = answers.map(({ status, body }) => ({ status, ...body, requestId: undefined }))
    expect(shown[0]).toMatchObject({ status: 401, code: 'invalid_credentials' })
    expect(shown[1]).toEqual(shown[0])
    expect(shown[2]).toEqual(shown[0])
  })

  test('an unknown address takes as long as a wrong password', async () => {
    const { user } = await api.register()
    const known: number[] = []
    const unknown: number[] = []
    for (let round = 0; round < 10; round++) {
      known.push(await timed({ email: user.email, password: 'not this one' }))
      unknown.push(await timed({ email: `${unique()}@example.org`, password: 'not this one' }))
    }
    // Other work on the machine only adds time, so the least is the work itself; without the hash it is a tenth.
    expect(Math.min(...unknown) / Math.min(...known)).toBeGreaterThan(0.5)
  })

  async function timed(body: object): Promise<number> {
    const started = performance.now()
    expect((await api.call('POST', '/auth/login', { body })).status).toBe(401)
    return performance.now() - started
  }
})

describe('refresh', () => {
  const refresh = (refreshToken: string) => api.call('POST', '/auth/refresh', { body: { refreshToken } })

  test('turns a token into its successor; the access tokens are of the same session', async () => {
    const first = await api.register()
    const second = await refresh(first.refreshToken)
    expect(second).toMatchObject({ status: 200, body: { user: { id: first.user.id }, expiresIn: 600 } })
    expect(second.body.refreshToken).not.toBe(first.refreshToken)
    expect((await refresh(second.body.refreshToken)).status).toBe(200)
  })

  test('one repeat within ten seconds gets the same successor; a second ends the session', async () => {
    const { refreshToken, accessToken } = await api.register()
    const lost = await refresh(refreshToken)
    api.clock.now = (api.clock.now + 10_000) as never
    const repeated = await refresh(refreshToken)
    expect(repeated.body.refreshToken).toBe(lost.body.refreshToken)
    expect(await refresh(refreshToken)).toMatchObject({ status: 401, body: { code: 'invalid_refresh_token' } })
    expect((await refresh(lost.body.refreshToken)).status).toBe(401)
    expect((await api.call('GET', '/auth/profile', { token: accessToken })).status).toBe(401)
  })

  test('a repeat after ten seconds, or when the successor was used, ends the session', async () => {
    const late = await api.register()
    const next = await refresh(late.refreshToken)
    api.clock.now = (api.clock.now + 10_001) as never
    expect((await refresh(late.refreshToken)).status).toBe(401)
    expect((await refresh(next.body.refreshToken)).status).toBe(401)

    const moved = await api.register()
    const second = await refresh(moved.refreshToken)
    const third = await refresh(second.body.refreshToken)
    expect((await refresh(moved.refreshToken)).status).toBe(401)
    expect((await refresh(third.body.refreshToken)).status).toBe(401)
  })

  test('60 families, 12 at once each: one successor, and every family is dead', { timeout: 60_000 }, async () => {
    const { user } = await api.register()
    const families = await Promise.all(Array.from({ length: 60 }, () => openFamily(user.id)))
    for (const family of families) {
      const answers = await Promise.all(Array.from({ length: 12 }, () => refresh(family)))
      const winners = answers.filter((answer) => answer.status === 200)
      // The winner and its one repeat.
      expect(winners).toHaveLength(2)
      expect(new Set(winners.map((answer) => answer.body.refreshToken)).size).toBe(1)
      expect((await refresh(winners[0]?.body.refreshToken)).status).toBe(401)
    }
    const alive = await api.database.app.query(
      'SELECT FROM identity.session WHERE user_id = $1 AND revoked_at IS NULL',
      [user.id],
    )
    // The one of the registration.
    expect(alive.rowCount).toBe(1)
  })

  test('an unknown token, an expired session and garbage are the same refusal', async () => {
    const { refreshToken } = await api.register()
    api.clock.now = (api.clock.now + 30 * 86_400_000) as never
    for (const token of [refreshToken, randomBytes(32).toString('base64url'), '\u0000', 'x']) {
      expect(await refresh(token)).toMatchObject({ status: 401, body: { code: 'invalid_refresh_token' } })
    }
  })

  async function openFamily(userId: string): Promise<string> {
    const session = await api.database.app.query<{ account_id: string; organization_id: string }>(
      'SELECT account_id, organization_id FROM identity.session WHERE user_id = $1 LIMIT 1',
      [userId],
    )
    const { account_id: accountId, organization_id: organizationId } = session.rows[0] as never
    const refreshToken = api.identity.tokens.newRefreshToken()
    const at = api.clock.now
    await api.identity.transact({ organizationId, userId }, at, async (tx) => {
      const times = { createdAt: at, lastSeenAt: at, expiresAt: (at + 86_400_000) as never, userAgent: null }
      await tx.insertSession({ id: api.deps.newId(), accountId, organizationId, userId, ...times }, refreshToken)
      return { ok: true, value: undefined }
    })
    return refreshToken
  }
})

describe('logout', () => {
  test('ends the session of the access token at once, tickets and refresh token included', async () => {
    const { accessToken: token, refreshToken } = await api.register()
    const { body } = await api.call('POST', '/auth/socket-ticket', { token })
    expect(await api.identity.authenticate(body.ticket, 'socket')).toBeDefined()
    expect((await api.call('POST', '/auth/logout', { token })).status).toBe(204)
    expect((await api.call('GET', '/auth/profile', { token })).status).toBe(401)
    expect(await api.identity.authenticate(body.ticket, 'socket')).toBeUndefined()
    expect((await api.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401)
  })

  test('needs no living access token when it gets the refresh token', async () => {
    const { accessToken: token, refreshToken } = await api.register()
    api.clock.now = (api.clock.now + 601_000) as never
    expect((await api.call('GET', '/auth/profile', { token })).status).toBe(401)
    expect((await api.call('POST', '/auth/logout', { token, body: { refreshToken } })).status).toBe(204)
    expect((await api.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401)
    expect((await api.call('POST', '/auth/logout', {})).status).toBe(401)
  })
})

describe('tokens', () => {
  test('a third party checks an access token against the JWKS', async () => {
    const { accessToken, user } = await api.register()
    const { body } = await api.call('GET', '/.well-known/jwks.json')
    expect(body.keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })
    expect(JSON.stringify(body)).not.toContain('"d"')
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(body), {
      issuer: ISSUER,
      audience: 'convoke:http',
      typ: 'at+jwt',
      currentDate: new Date(api.clock.now),
    })
    expect(payload).toMatchObject({ sub: user.id, role: 'owner' })
    expect((payload.exp as number) - (payload.iat as number)).toBe(600)
    expect(decodeProtectedHeader(accessToken).kid).toBe(body.keys[0].kid)
  })

  test('a ticket opens sockets only and lives as long as the session; an access token opens both, ten minutes', async () => {
    const { accessToken: token } = await api.register()
    const answer = await api.call('POST', '/auth/socket-ticket', { token })
    expect(answer.status).toBe(201)
    const { ticket } = answer.body
    expect((await api.call('GET', '/auth/profile', { token: ticket })).status).toBe(401)
    expect(await api.identity.authenticate(token, 'socket')).toMatchObject({ role: 'owner' })
    api.clock.now = (api.clock.now + 600_000) as never
    expect(await api.identity.authenticate(token, 'socket')).toBeUndefined()
    expect(await api.identity.authenticate(ticket, 'socket')).toMatchObject({ role: 'owner' })
    api.clock.now = (api.clock.now + 30 * 86_400_000) as never
    expect(await api.identity.authenticate(ticket, 'socket')).toBeUndefined()
  })

  test('any path but the public ones answers 401 before 404', async () => {
    expect((await api.call('GET', '/nothing/here')).status).toBe(401)
    expect((await api.call('GET', '/users')).status).toBe(401)
    const { accessToken: token } = await api.register()
    expect((await api.call('GET', '/nothing/here', { token })).status).toBe(404)
  })
})

function statuses(answers: readonly Answer[]): number[] {
  return answers.map((answer) => answer.status).toSorted((a, b) => a - b)
}
