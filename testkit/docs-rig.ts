import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { topicSources } from '../app/topic-sources.ts'
import { openIdentity } from '../db/identity/identity.ts'
import { createWaker } from '../db/wake.ts'
import { instant } from '../domain/time/instant.ts'
import { openRelay } from '../jobs/relay.ts'
import { openDocsDoor } from '../realtime/docs/docs-door.ts'
import { openDoors } from '../realtime/doors.ts'
import { Newsroom } from '../realtime/newsroom.ts'
import type { RoomCommands } from '../realtime/deps.ts'
import { authRoutes } from '../server/rest/auth.ts'
import { meetingsRoutes } from '../server/rest/meetings.ts'
import { usersRoutes } from '../server/rest/users.ts'
import { type SignedIn, PASSWORD, identityOptions, openTestApi } from './api.ts'
import type { TestDatabase } from './database.ts'
import { DocClient, type DocClientOptions } from './doc-client.ts'
import { openPrivateRedis } from './redis.ts'

/** Documents alone: a store, a private Redis, one relay, the REST door, and nodes with a documents' door as a test wants them. */
export type DocsRig = Awaited<ReturnType<typeof openDocsRig>>
export type DocsNode = Awaited<ReturnType<DocsRig['node']>>

/** On a store of the run unless one is given that a test may kill. */
export async function openDocsRig(store?: TestDatabase) {
  await using stack = new AsyncDisposableStack()
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' })
  const redis = stack.use(await openPrivateRedis())
  const onNews = { wake: () => {} }
  const api = stack.use(
    await openTestApi(
      (deps) => {
        const all = { ...deps, onNews: () => onNews.wake() }
        return [...authRoutes(all), ...usersRoutes(all), ...meetingsRoutes(all)]
      },
      { store },
    ),
  )
  const { database } = api
  const waker = stack.use(createWaker({ url: database.url, log }))
  onNews.wake = waker.wake
  const owner = new pg.Pool({ connectionString: database.url, max: 2 })
  owner.on('error', () => {})
  stack.defer(() => owner.end())
  const now = () => instant(Date.now())
  const common = { redisUrl: redis.url, log, now, newId: randomUUID }
  stack.use(openRelay({ ...common, databaseUrl: database.url, pool: database.relay, metrics: new Registry() }))
  const founder = await api.register()
  const owned = stack.move()

  return {
    api,
    database,
    redis,
    /** Looks at the rows themselves. */
    owner,
    founder,

    async node() {
      await using opened = new AsyncDisposableStack()
      const identity = opened.use(await openIdentity(identityOptions(database, api.clock)))
      const { revocations } = identity
      const metrics = new Registry()
      const deps = {
        ...common,
        pool: database.app,
        logPool: database.relay,
        metrics,
        nodeId: 'node',
        authenticate: identity.authenticate,
        onRevoked: revocations.onRevoked.bind(revocations),
        onRoleChanged: revocations.onRoleChanged.bind(revocations),
        topicSources,
        rooms: {} as RoomCommands,
      }
      const newsroom = opened.use(new Newsroom(deps))
      await newsroom.ready
      const door = opened.use(openDocsDoor(deps, newsroom))
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      opened.defer(() => void server.close())
      openDoors(server, [door])
      const running = opened.move()
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      return {
        url,
        metrics,
        identity,
        client: (docId: string, token = founder.accessToken, more: Partial<DocClientOptions> = {}) =>
          new DocClient({ url, docId, token, ...more }),
        [Symbol.asyncDispose]: () => running.disposeAsync(),
      }
    },

    /** One more of the founder's organisation, signed in. */
    async person(role = 'member'): Promise<SignedIn> {
      const email = `${randomBytes(6).toString('hex')}@example.org`
      const body = { email, password: PASSWORD, firstName: 'P', lastName: 'Person', role }
      const made = await api.call('POST', '/users', { token: founder.accessToken, body })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      const answer = await api.call('POST', '/auth/login', { body: { email, password: PASSWORD } })
      return { ...answer.body, password: PASSWORD, organization: founder.organization }
    },

    /** Of the founder, in a day; answers the meeting as REST does. */
    async meeting(body: object = {}): Promise<{ id: string; version: number }> {
      const span = { startTime: '2026-11-24T10:00:00Z', endTime: '2026-11-24T11:00:00Z', timezone: 'UTC' }
      const given = { title: 'Budget', description: 'Numbers', ...span, ...body }
      const answer = await api.call('POST', '/meetings', { token: founder.accessToken, body: given })
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body.meeting
    },

    async rows<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
      return (await owner.query<R & pg.QueryResultRow>(text, values)).rows as R[]
    },

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
