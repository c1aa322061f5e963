import { SignJWT, decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listDevices } from '../../db/identity/devices.ts'
import { openIdentity } from '../../db/identity/identity.ts'
import { deviceKey } from '../../db/identity/tokens.ts'
import {
  type Answer,
  APPLICATION_KEY,
  ISSUER,
  PASSWORD,
  type SignedIn,
  type TestApi,
  identityOptions,
  openTestApi,
  unique,
} from '../../testkit/api.ts'
import { authRoutes } from './auth.ts'
import { devicesRoutes } from './devices.ts'
import { roomsRoutes } from './rooms.ts'
import { usersRoutes } from './users.ts'

let api: TestApi
let owner: SignedIn
let morning: TestApi['clock']['now']
beforeAll(async () => {
  api = await openTestApi((deps) => [
    ...authRoutes(deps),
    ...devicesRoutes(deps),
    ...usersRoutes(deps),
    ...roomsRoutes(deps),
  ])
  morning = api.clock.now
})
beforeEach(async () => {
  api.clock.now = morning
  owner = await api.register()
})
afterAll(() => api[Symbol.asyncDispose]())

const post = (path: string, body: object, token?: string) => api.call('POST', path, { body, token })
const claim = (code: string) => post('/auth/devices/claim', { code })

async function room(token = owner.accessToken): Promise<string> {
  return (await post('/rooms', { name: `Room ${unique()}`, capacity: 4 }, token)).body.id
}

async function pair(roomId: string, name?: string): Promise<Answer> {
  return post('/auth/devices/pair', { roomId, name }, owner.accessToken)
}

async function panel(roomId?: string): Promise<{ id: string; roomId: string; token: string; location: string }> {
  const { body } = await pair(roomId ?? (await room()))
  const claimed = await claim(body.code)
  return { id: body.id, roomId: body.roomId, token: claimed.body.deviceToken, location: `/auth/devices/${body.id}` }
}

async function member(role: string): Promise<string> {
  const email = `${unique()}@example.org`
  await post('/users', { email, password: PASSWORD, firstName: 'M', lastName: 'M', role }, owner.accessToken)
  return (await post('/auth/login', { email, password: PASSWORD })).body.accessToken
}

describe('pairing', () => {
  test('a code makes one panel the room’s, once, and is kept nowhere', async () => {
    const roomId = await room()
    const { status, body } = await pair(roomId, 'By the door')
    expect([status, body]).toMatchObject([
      201,
      { id: expect.any(String), roomId, code: expect.stringMatching(/^\d{6}$/) },
    ])
    expect(Date.parse(body.expiresAt) - morning).toBe(600_000)
    const { rows } = await api.database.app.query('SELECT * FROM identity.device_pairing')
    expect(JSON.stringify(rows)).not.toContain(body.code)
    const racers = await Promise.all(Array.from({ length: 5 }, () => claim(body.code)))
    const [won, ...others] = racers.toSorted((a, b) => a.status - b.status)
    expect([won!.status, ...others.map((answer) => answer.status)]).toEqual([201, 422, 422, 422, 422])
    expect(won!.body.device).toEqual({
      id: body.id,
      roomId,
      name: 'By the door',
      room: { id: roomId, name: expect.stringMatching(/^Room /) },
    })
    expect(await api.identity.authenticate(won!.body.deviceToken, 'socket')).toMatchObject({
      role: 'panel',
      roomId,
      userId: body.id,
    })
    expect((await claim(body.code)).body.code).toBe('pairing_code_invalid')
  })

  test('a code that is wrong or older than ten minutes opens nothing', async () => {
    const { body } = await pair(await room())
    const other = String((Number(body.code) + 1) % 1_000_000).padStart(6, '0')
    expect(await claim(other)).toMatchObject({ status: 422, body: { code: 'pairing_code_invalid' } })
    for (const malformed of ['12345', '1234567', 'abcdef', '', '١٢٣٤٥٦']) {
      expect((await claim(malformed)).body.code, malformed).toBe('invalid_input')
    }
    api.clock.now = (morning + 600_000) as never
    expect((await claim(body.code)).body.code).toBe('pairing_code_invalid')
  })

  test('needs a room in use of one’s own organisation, and the right to manage rooms', async () => {
    const [roomId, stranger] = [await room(), await api.register()]
    const foreign = await room(stranger.accessToken)
    for (const wrong of [foreign, owner.user.id]) expect((await pair(wrong)).body.code).toBe('unknown_reference')
    await api.call('PUT', `/rooms/${roomId}`, { token: owner.accessToken, body: { isActive: false, version: 1 } })
    expect((await pair(roomId)).body.code).toBe('unknown_reference')
    const open = await room()
    for (const role of ['member', 'guest', 'auditor']) {
      const token = await member(role)
      expect((await post('/auth/devices/pair', { roomId: open }, token)).status, role).toBe(403)
      expect((await post('/auth/devices/pair', {}, token)).status, role).toBe(403)
      expect((await api.call('GET', '/auth/devices', { token })).status, role).toBe(403)
      expect((await api.call('DELETE', `/auth/devices/${open}`, { token })).status, role).toBe(403)
    }
    expect((await post('/auth/devices/pair', { roomId: open }, await member('room_manager'))).status).toBe(201)
  })

  test('ten codes are open at a time, and one that is withdrawn makes place', async () => {
    const roomId = await room()
    const codes = await Promise.all(Array.from({ length: 12 }, () => pair(roomId)))
    const [made, refused] = [201, 429].map((status) => codes.filter((answer) => answer.status === status))
    expect([made!.length, refused!.length]).toEqual([10, 2])
    expect(refused![0]!.headers.get('retry-after')).toBe('600')
    const { id, code } = made![0]!.body
    const withdrawn = await api.call('DELETE', `/auth/devices/${id}`, { token: owner.accessToken })
    expect([withdrawn.status, (await claim(code)).status, (await pair(roomId)).status]).toEqual([204, 422, 201])
  })
})

