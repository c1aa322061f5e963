import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Job as QueueJob, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type DueKey, upcomingDue } from '../db/jobs/due-work.ts'
import { createOutage } from '../db/outage.ts'
import { openRedis } from '../db/redis.ts'
import type { Clock } from '../domain/deps.ts'
import { type Instant, MINUTE_MS, plus } from '../domain/time/instant.ts'
import { PROCESS_TURNS } from './dispatcher.ts'

export interface WakeQueueDeps extends Clock {
  /** As convoke_relay. */
  relayPool: Pool
  redisUrl: string
  kinds: readonly string[]
  log: Logger
  /** Resolves when the turn has ended, or at once when there is none to do. */
  wake: (key: DueKey) => Promise<void>
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

const payload = z.strictObject({ organizationId: z.uuid(), kind: z.string().max(100), subject: z.string().max(500) })

/**
 * Rows that come due within a minute, as delayed jobs of BullMQ: whichever worker is free is woken to the moment, where the
 * dispatcher's look comes once a second. Nothing depends on it: a job lost with Redis is a row that the next look finds, a
 * job too many finds nothing to claim.
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
  const worker = new Worker(NAME, (job) => ring(job), {
    connection: listening,
    prefix: PREFIX,
    concurrency: PROCESS_TURNS,
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

  async function ring(job: QueueJob): Promise<void> {
    const key = payload.safeParse(job.data)
    if (key.success && !stopping.signal.aborted) await deps.wake(key.data)
  }

  async function feed(): Promise<void> {
    /** Jobs that Redis was given, until their time: adding one twice is harmless, asking Redis each second is waste. */
    const fed = new Map<string, Instant>()
    while (!stopping.signal.aborted) {
      try {
        const now = deps.now()
        for (const [id, dueAt] of fed) if (dueAt <= now) fed.delete(id)
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

  async function feedNext(fed: Map<string, Instant>, now: Instant): Promise<void> {
    const terms = { kinds: deps.kinds, from: now, until: plus(now, AHEAD_MS), limit: MAX_FED }
    const rows = await upcomingDue(deps.relayPool, terms)
    const fresh = rows.map((row) => ({ id: jobId(row), row })).filter(({ id }) => !fed.has(id))
    if (fresh.length === 0) return
    await queue.addBulk(
      fresh.map(({ id, row: { organizationId, kind, subject, dueAt } }) => ({
        name: kind,
        data: { organizationId, kind, subject },
        opts: { jobId: id, delay: Math.max(0, dueAt - now) + MARGIN_MS, removeOnComplete: true, removeOnFail: true },
      })),
    )
    for (const { id, row } of fresh) fed.set(id, row.dueAt)
  }
}

/** The same for every process. BullMQ takes no `:` and no bare integer. */
function jobId({
  organizationId,
  kind,
  subject,
  dueAt,
  revision,
}: DueKey & { dueAt: Instant; revision: number }): string {
  const text = JSON.stringify([organizationId, kind, subject, dueAt, revision])
  return `due-${createHash('sha256').update(text).digest('base64url')}`
}
