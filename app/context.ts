import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { type Logger, destination, pino } from 'pino'
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { v7 } from 'uuid'
import { openIdentity, type Identity } from '../db/identity/identity.ts'
import { openPool } from '../db/pool.ts'
import { openRedis } from '../db/redis.ts'
import type { Tracing } from '../db/tracing.ts'
import { createWaker } from '../db/wake.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import { instant } from '../domain/time/instant.ts'
import { findZone } from '../domain/time/zone.ts'
import { openSharedLimit } from '../server/rate-limit-shared.ts'
import { type RateLimits, createRateLimits } from '../server/rate-limits.ts'
import type { Config } from './config.ts'
import { StartProblem } from './embedded/start-problem.ts'
import { openTracing } from './tracing.ts'

/** What every role of this process shares. Dispose it after the roles. */
export interface Context extends Clock, Ids, AsyncDisposable {
  config: Config
  nodeId: string
  log: Logger
  metrics: Registry
  tzVersion: string
  databaseUrl: string
  redisUrl: string
  /** As convoke_app: one organisation at a time. */
  pool: Pool
  /** As convoke_relay: the log of all organisations. */
  logPool: Pool
  identity: Identity
  /** 32 bytes; seals secrets in the store. */
  applicationKey: Uint8Array
  onNews: () => void
  /** undefined: no traces are made. */
  tracing: Tracing | undefined
  /** undefined: nobody is held back. */
  limits: RateLimits | undefined
  health: () => Promise<{ postgres: boolean; redis: boolean }>
}

interface Stores {
  databaseUrl: string
  redisUrl: string
  appKey: string
}

/** The relay claims on one connection, planner, sealer and claims of due work take one each; a socket node fills gaps and compares positions on another. */
const LOG_POOL_CONNECTIONS = 6
/** Each waits as long as a connection may take to be made. */
const MAX_TRIES = 10
/** Tokens of all processes of an installation name the same issuer, whatever address they were asked at. */
const ISSUER = 'convoke'

/** Opens what the process stands on. Throws StartProblem when the store would let tenants see each other. */
export async function openContext(config: Config, { databaseUrl, redisUrl, appKey }: Stores): Promise<Context> {
  await using stack = new AsyncDisposableStack()
  const log = openLog(config)
  const metrics = new Registry()
  metrics.setDefaultLabels({ node: config.nodeId })
  collectDefaultMetrics({ register: metrics })

  const { otlpEndpoint: endpoint } = config
  const tracing = endpoint === undefined ? undefined : stack.use(await openTracing({ ...config, endpoint }))
  const onError = (error: Error) => log.warn({ event: 'postgres.connection', message: error.message })
  const pool = openPool({ url: databaseUrl, role: 'convoke_app', max: config.databasePool, onError })
  const logPool = openPool({ url: databaseUrl, role: 'convoke_relay', max: LOG_POOL_CONNECTIONS, onError })
  stack.defer(async () => {
    await Promise.all([pool.end(), logPool.end()])
  })
  gaugePool(metrics, pool)
  await patiently(() => refuseBypass(pool))

  const clock = { now: () => instant(Date.now()), newId: () => v7() }
  const waker = stack.use(createWaker({ url: databaseUrl, log }))
  const redis = openRedis(redisUrl, 'convoke_health', log)
  stack.defer(() => redis.disconnect())
  const applicationKey = Buffer.from(appKey, 'base64url')
  const onNews = () => waker.wake()
  const identity = stack.use(await openIdentity({ ...clock, pool, log, onNews, applicationKey, issuer: ISSUER }))
  const limits = config.rateLimits
    ? createRateLimits({ now: clock.now, shared: stack.use(openSharedLimit(redisUrl, log)) })
    : undefined
  // The first question to any zone starts the runtime's zone data, which takes longer than a request should.
  findZone('Europe/Berlin')?.offsetAt(clock.now())

  const opened = stack.move()
  return {
    ...clock,
    config,
    nodeId: config.nodeId,
    log,
    metrics,
    tzVersion: process.versions['tz'] ?? 'unknown',
    databaseUrl,
    redisUrl,
    pool,
    logPool,
    identity,
    applicationKey,
    onNews,
    tracing,
    limits,
    health: async () => ({
      postgres: await answers(pool.query('SELECT 1')),
      redis: await answers(redis.ping()),
    }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** JSON lines: on standard output in production, else in a file, so that the terminal stays readable. */
export function openLog(config: Config): Logger {
  const options = { level: config.logLevel, base: { node: config.nodeId } }
  if (config.production) return pino(options)
  mkdirSync(join(config.dataDir, 'log'), { recursive: true })
  return pino(options, destination({ dest: logFile(config), append: false, sync: false }))
}

export function logFile(config: Pick<Config, 'dataDir' | 'nodeId'>): string {
  return join(config.dataDir, 'log', `${config.nodeId}.jsonl`)
}

/** A machine on which everything starts at once may not connect in time at first. A store that refuses is not waited for. */
async function patiently(ask: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries === MAX_TRIES || !/timeout/i.test((error as Error).message)) throw error
    }
  }
}

/** The third layer of the tenant wall is row-level security; a login it does not bind must not serve. */
async function refuseBypass(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ unbound: boolean; role: string }>(
    `SELECT rolname AS role, rolsuper OR rolbypassrls OR EXISTS (
       SELECT FROM pg_class WHERE relname = 'meeting' AND relowner = pg_roles.oid
     ) AS unbound FROM pg_roles WHERE rolname = current_user`,
  )
  if (rows[0]?.unbound !== false) {
    throw new StartProblem(
      `The database role ${rows[0]?.role} is not bound by row-level security; nodes act as convoke_app.`,
    )
  }
}

function gaugePool(metrics: Registry, pool: Pool): void {
  const gauge = new Gauge({
    name: 'convoke_pool_connections',
    help: 'PostgreSQL connections of this process, and who waits for one',
    labelNames: ['state'],
    registers: [metrics],
    collect() {
      gauge.set({ state: 'open' }, pool.totalCount)
      gauge.set({ state: 'idle' }, pool.idleCount)
      gauge.set({ state: 'waiting' }, pool.waitingCount)
    },
  })
}

async function answers(question: Promise<unknown>): Promise<boolean> {
  return question.then(
    () => true,
    () => false,
  )
}
