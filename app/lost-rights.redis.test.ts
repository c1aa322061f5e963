import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiEnv } from '../server/api-env.ts'
import { createApi } from '../server/api.ts'
import type { Route } from '../server/rest/route.ts'
import { PASSWORD, unique } from '../testkit/api.ts'
import { type TestDatabase, openTestDatabase } from '../testkit/database.ts'
import { eventually } from '../testkit/eventually.ts'
import { type PrivateRedis, openPrivateRedis } from '../testkit/redis.ts'
import { SocketClient } from '../testkit/socket-client.ts'
import { readConfig } from './config.ts'
import { openContext } from './context.ts'
import { apiDeps } from './api-deps.ts'
import { apiRoutes } from './http-api.ts'
import { openRealtime } from './realtime.ts'

/** Two nodes of the product, wired as it wires them, without pages and relay. */
interface Node {
  url: string
  call: (method: string, path: string, token?: string, body?: object) => Promise<Answer>
  routes: Route[]
}

interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  body: any
}

const owned = new AsyncDisposableStack()
let redis: PrivateRedis
let first: Node
let second: Node
let owner: string
let roomId: string
let otherRoomId: string
beforeAll(async () => {
  const database = owned.use(await openTestDatabase())
  redis = owned.use(await openPrivateRedis())
  const appKey = randomBytes(32).toString('base64url')
  first = await openNode(database, appKey)
  second = await openNode(database, appKey)
  const names = { firstName: 'O', lastName: 'O', organization: `Org ${unique()}` }
  const founder = { email: `${unique()}@example.org`, password: PASSWORD, ...names }
  owner = (await first.call('POST', '/auth/register', undefined, founder)).body.accessToken
  roomId = await room()
  otherRoomId = await room()
})
afterAll(() => owned.disposeAsync())

async function openNode(database: TestDatabase, appKey: string): Promise<Node> {
  const env = { NODE_ENV: 'test', CONVOKE_LOG_LEVEL: 'silent', CONVOKE_RATE_LIMITS: 'off', DATA_DIR: tmpdir() }
  const config = readConfig(env, [], { projectDir: tmpdir(), newNodeId: unique })
  if (!config.ok) throw new Error(config.error.join())
  const stores = { databaseUrl: database.url, redisUrl: redis.url, appKey }
  const context = owned.use(await openContext(config.value, stores))
  const deps = apiDeps(context)
  const routes = apiRoutes(deps)
  const server = createServer()
  owned.use(await openRealtime(context, server))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  owned.defer(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, routes, call: caller(createApi(deps, routes)) }
}

function caller(app: Hono<ApiEnv>): Node['call'] {
  const env = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }
  return async (method, path, token, body) => {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await app.request(path, request, env)
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
}

async function room(): Promise<string> {
  return (await first.call('POST', '/rooms', owner, { name: `Room ${unique()}`, capacity: 4 })).body.id
}

async function person(role: string): Promise<{ id: string; email: string; token: string }> {
  const email = `${unique()}@example.org`
  const { body } = await first.call('POST', '/users', owner, {
    email,
    password: PASSWORD,
    firstName: 'P',
    lastName: 'P',
    role,
  })
  return { id: body.id, email, token: await login(email) }
}

async function login(email: string): Promise<string> {
  return (await first.call('POST', '/auth/login', undefined, { email, password: PASSWORD })).body.accessToken
}

async function panel(): Promise<{ id: string; token: string }> {
  const { body } = await first.call('POST', '/auth/devices/pair', owner, { roomId })
  const claimed = await second.call('POST', '/auth/devices/claim', undefined, { code: body.code })
  return { id: body.id, token: claimed.body.deviceToken }
}

function socket(node: Node, token: string, extraHeaders: Record<string, string> = {}): SocketClient {
  return owned.use(new SocketClient({ url: node.url, token, extraHeaders }))
}

