import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authRoutes } from '../../server/rest/auth.ts'
import { usersRoutes } from '../../server/rest/users.ts'
import { type TestApi, identityOptions, openTestApi, unique } from '../../testkit/api.ts'
import { openPool } from '../pool.ts'
import { type Identity, openIdentity } from './identity.ts'
import { Revocations, type RoleChange } from './revocations.ts'

let api: TestApi
let other: Identity
beforeAll(async () => {
  api = await openTestApi((deps) => [...authRoutes(deps), ...usersRoutes(deps)])
  other = await openIdentity(identityOptions(api.database, api.clock))
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

describe('an ended session', () => {
  test('is known to another node at its next look, once, whatever opened it there before', async () => {
    const { accessToken: token } = await api.register()
    const { ticket } = (await api.call('POST', '/auth/socket-ticket', { token })).body
    const principal = await other.authenticate(token, 'http')
    expect(await other.authenticate(ticket, 'socket')).toBeDefined()
    const heard: string[] = []
    const stop = other.revocations.onRevoked((id) => heard.push(id))
    await api.call('POST', '/auth/logout', { token })
    await other.revocations.poll()
    await other.revocations.poll()
    stop()
    expect(heard.filter((id) => id === principal?.sessionId)).toHaveLength(1)
    expect(await other.authenticate(token, 'http')).toBeUndefined()
    expect(await other.authenticate(ticket, 'socket')).toBeUndefined()
  })

  test('is known to a node that starts later', async () => {
    const { accessToken: token } = await api.register()
    await api.call('POST', '/auth/logout', { token })
    await using late = await openIdentity(identityOptions(api.database, api.clock))
    expect(await late.authenticate(token, 'http')).toBeUndefined()
  })

  test('keeps its ticket closed for weeks, also where it was in use', async () => {
    const { accessToken: token } = await api.register()
    const { ticket } = (await api.call('POST', '/auth/socket-ticket', { token })).body
    expect(await other.authenticate(ticket, 'socket')).toBeDefined()
    await api.call('POST', '/auth/logout', { token })
    for (const minutes of [1, 11, 14, 60 * 24 * 20]) {
      api.clock.now = (api.clock.now + minutes * 60_000) as never
      await other.revocations.poll()
      expect(await other.authenticate(ticket, 'socket')).toBeUndefined()
    }
  })

  test('is heard within a second by the node’s own polling', async () => {
    const { accessToken: token } = await api.register()
    const principal = await other.authenticate(token, 'http')
    const heard = new Promise<void>((resolve) => {
      other.revocations.onRevoked((id) => id === principal?.sessionId && resolve())
    })
    await api.call('POST', '/auth/logout', { token })
    const ended = performance.now()
    await heard
    expect(performance.now() - ended).toBeLessThan(1_000)
  })
})

describe('a changed role', () => {
  test('counts on every node for tokens made before, and is told to listeners', async () => {
    const { accessToken: token } = await api.register()
    const body = { email: `${unique()}@example.org`, firstName: 'M', lastName: 'M', password: 'a good password' }
    const member = (await api.call('POST', '/users', { token, body })).body
    const theirs = await api.call('POST', '/auth/login', { body: { email: body.email, password: body.password } })
    const { ticket } = (await api.call('POST', '/auth/socket-ticket', { token: theirs.body.accessToken })).body
    expect(await other.authenticate(theirs.body.accessToken, 'http')).toMatchObject({ role: 'member' })
    expect(await other.authenticate(ticket, 'socket')).toMatchObject({ role: 'member' })

    const heard: RoleChange[] = []
    const stop = other.revocations.onRoleChanged((change) => heard.push(change))
    const changed = await api.call('PUT', `/users/${member.id}`, { token, body: { role: 'auditor', version: 1 } })
    expect(changed.status).toBe(200)
    await other.revocations.poll()
    await other.revocations.poll()
    stop()
    expect(heard.filter((change) => change.userId === member.id)).toMatchObject([{ role: 'auditor' }])
    expect(await other.authenticate(theirs.body.accessToken, 'http')).toMatchObject({ role: 'auditor' })
    expect(await other.authenticate(ticket, 'socket')).toMatchObject({ role: 'auditor' })
    api.clock.now = (api.clock.now + 20 * 60_000) as never
    await other.revocations.poll()
    expect(await other.authenticate(ticket, 'socket')).toMatchObject({ role: 'auditor' })
  })
})

test('the last known state stands while the store is away, and a verified token needs no store', async () => {
  const { accessToken: gone } = await api.register()
  const { accessToken: kept } = await api.register()
  await api.call('POST', '/auth/logout', { token: gone })
  const options = identityOptions(api.database, api.clock)
  const pool = openPool({ url: api.database.url, role: 'convoke_app', max: 2, onError: () => {} })
  await using revocations = await Revocations.open({ ...options, pool })
  await using identity = await openIdentity(options)
  const { sessionId } = (await identity.authenticate(kept, 'http'))!
  const ended = [...(await endedSessions())]
  await pool.end()
  await expect(revocations.poll()).rejects.toThrow()
  expect(ended.some((id) => revocations.isRevoked(id))).toBe(true)
  expect(revocations.isRevoked(sessionId)).toBe(false)
})

test('a session that ends by its age ends like any other, once', async () => {
  const { accessToken: token } = await api.register()
  const { ticket } = (await api.call('POST', '/auth/socket-ticket', { token })).body
  const { sessionId } = (await other.authenticate(ticket, 'socket'))!
  const heard: string[] = []
  using _ = { [Symbol.dispose]: other.revocations.onRevoked((id) => heard.push(id)) }
  api.clock.now = (api.clock.now + 30 * 86_400_000 - 1) as never
  await other.revocations.poll()
  expect(heard).not.toContain(sessionId)
  api.clock.now = (api.clock.now + 1) as never
  await other.revocations.poll()
  await other.revocations.poll()
  expect(heard.filter((id) => id === sessionId)).toHaveLength(1)
  expect(await other.authenticate(ticket, 'socket')).toBeUndefined()
})

async function endedSessions(): Promise<string[]> {
  const { rows } = await api.database.app.query<{ id: string }>(
    'SELECT id FROM identity.session WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC LIMIT 1',
  )
  return rows.map((row) => row.id)
}
