import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { RoleChange } from '../db/identity/revocations.ts'
import { record } from '../db/outbox.ts'
import { StoreUnavailable } from '../db/pool.ts'
import { transact } from '../db/transaction.ts'
import { createWaker } from '../db/wake.ts'
import type { Role } from '../domain/identity/actor.ts'
import type { Authenticate } from '../domain/identity/ports.ts'
import type { Topic } from '../domain/news.ts'
import { ok } from '../domain/result.ts'
import { instant } from '../domain/time/instant.ts'
import { openRelay } from '../jobs/relay.ts'
import type { TopicSource } from '../realtime/news-deps.ts'
import type { AvailabilityDesk } from '../realtime/availability/desk.ts'
import { openDoors } from '../realtime/doors.ts'
import { openGateway } from '../realtime/gateway.ts'
import { Newsroom } from '../realtime/newsroom.ts'
import type { HoldCommands, RoomCommands } from '../realtime/deps.ts'
import { openTestDatabase } from './database.ts'
import { openPrivateRedis } from './redis.ts'
import { SocketClient } from './socket-client.ts'

/**
 * The way of the news alone: a database, a private Redis, relays and gateways as a test wants them. A topic's state is
 * `{ count }`, the number of its events in the same snapshot, so it must always equal its seq. Tokens are
 * `<session id>`; every session is of the one organisation, unless it is `other-organization`. `bad` is refused, `unlucky`
 * meets a store that is away, once.
 */
export type NewsRig = Awaited<ReturnType<typeof openNewsRig>>

const USER_ID = '00000000-0000-7000-8000-000000000001'

export async function openNewsRig() {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openTestDatabase())
  const redis = stack.use(await openPrivateRedis())
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' })
  const waker = stack.use(createWaker({ url: database.url, log }))
  const owner = new pg.Pool({ connectionString: database.url, max: 2 })
  owner.on('error', () => {})
  stack.defer(() => owner.end())
  const now = () => instant(Date.now())
  const organizationId = randomUUID()
  const forbidden = new Set<string>()
  const forbiddenTo = new Map<string, Role>()
  const handshake: { during: (() => void) | undefined } = { during: undefined }
  const common = { redisUrl: redis.url, log, now, newId: randomUUID }
  const owned = stack.move()

  return {
    database,
    redis,
    owner,
    organizationId,
    userId: USER_ID,
    /** Ids of topics that nobody may watch. */
    forbidden,
    /** Ids of topics that one role may not watch. Everybody is a member at first. */
    forbiddenTo,
    /** Runs while a token is looked at. */
    handshake,

    /** One command: one event per topic, in one transaction. */
    async write(topics: readonly Topic[], data: object = {}): Promise<void> {
      await transact(
        database.app,
        { organizationId, userId: USER_ID },
        { now: now(), onNews: waker.wake },
        async (tx) => {
          await record(tx, {
            actor: { userId: USER_ID, sessionId: USER_ID, requestId: 'test' },
            now: now(),
            id: randomUUID(),
            events: topics.map((topic) => ({ topic, type: 'room.booked', data })),
            audit: { action: 'test', subjectId: USER_ID },
          })
          return ok(undefined)
        },
      )
    },

    /** So many commands one after the other, of one or two topics each. */
    async writeMany(topics: readonly Topic[], count: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        const two = [topics[i % topics.length], topics[(i * 3 + 1) % topics.length]] as Topic[]
        await this.write([...new Set(two)])
      }
    },

    async head(topic: Topic): Promise<number> {
      const { rows } = await owner.query<{ seq: string }>('SELECT seq FROM topic_head WHERE topic = $1', [topic])
      return Number(rows[0]?.seq ?? 0)
    },

    relay(): AsyncDisposable {
      return openRelay({ ...common, databaseUrl: database.url, pool: database.relay, metrics: new Registry() })
    },

    /** A relay that can be killed; resolves at once, before it has started. */
    spawnRelay(): ChildProcess & AsyncDisposable {
      const script = join(import.meta.dirname, 'relay-process.ts')
      const child = spawn(process.execPath, [script, database.url, redis.url], { stdio: 'inherit' })
      return Object.assign(child, {
        async [Symbol.asyncDispose]() {
          if (child.exitCode !== null || child.signalCode !== null) return
          child.kill('SIGKILL')
          await once(child, 'exit')
        },
      })
    },

    /** A node. Several may share a server one after the other: they have the same address then. */
    async gateway(nodeId = 'node-1', server?: Server) {
      const metrics = new Registry()
      const revocations = new Set<(sessionId: string) => void>()
      const roleChanges = new Set<(change: RoleChange) => void>()
      const http = server ?? (await listening())
      const sees = source(forbidden, forbiddenTo)
      const deps = {
        ...common,
        pool: database.app,
        logPool: database.relay,
        metrics,
        nodeId,
        authenticate: authenticate(organizationId, handshake),
        onRevoked(listener: (sessionId: string) => void) {
          revocations.add(listener)
          return () => revocations.delete(listener)
        },
        onRoleChanged(listener: (change: RoleChange) => void) {
          roleChanges.add(listener)
          return () => roleChanges.delete(listener)
        },
        topicSources: { room: sees, person: sees, meeting: sees, holds: sees, floor: sees, dashboard: sees },
        // The way of the news alone: nobody stands in front of a room here.
        rooms: {} as RoomCommands,
        holds: {} as HoldCommands,
        availability: {} as AvailabilityDesk,
      }
      const newsroom = new Newsroom(deps)
      const gateway = await openGateway(deps, newsroom)
      openDoors(http, [gateway])
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
      return {
        url,
        http,
        metrics,
        gateway,
        changeRole: (change: RoleChange) => roleChanges.forEach((listener) => listener(change)),
        revoke: (sessionId: string) => revocations.forEach((listener) => listener(sessionId)),
        client: (token: string = randomUUID()) => new SocketClient({ url, token }),
        async [Symbol.asyncDispose]() {
          await gateway[Symbol.asyncDispose]()
          await newsroom[Symbol.asyncDispose]()
          http.removeAllListeners('upgrade')
          if (server === undefined) http.close()
        },
      }
    },

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export function aTopic(): Topic {
  return `room:${randomUUID()}`
}

