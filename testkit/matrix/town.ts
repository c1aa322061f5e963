import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { type Logger, pino } from 'pino'
import type { Registry } from 'prom-client'
import type { HttpDeps } from '../../app/api-deps.ts'
import { apiRoutes } from '../../app/http-api.ts'
import { holdCommands } from '../../app/hold-commands.ts'
import { roomCommands } from '../../app/room-commands.ts'
import { topicSources } from '../../app/topic-sources.ts'
import { createWaker } from '../../db/wake.ts'
import { MINUTE_MS, instant, plus } from '../../domain/time/instant.ts'
import { openRelay } from '../../jobs/relay.ts'
import { openAvailabilityDesk } from '../../realtime/availability/desk.ts'
import { followAvailability } from '../../realtime/availability/feed.ts'
import { openDocsDoor } from '../../realtime/docs/docs-door.ts'
import { openDoors } from '../../realtime/doors.ts'
import { openGateway } from '../../realtime/gateway.ts'
import { followTopic } from '../../realtime/news-feed.ts'
import { Newsroom } from '../../realtime/newsroom.ts'
import type { FollowAvailability } from '../../server/graphql/deps.ts'
import type { Route } from '../../server/rest/route.ts'
import { APPLICATION_KEY, PASSWORD, type SignedIn, type TestApi, openTestApi, unique, uuid7 } from '../api.ts'
import { expectStatus } from '../booking-office.ts'
import { type TestGraph, openTestGraph } from '../graph.ts'
import { openPrivateRedis } from '../redis.ts'
import { PEOPLE, type Principal } from './grid.ts'

/** Of the other organisation of the two, who knocks here too. */
export interface Person {
  id: string
  email: string
  token: string
  sessionId: string
  /** Signed in once more, elsewhere. */
  otherSessionId: string
  refreshToken: string
}

/** Every door of the product in one process on stores of its own, two organisations, and all who may knock. */
export interface Town extends AsyncDisposable {
  api: TestApi
  routes: Route[]
  graph: TestGraph
  /** Where sockets and documents connect: `http://…`. */
  url: string
  redisUrl: string
  /** As the owner of the store. */
  query: (sql: string, values?: unknown[]) => Promise<Record<string, never>[]>
  organizationId: string
  otherOrganizationId: string
  people: Record<Principal, Person>
  /** A member who has made what others only see. */
  host: Person
  /** Tokens as they are sent; undefined: none is. */
  tokens: Record<Principal, string | undefined>
  metrics: Registry
  at: (minutes: number) => string
}

export const START = instant(Date.UTC(2026, 10, 23, 9))
/** Longer than an access token lives. */
const LONG_AGO_MS = 20 * MINUTE_MS
/** The one address of a calendar elsewhere that may be fetched; nobody fetches it here. */
export const FEED_HOST = 'calendars.example.org'
export const METRICS_TOKEN = 'the-scraper-may-enter-with-this'

