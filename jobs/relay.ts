import type { ChainableCommander, Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { Nap } from '../db/nap.ts'
import {
  type NewsRow,
  claimNews,
  releaseLease,
  renewLease,
  takeLease,
  tellDashboards,
  voidCursors,
} from '../db/news-log.ts'
import { STREAM_LENGTH, encodeEntry, entryId, streamKey } from '../db/news-stream.ts'
import { createOutage } from '../db/outage.ts'
import { openRedis } from '../db/redis.ts'
import { traceNews } from '../db/trace-news.ts'
import type { Tracing } from '../db/tracing.ts'
import { openWakeListener } from '../db/wake.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import { SHARDS } from '../domain/news.ts'
import { type RelayMetrics, relayMetrics } from './relay-metrics.ts'

export interface RelayDeps extends Clock, Ids {
  databaseUrl: string
  /** As convoke_relay. One connection suffices. */
  pool: Pool
  redisUrl: string
  log: Logger
  metrics: Registry
  /** undefined: no traces are made. */
  tracing?: Tracing | undefined
}

// A killed holder is replaced within LEASE_MS + STANDBY_MS, under a second.
const LEASE_MS = 800
const RENEW_MS = 300
const STANDBY_MS = 100
/** Covers a lost wake-up. */
const POLL_MS = 100
/** One claim: small enough to be committed and appended in a few milliseconds. */
const BATCH = 500
/** A dashboard reads its whole organisation anew for each event: it hears of all that happened in between at once. */
const DASHBOARD_PAUSE_MS = 250
/** How often it is looked whether a dashboard may hear: a statement more per claim would be felt under load. */
const DASHBOARD_LOOK_MS = 50
/** A Redis that takes longer is treated as away: nodes read the outbox, and the relay must not fall behind for it. */
const APPEND_TIMEOUT_MS = 250

const NOT_INCREASING = /equal or smaller/

/**
 * Carries committed news from the outbox to the Redis streams. Invariant: an event's position is given once, committed
 * before it shows in Redis, gap-free per shard and in commit order per topic; only the holder of the lease gives any.
 * What Redis did not take is not repeated: nodes see in PostgreSQL that the relay is ahead of them and fill the rest.
 *
 * Modes: standby (tries to take the lease), holding (claims and appends).
 */
export function openRelay(deps: RelayDeps): AsyncDisposable {
  return new Relay(deps)
}

class Relay implements AsyncDisposable {
  readonly #deps: RelayDeps
  readonly #redis: Redis
  readonly #metrics: RelayMetrics
  readonly #nap = new Nap()
  readonly #listener: AsyncDisposable
  readonly #done: Promise<void>
  #holder: string | undefined
  #renewedAt = 0
  /** Dashboards may be waiting: at the start nobody knows what the one before has left. */
  #hasDashboards = true
  #lookedAt = -Infinity
  /** Of the streams that were last written. */
  #epoch: number | undefined
  #stopped = false

  constructor(deps: RelayDeps) {
    this.#deps = deps
    this.#metrics = relayMetrics(deps.metrics)
    this.#redis = openRedis(deps.redisUrl, 'convoke_relay', deps.log, { commandTimeout: APPEND_TIMEOUT_MS })
    this.#listener = openWakeListener({ url: deps.databaseUrl, log: deps.log, onWake: () => this.#woken() })
    this.#done = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#nap.rouse()
    await this.#done
    await this.#listener[Symbol.asyncDispose]()
    this.#redis.disconnect()
  }

  async #run(): Promise<void> {
    const outage = createOutage(this.#deps.log, 'relay')
    while (!this.#stopped) {
      try {
        const full = await this.#round()
        outage.worked()
        if (!full) await this.#nap.rest(this.#holder === undefined ? STANDBY_MS : POLL_MS)
      } catch (error) {
        outage.failed(error)
        await this.#nap.rest(STANDBY_MS)
      }
    }
    if (this.#holder !== undefined) await releaseLease(this.#deps.pool, this.#holder).catch(() => {})
  }

  /** One try at the lease or one claim. true: there may be more to claim at once. */
  async #round(): Promise<boolean> {
    const { pool, log, newId, tracing } = this.#deps
    const started = performance.now()
    const startedAt = this.#deps.now()
    if (this.#holder === undefined) {
      const holder = newId()
      if (!(await takeLease(pool, holder, LEASE_MS))) return false
      this.#holder = holder
      this.#renewedAt = started
      log.info({ event: 'relay.lease_taken' })
    } else if (started - this.#renewedAt > RENEW_MS) {
      if (!(await this.#stillHolding())) return false
      this.#renewedAt = started
    }
    this.#nap.forget()
    const { rows, epoch, derived } = await claimNews(pool, this.#holder, BATCH)
    this.#metrics.lag.set(oldestAgeMs(rows, this.#deps.now()) / 1000)
    if (derived > 0) this.#hasDashboards = true
    const told = await this.#tellDashboards(started)
    if (epoch === undefined) return told
    this.#metrics.events.inc(rows.length)
    await this.#append(epoch, rows)
    traceNews(tracing, 'news relay', rows, { kind: 'producer', startedAt })
    this.#metrics.append.observe((performance.now() - started) / 1000)
    return rows.length === BATCH || derived > 0 || told
  }

  /** true: events of dashboards wait to be claimed. */
  async #tellDashboards(now: number): Promise<boolean> {
    if (!this.#hasDashboards || this.#holder === undefined) return false
    if (now - this.#lookedAt < DASHBOARD_LOOK_MS) return false
    this.#lookedAt = now
    const { told, left } = await tellDashboards(this.#deps.pool, this.#holder, DASHBOARD_PAUSE_MS)
    this.#hasDashboards = left > 0
    return told > 0
  }

  async #stillHolding(): Promise<boolean> {
    if (this.#holder !== undefined && (await renewLease(this.#deps.pool, this.#holder, LEASE_MS))) return true
    if (this.#holder !== undefined) this.#deps.log.warn({ event: 'relay.lease_lost' })
    this.#holder = undefined
    this.#metrics.lag.set(0)
    return false
  }

  /** Whatever goes wrong here but an entry that is refused is Redis being away. */
  async #append(epoch: number, rows: readonly NewsRow[]): Promise<void> {
    if (this.#redis.status !== 'ready') return
    if (this.#epoch !== undefined && this.#epoch !== epoch) await this.#forgetStreams(this.#epoch)
    this.#epoch = epoch
    const pipeline: ChainableCommander = this.#redis.pipeline()
    for (const row of rows) {
      const id = entryId(row.position)
      pipeline.xadd(streamKey(epoch, row.shard), 'MAXLEN', '~', STREAM_LENGTH, id, 'news', encodeEntry(row))
    }
    const answers = await pipeline.exec().catch(() => null)
    const errors = answers?.map(([error]) => error) ?? []
    // Frozen: without this, every round would wait for it anew until the connection itself gives up.
    if (errors.some((error) => error?.message === 'Command timed out')) this.#redis.disconnect(true)
    if (errors.some((error) => NOT_INCREASING.test(error?.message ?? ''))) await this.#streamsAreAhead(epoch)
  }

  /**
   * The streams hold positions that are yet to come. Either this relay was replaced and the new one's entries stand, or
   * the log was restored to an earlier point: then cursors of the undone time are void, and everybody gets the state.
   */
  async #streamsAreAhead(epoch: number): Promise<void> {
    if (!(await this.#stillHolding())) return
    this.#deps.log.warn({ event: 'relay.streams_ahead', epoch })
    await voidCursors(this.#deps.pool, epoch)
  }

  async #forgetStreams(epoch: number): Promise<void> {
    const keys = Array.from({ length: SHARDS }, (_, shard) => streamKey(epoch, shard))
    await this.#redis.del(keys).catch(() => 0)
  }

  /** A standby has nothing to look at: its own rhythm is quick enough to take over. */
  #woken(): void {
    if (this.#holder !== undefined) this.#nap.rouse()
  }
}

function oldestAgeMs(rows: readonly NewsRow[], now: number): number {
  return rows.reduce((oldest, row) => Math.max(oldest, now - row.at), 0)
}
