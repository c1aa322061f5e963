import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { type Identity, type IdentityOptions, openIdentity } from '../db/identity/identity.ts'
import { type Instant, instant } from '../domain/time/instant.ts'
import type { ApiEnv } from '../server/api-env.ts'
import { createApi } from '../server/api.ts'
import { createRateLimits } from '../server/rate-limits.ts'
import type { AuthDeps } from '../server/rest/auth.ts'
import type { Route } from '../server/rest/route.ts'
import { type TestDatabase, openTestDatabase } from './database.ts'

/** One node's HTTP tier on a store of its own, without a port. Its clock stands until it is moved. */
export interface TestApi extends AsyncDisposable {
  database: TestDatabase
  identity: Identity
  deps: AuthDeps
  clock: { now: Instant }
  call: Call
  /** A fresh organisation with its owner signed in. */
  register: (given?: object) => Promise<SignedIn>
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>

interface CallOptions {
  token?: string | undefined
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  body: any
}

export interface SignedIn {
  user: { id: string; email: string; role: string; version: number }
  accessToken: string
  refreshToken: string
  password: string
  organization: string
}

export const APPLICATION_KEY = new Uint8Array(32).fill(7)
export const ISSUER = 'convoke-test'
export const PASSWORD = 'correct horse battery'

/** `limited`: with rate limits, of this node alone. A given store is disposed with it. */
export async function openTestApi(
  routes: (deps: AuthDeps) => Route[],
  {
    limited = false,
    store,
    ...given
  }: Partial<AuthDeps> & { limited?: boolean; store?: TestDatabase | undefined } = {},
): Promise<TestApi> {
  const database = store ?? (await openTestDatabase())
  const clock = { now: instant(Date.UTC(2026, 10, 23, 9)) }
  const options = identityOptions(database, clock)
  const identity = await openIdentity(options)
  const deps: AuthDeps = {
    ...options,
    identity,
    metrics: new Registry(),
    nodeId: 'test',
    tzVersion: 'test',
    trustedProxies: 0,
    authenticate: identity.authenticate,
    health: async () => ({ postgres: true, redis: true }),
    production: false,
    corsOrigins: [],
    metricsToken: undefined,
    limits: limited ? createRateLimits({ now: () => clock.now }) : undefined,
    ...given,
  }
  const call = caller(createApi(deps, routes(deps)))
  return {
    database,
    identity,
    deps,
    clock,
    call,
    register: (given = {}) => register(call, given),
    async [Symbol.asyncDispose]() {
      await identity[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** For a second node on the same store: `openIdentity(identityOptions(…))`. */
export function identityOptions(database: TestDatabase, clock: { now: Instant }): IdentityOptions {
  return {
    pool: database.app,
    log: pino({ enabled: false }),
    onNews: () => {},
    now: () => clock.now,
    newId: () => uuid7(clock.now),
    applicationKey: APPLICATION_KEY,
    issuer: ISSUER,
  }
}

/** In the order of their making within one process, also while the clock stands. */
export function uuid7(now: number): string {
  counter = (counter + 1) % 0x1000
  const hex = now.toString(16).padStart(12, '0')
  const random = randomBytes(8)
  random[0] = (random[0]! & 0x3f) | 0x80
  const tail = random.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`
}
let counter = 0

export function unique(): string {
  return randomBytes(6).toString('hex')
}

function caller(app: Hono<ApiEnv>): Call {
  const env = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }
  return async (method, path, { token, body, headers = {} } = {}) => {
    const answer = await app.request(
      path,
      {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
      env,
    )
    const text = await answer.text()
    const isText = answer.headers.get('content-type')?.startsWith('text/') === true
    const read = text === '' ? undefined : isText ? text : JSON.parse(text)
    return { status: answer.status, headers: answer.headers, body: read }
  }
}

async function register(call: Call, given: object): Promise<SignedIn> {
  const body = {
    email: `${unique()}@example.org`,
    password: PASSWORD,
    firstName: 'Olga',
    lastName: 'Owner',
    organization: `Org ${unique()}`,
    ...given,
  }
  const answer = await call('POST', '/auth/register', { body })
  if (answer.status !== 201) throw new Error(`register answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return { ...answer.body, password: body.password, organization: body.organization }
}