/** Milliseconds until nothing is left to complain about. */
async function timed(question: () => Promise<string | undefined>): Promise<number> {
  const began = performance.now()
  await eventually(question, 5_000)
  return performance.now() - began
}

const WITHIN_MS = 1_000

describe.each([
  ['with Redis', () => redis.flush()],
  ['with Redis gone', () => redis.kill()],
])('a revoked session or role loses REST and socket access within 1 s on every node, %s', (_, arrange) => {
  beforeAll(() => arrange())

  test('a session its owner ends', async () => {
    const { token, email } = await person('member')
    const kept = await login(email)
    const sockets = [socket(first, token), socket(second, token)]
    const stays = socket(second, kept)
    for (const one of [...sockets, stays]) await one.watch(`room:${roomId}`)
    const { body } = await first.call('GET', '/auth/sessions', token)
    const { id } = body.items.find((item: { current: boolean }) => item.current)
    expect((await first.call('DELETE', `/auth/sessions/${id}`, kept)).status).toBe(204)
    const ms = await timed(async () => {
      const { status } = await second.call('GET', '/auth/profile', token)
      const open = sockets.filter((one) => one.byes[0]?.code !== 4401).length
      return status === 401 && open === 0 ? undefined : `REST answers ${status}, ${open} sockets are open`
    })
    expect(ms).toBeLessThan(WITHIN_MS)
    expect([stays.socket.connected, sockets.every((one) => !one.socket.active)]).toEqual([true, true])
    const late = socket(second, token)
    await late.until(() => late.refusals.length === 1)
  })

  test('a role that is lowered, and one that is raised', async () => {
    const { id, token } = await person('member')
    const times = { startTime: '2027-03-01T09:00:00Z', endTime: '2027-03-01T10:00:00Z', timezone: 'UTC' }
    const booked = await first.call('POST', '/meetings', owner, { title: 'Plan', ...times })
    const meeting = booked.body.meeting.id
    const client = socket(second, token)
    await client.watch(`meeting:${meeting}`)
    await client.watch(`room:${roomId}`)
    expect((await second.call('GET', `/meetings/${meeting}`, token)).status).toBe(200)
    expect((await first.call('PUT', `/users/${id}`, owner, { role: 'guest', version: 1 })).status).toBe(200)
    const lowered = await timed(async () => {
      const { status } = await second.call('GET', `/meetings/${meeting}`, token)
      const closed = client.closedTopics.join()
      return status === 404 && closed === `meeting:${meeting}` ? undefined : `REST answers ${status}, closed: ${closed}`
    })
    expect(lowered).toBeLessThan(WITHIN_MS)
    expect((await client.ask('topic.watch', { topic: `meeting:${meeting}` })).problem?.code).toBe('not_found')
    expect([client.socket.connected, client.byes, client.faults]).toEqual([true, [], []])
    expect((await first.call('PUT', `/users/${id}`, owner, { role: 'member', version: 2 })).status).toBe(200)
    const raised = await timed(async () => {
      const ack = await client.ask('topic.watch', { topic: `meeting:${meeting}` })
      return ack.ok ? undefined : ack.problem?.code
    })
    expect(raised).toBeLessThan(WITHIN_MS)
  })

  test('a panel that is sent away', async () => {
    const { id, token } = await panel()
    const client = socket(second, token)
    await client.watch(`room:${roomId}`)
    expect((await client.ask('topic.watch', { topic: `room:${otherRoomId}` })).problem?.code).toBe('not_found')
    expect((await first.call('DELETE', `/auth/devices/${id}`, owner)).status).toBe(204)
    const ms = await timed(async () => {
      const { status } = await second.call('GET', `/rooms/${roomId}`, token)
      return status === 401 && client.byes[0]?.code === 4401 ? undefined : `REST answers ${status}`
    })
    expect(ms).toBeLessThan(WITHIN_MS)
    expect(client.socket.active).toBe(false)
  })
})