export async function openTown({
  log = pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
}: { log?: Logger } = {}): Promise<Town> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await openPrivateRedis())
  const guard = { allow: new Set<string>(), resolve: async () => [{ address: '93.184.215.14', family: 4 }] }
  const wake = { now: () => {} }
  let routes: Route[] = []
  const given = { log, production: true, metricsToken: METRICS_TOKEN, onNews: () => wake.now() }
  const api = stack.use(
    await openTestApi((deps) => {
      const settings = { guard, publicUrl: 'https://meet.example.org', applicationKey: APPLICATION_KEY }
      routes = apiRoutes({ ...deps, ...settings } as unknown as HttpDeps)
      return routes
    }, given),
  )
  const store = new pg.Client(api.database.url)
  await store.connect()
  stack.defer(() => store.end())
  const waker = stack.use(createWaker({ url: api.database.url, log }))
  wake.now = waker.wake
  const { revocations } = api.identity
  const common = { redisUrl: redis.url, log, newId: () => uuid7(api.clock.now), metrics: api.deps.metrics }
  const live = {
    ...common,
    pool: api.database.app,
    logPool: api.database.relay,
    nodeId: 'town',
    now: () => api.clock.now,
    authenticate: api.identity.authenticate,
    onRevoked: revocations.onRevoked.bind(revocations),
    onRoleChanged: revocations.onRoleChanged.bind(revocations),
    topicSources,
    rooms: roomCommands({ ...api.deps, pool: api.database.app }),
    holds: holdCommands({ ...api.deps, pool: api.database.app }),
  }
  const now = () => instant(Date.now())
  stack.use(openRelay({ ...common, now, databaseUrl: api.database.url, pool: api.database.relay }))
  const newsroom = stack.use(new Newsroom(live))
  const availability = stack.use(openAvailabilityDesk(live, newsroom))
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => void server.close())
  openDoors(server, [
    stack.use(await openGateway({ ...live, availability }, newsroom)),
    stack.use(openDocsDoor(live, newsroom)),
  ])
  const follow = (actor: Parameters<typeof followTopic>[2], watch: Parameters<typeof followTopic>[3]) =>
    followTopic(newsroom, live, actor, watch)
  const standing: FollowAvailability = (actor, query, signal) =>
    followAvailability(availability, live, actor, query, signal)
  const graph = openTestGraph(api, { production: true, follow, standing })

  const persons = await settle(api)
  const opened = stack.move()
  return {
    api,
    routes,
    graph,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    redisUrl: redis.url,
    metrics: api.deps.metrics,
    query: async (sql, values) => (await store.query(sql, values)).rows,
    ...persons,
    at: (minutes) => new Date(plus(START, minutes * MINUTE_MS)).toISOString(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

type Persons = Pick<Town, 'organizationId' | 'otherOrganizationId' | 'people' | 'host' | 'tokens'>

/** Everybody signs in; who is a guest or an auditor was a member before, and has made things then. */
async function settle(api: TestApi): Promise<Persons> {
  api.clock.now = plus(START, -LONG_AGO_MS)
  const owner = await api.register({ organization: `Ours ${unique()}` })
  const stranger = await api.register({ organization: `Theirs ${unique()}` })
  const expired = await signIn(api, owner.user.email)
  api.clock.now = START
  const revoked = await signIn(api, owner.user.email)
  const ended = await api.call('DELETE', `/auth/sessions/${sessionOf(revoked)}`, { token: revoked.accessToken })
  expectStatus(ended, 204)

  const known = new Map<Principal | 'host', Person>()
  const enter = async (who: Principal | 'host', email: string) => {
    const [first, other] = [await signIn(api, email), await signIn(api, email)]
    known.set(who, personOf(first, other))
  }
  await enter('owner', owner.user.email)
  await enter('stranger', stranger.user.email)
  const { token } = known.get('owner') as Person
  for (const who of [...PEOPLE.filter((one) => one !== 'owner'), 'host'] as const) {
    const email = `${who}-${unique()}@example.org`
    const role = who === 'admin' || who === 'room_manager' ? who : 'member'
    const body = { email, password: PASSWORD, firstName: 'P', lastName: `Person ${who}`, role }
    expectStatus(await api.call('POST', '/users', { token, body }), 201)
    await enter(who, email)
  }
  const person = (who: Principal | 'host') => known.get(who) as Person
  const tokens = Object.fromEntries([...known].map(([who, { token: own }]) => [who, own]))
  return {
    organizationId: organizationOf(owner),
    otherOrganizationId: organizationOf(stranger),
    people: Object.fromEntries(known) as Persons['people'],
    host: person('host'),
    tokens: {
      ...tokens,
      anonymous: undefined,
      expired: expired.accessToken,
      revoked: revoked.accessToken,
    } as Persons['tokens'],
  }
}

async function signIn(api: TestApi, email: string): Promise<SignedIn> {
  return expectStatus(await api.call('POST', '/auth/login', { body: { email, password: PASSWORD } }), 200).body
}

function personOf(signedIn: SignedIn, other: SignedIn): Person {
  const { user, accessToken, refreshToken } = signedIn
  const { id, email } = user
  return {
    id,
    email,
    token: accessToken,
    sessionId: sessionOf(signedIn),
    otherSessionId: sessionOf(other),
    refreshToken,
  }
}

function claimsOf({ accessToken }: Pick<SignedIn, 'accessToken'>): Record<string, string> {
  return JSON.parse(Buffer.from(accessToken.split('.')[1] as string, 'base64url').toString())
}

function sessionOf(signedIn: Pick<SignedIn, 'accessToken'>): string {
  return claimsOf(signedIn)['sid'] as string
}

function organizationOf(signedIn: Pick<SignedIn, 'accessToken'>): string {
  return claimsOf(signedIn)['org'] as string
}