/** Resolves when the client has everything that was committed so far; rejects if it did not get it in one piece. */
export async function reachesHeads(rig: NewsRig, client: SocketClient, topics: readonly Topic[]): Promise<void> {
  for (const topic of topics) {
    const head = await rig.head(topic)
    await client.until(() => client.cursor(topic)?.seq === head, `${topic} at ${head}`)
  }
  if (client.faults.length > 0) throw new Error(client.faults.join('\n'))
}

export async function metric(node: { metrics: Registry }, name: string): Promise<number> {
  const found = (await node.metrics.metrics()).match(new RegExp(`^${name} (\\S+)$`, 'm'))
  return Number(found?.[1])
}

async function listening(): Promise<Server> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function authenticate(organizationId: string, handshake: { during: (() => void) | undefined }): Authenticate {
  let unlucky = true
  return async (token) => {
    if (token === 'unlucky' && unlucky) {
      unlucky = false
      throw new StoreUnavailable('just now')
    }
    if (token === undefined || token === 'bad') return undefined
    handshake.during?.()
    const organization = token === 'other-organization' ? randomUUID() : organizationId
    return { organizationId: organization, userId: USER_ID, role: 'member', sessionId: token, expiresAt: Infinity }
  }
}

function source(forbidden: ReadonlySet<string>, forbiddenTo: ReadonlyMap<string, Role>): TopicSource {
  return async (tx, actor, id) => {
    const { rows } = await tx.query<{ count: number }>(
      'test-state',
      `SELECT count(*) AS count FROM outbox WHERE organization_id = $1 AND topic LIKE '%:' || $2`,
      [tx.organizationId, id],
    )
    return forbidden.has(id) || forbiddenTo.get(id) === actor.role ? undefined : { count: rows[0]?.count }
  }
}