test('a page of another site does not get as far as showing a token', async () => {
  const { token } = await person('member')
  const [ours, theirs] = [first.url, 'https://evil.example'].map((origin) => socket(first, token, { origin }))
  await ours!.until(() => ours!.socket.connected)
  await theirs!.until(() => theirs!.refusals.length > 0)
  theirs!.socket.disconnect()
  expect(theirs!.refusals[0]?.data).toBeUndefined()
})

describe('a panel', () => {
  test('is refused at every door but those of its room, whatever stands behind them', async () => {
    const { token } = await panel()
    const closed = first.routes.filter((route) => !route.public && !route.panels)
    expect(closed.length).toBeGreaterThan(20)
    for (const { method, path } of closed) {
      const { status } = await first.call(
        method,
        path.replaceAll(/:\w+/g, roomId),
        token,
        method === 'GET' ? undefined : {},
      )
      expect([403, 404], `${method} ${path}`).toContain(status)
    }
  })

  test('reads its own room, and finds no other', async () => {
    const { token } = await panel()
    for (const { method, path } of first.routes.filter(
      (route) => route.panels && route.path.startsWith('/rooms/:id'),
    )) {
      const body = method === 'GET' ? undefined : {}
      const at = (id: string) => first.call(method, path.replace(':id', id), token, body)
      expect([403, 404], `${method} ${path}`).toContain((await at(otherRoomId)).status)
      if (method === 'GET') expect((await at(roomId)).status, `${method} ${path}`).toBe(200)
    }
  })
})

describe('a guest', () => {
  /** What a guest gets where a member gets more. */
  const DOORS: [method: string, path: string, body: object | undefined, expected: number][] = [
    ['GET', '/auth/profile', undefined, 200],
    ['GET', '/auth/sessions', undefined, 200],
    ['GET', '/auth/devices', undefined, 403],
    ['POST', '/auth/devices/pair', {}, 403],
    ['DELETE', '/auth/devices/:room', undefined, 403],
    ['POST', '/users', {}, 403],
    ['GET', '/users/:owner', undefined, 404],
    ['PUT', '/users/:owner', {}, 404],
    ['POST', '/rooms', {}, 403],
    ['PUT', '/rooms/:room', {}, 403],
    ['GET', '/rooms/:room', undefined, 200],
    ['POST', '/meetings', {}, 403],
    ['POST', '/rooms/:room/book', {}, 403],
    ['GET', '/meetings/:meeting', undefined, 404],
    ['PUT', '/meetings/:meeting', {}, 404],
    ['DELETE', '/meetings/:meeting', undefined, 404],
    ['POST', '/meetings/:meeting/cancel', {}, 404],
    ['POST', '/meetings/:meeting/participants', {}, 404],
    ['GET', '/meetings/:meeting/occurrences', undefined, 404],
  ]

  test('finds of the organisation what it needs to come: itself and the rooms', async () => {
    const { id, token } = await person('guest')
    const times = { startTime: '2027-03-02T09:00:00Z', endTime: '2027-03-02T10:00:00Z', timezone: 'UTC' }
    const booked = await first.call('POST', '/meetings', owner, { title: 'Plan', ...times })
    const profile = await first.call('GET', '/auth/profile', owner)
    const ids: Record<string, string> = {
      owner: profile.body.id,
      room: roomId,
      meeting: booked.body.meeting.id,
    }
    for (const [method, path, body, expected] of DOORS) {
      const { status } = await first.call(
        method,
        path.replace(/:(\w+)/, (_, name: string) => ids[name] ?? ''),
        token,
        body,
      )
      expect(status, `${method} ${path}`).toBe(expected)
    }
    const users = await first.call('GET', '/users', token)
    expect(users.body.items.map((user: { id: string }) => user.id)).toEqual([id])
    const meetings = await first.call('GET', '/meetings?from=2027-03-01T00:00:00Z&to=2027-03-05T00:00:00Z', token)
    expect(meetings.body.items).toEqual([])
  })
})