describe('a panel', () => {
  test('is listed among devices and not among people, unless panels are asked for', async () => {
    const { id, roomId } = await panel()
    const get = async (path: string) => (await api.call('GET', path, { token: owner.accessToken })).body.items
    expect(await get('/auth/devices')).toEqual([
      {
        id,
        roomId,
        name: expect.any(String),
        pairedAt: expect.any(String),
        lastSeenAt: expect.any(String),
        revokedAt: null,
      },
    ])
    expect((await get('/users')).map((user: { id: string }) => user.id)).toEqual([owner.user.id])
    expect(await get('/users?role=panel')).toMatchObject([{ id, role: 'panel', email: `panel-${id}@device.invalid` }])
  })

  test('loses its rights with its revocation, here at once and on another node by its next poll; again: 204', async () => {
    const { token, location } = await panel()
    await using other = await openIdentity(identityOptions(api.database, api.clock))
    expect(await other.authenticate(token, 'socket')).toBeDefined()
    for (let i = 0; i < 2; i++) {
      expect((await api.call('DELETE', location, { token: owner.accessToken })).status).toBe(204)
    }
    expect(await api.identity.authenticate(token, 'socket')).toBeUndefined()
    await other.revocations.poll()
    expect(await other.authenticate(token, 'socket')).toBeUndefined()
    await using late = await openIdentity(identityOptions(api.database, api.clock))
    expect(await late.authenticate(token, 'http')).toBeUndefined()
    const { items } = (await api.call('GET', '/auth/devices', { token: owner.accessToken })).body
    expect(items).toMatchObject([{ revokedAt: expect.any(String) }])
    const stranger = await api.register()
    expect((await api.call('DELETE', location, { token: stranger.accessToken })).status).toBe(404)
  })

  test('loses them when its room goes out of use', async () => {
    const { token, roomId } = await panel()
    await using other = await openIdentity(identityOptions(api.database, api.clock))
    expect(await other.authenticate(token, 'socket')).toBeDefined()
    await api.call('PUT', `/rooms/${roomId}`, { token: owner.accessToken, body: { isActive: false, version: 1 } })
    await other.revocations.poll()
    expect(await other.authenticate(token, 'socket')).toBeUndefined()
  })

  test('keeps its token for years, over every change of signing keys, and is seen about every ten minutes', async () => {
    const { token } = await panel()
    const { organizationId } = (await api.identity.authenticate(token, 'http'))!
    const lastSeen = async () => (await listDevices(api.database.app, organizationId, { limit: 1 }))[0]?.lastSeenAt
    api.clock.now = (morning + 599_000) as never
    await api.identity.authenticate(token, 'http')
    expect(await lastSeen()).toBe(morning)
    api.clock.now = (morning + 5 * 365 * 86_400_000) as never
    expect(await api.identity.authenticate(token, 'http')).toMatchObject({ role: 'panel' })
    expect(await lastSeen()).toBe(api.clock.now)
  })

  test('is nobody’s session to log out, and its role is nobody’s to change', async () => {
    const { id, token } = await panel()
    expect((await post('/auth/logout', {}, token)).status).toBe(403)
    const raised = await api.call('PUT', `/users/${id}`, {
      token: owner.accessToken,
      body: { role: 'admin', version: 1 },
    })
    expect(raised.status).toBe(403)
    expect(await api.identity.authenticate(token, 'http')).toMatchObject({ role: 'panel' })
  })

  test('leaves the news of it in its room, with ids only', async () => {
    const { id, roomId, location } = await panel()
    await api.call('DELETE', location, { token: owner.accessToken })
    const { rows } = await api.database.relay.query('SELECT type, data FROM outbox WHERE topic = $1 ORDER BY seq', [
      `room:${roomId}`,
    ])
    const data = { deviceId: id, roomId }
    expect(rows).toEqual([
      { type: 'device.paired', data },
      { type: 'device.revoked', data },
    ])
  })
})

describe('a device token', () => {
  const sign = (claims: object, typ: string, key = deviceKey(APPLICATION_KEY)) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ }).sign(key)

  test('says which room, and opens nothing when it is forged, of another type, room or session', async () => {
    const { token } = await panel()
    const { token: other } = await panel()
    const [claims, others] = [decodeJwt(token), decodeJwt(other)]
    expect(Object.keys(claims).toSorted()).toEqual(['aud', 'iat', 'iss', 'org', 'room', 'sid', 'sub'])
    expect(claims.iss).toBe(ISSUER)
    const forged = [
      await sign(claims, 'device+jwt', new Uint8Array(32).fill(1)),
      await sign(claims, 'at+jwt'),
      await sign({ ...claims, role: 'owner', exp: 9_999_999_999 }, 'at+jwt'),
      await sign({ ...claims, role: 'owner' }, 'device+jwt'),
      await sign({ ...claims, room: others['room'] }, 'device+jwt'),
      await sign({ ...claims, sid: others['sid'] }, 'device+jwt'),
      await sign({ ...claims, iss: 'somebody' }, 'device+jwt'),
      `${token.split('.').slice(0, 2).join('.')}.`,
    ]
    for (const [i, wrong] of forged.entries()) {
      expect(await api.identity.authenticate(wrong, 'http'), `forgery ${i}`).toBeUndefined()
    }
    expect(await api.identity.authenticate(await sign(claims, 'device+jwt'), 'http')).toBeDefined()
  })
})
