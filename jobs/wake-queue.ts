import { setTimeout as delay } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { upcomingMoments } from '../db/jobs/due-work.ts'
import { createOutage } from '../db/outage.ts'
import { openRedis } from '../db/redis.ts'
import type { Clock } from '../domain/deps.ts'
import { type Instant, MINUTE_MS, plus } from '../domain/time/instant.ts'

export interface WakeQueueDeps extends Clock {
  /** As convoke_relay. */
  relayPool: Pool
  redisUrl: string
  kinds: readonly string[]
  log: Logger
  /** Something is due now. */
  onDue: () => void
}

const NAME = 'due'
const PREFIX = 'convoke'
const AHEAD_MS = MINUTE_MS
const FEED_MS = 1_000
/** The next ones first; those beyond are fed when these are gone, and the dispatcher's look covers any. */
const MAX_FED = 1_000
/** A timer of Redis must not ring before the row is due by our clock. */
const MARGIN_MS = 2
/** Redis being away must not hold up a stop. */
const CLOSE_MS = 1_000

/**
 * The moments of the next minute at which rows come due, as delayed jobs of BullMQ, however many rows a moment has: one worker is
 * woken to it, where the dispatcher's look comes once a second. Nothing depends on it: for a job lost with Redis the next look
 * comes, a job too many finds nothing to claim.
 */
export function openWakeQueue(deps: WakeQueueDeps): AsyncDisposable {
  const stopping = new AbortController()
  const outage = createOutage(deps.log, 'job queue')
  const feeding = openRedis(deps.redisUrl, 'convoke_jobs', deps.log)
  const listening = new Redis(deps.redisUrl, {
    connectionName: 'convoke_job_worker',
    // As BullMQ wants it: its blocking command waits, and is sent again after an outage.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * attempt, 500),
  })
  listening.on('error', () => {})
  const queue = new Queue(NAME, { connection: feeding, prefix: PREFIX })
  queue.on('error', () => {})
  const worker = new Worker(NAME, ring, {
    connection: listening,
    prefix: PREFIX,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  })
  worker.on('error', () => {})
  const done = feed()

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await done
      await Promise.race([Promise.all([worker.close(true), queue.close()]), delay(CLOSE_MS)]).catch(() => {})
      feeding.disconnect()
      listening.disconnect()
    },
  }

  async function ring(): Promise<void> {
    deps.onDue()
  }

  async function feed(): Promise<void> {
    /** Moments that Redis was given, until they come: adding one twice is harmless, asking Redis each second is waste. */
    const fed = new Set<Instant>()
    while (!stopping.signal.aborted) {
      try {
        const now = deps.now()
        for (const moment of fed) if (moment <= now) fed.delete(moment)
        if (feeding.status === 'ready') await feedNext(fed, now)
        outage.worked()
      } catch (error) {
        // It may have been flushed, too.
        fed.clear()
        outage.failed(error)
      }
      await delay(FEED_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function feedNext(fed: Set<Instant>, now: Instant): Promise<void> {
    const terms = { kinds: deps.kinds, from: now, until: plus(now, AHEAD_MS), limit: MAX_FED }
    const moments = await upcomingMoments(deps.relayPool, terms)
    const fresh = moments.filter((moment) => !fed.has(moment))
    if (fresh.length === 0) return
    await queue.addBulk(
      fresh.map((moment) => ({
        name: NAME,
        data: {},
        // The same for every process; BullMQ takes no `:` and no bare integer.
        opts: { jobId: `due-${moment}`, delay: moment - now + MARGIN_MS, removeOnComplete: true, removeOnFail: true },
      })),
    )
    for (const moment of fresh) fed.add(moment)
  }
}
