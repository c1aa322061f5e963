import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { putDue } from '../db/jobs/due.ts'
import { transact } from '../db/transaction.ts'
import { ok } from '../domain/result.ts'
import { type Instant, instant } from '../domain/time/instant.ts'
import type { Job } from '../jobs/job.ts'
import { type RunningJobs, openJobs } from '../jobs/open-jobs.ts'
import { type TestDatabase, openTestDatabase } from './database.ts'
import { type PrivateRedis, openPrivateRedis } from './redis.ts'

/** Due work on a database and a private Redis, with a clock that the test moves, and as many workers as it wants. */
export type JobsRig = Awaited<ReturnType<typeof openJobsRig>>

export interface DueRow {
  kind: string
  subject: string
  due_at: Date
  attempts: number
  last_error: string | null
  dead_at: Date | null
}

export async function openJobsRig() {
  await using stack = new AsyncDisposableStack()
  const database: TestDatabase = stack.use(await openTestDatabase())
  const redis: PrivateRedis = stack.use(await openPrivateRedis())
  const owner = new pg.Pool({ connectionString: database.url, max: 2 })
  owner.on('error', () => {})
  stack.defer(() => owner.end())
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' })
  const clock = { now: instant(Date.UTC(2026, 10, 23, 9)) }
  const organizationId = randomUUID()
  const owned = stack.move()

  return {
    database,
    redis,
    owner,
    clock,
    organizationId,

    /** A worker: all of openJobs, on the set clock unless another is given. */
    worker(jobs: readonly Job[], given: { now?: () => Instant; leaseMs?: number } = {}): RunningJobs & Metered {
      const metrics = new Registry()
      const deps = { relayPool: database.relay, redisUrl: redis.url, jobs, log, metrics, newId: randomUUID }
      return Object.assign(openJobs({ ...deps, now: () => clock.now, ...given }), { metrics })
    },

    /** As a command does it. */
    async put(kind: string, subject: string, dueAt: Instant = clock.now, organization = organizationId): Promise<void> {
      const scope = { organizationId: organization, userId: organization }
      await transact(database.app, scope, { now: clock.now, onNews: () => {} }, async (tx) => {
        await putDue(tx, [{ kind, subject, dueAt }])
        return ok(undefined)
      })
    },

    async rows(kind: string): Promise<DueRow[]> {
      const { rows } = await owner.query<DueRow>('SELECT * FROM due WHERE kind = $1 ORDER BY subject', [kind])
      return rows
    },

    /** How many rows Redis holds a timer for. */
    async fed(): Promise<number> {
      const client = new Redis(redis.url)
      const count = await client.zcard('convoke:due:delayed')
      client.disconnect()
      return count
    },

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Metered {
  metrics: Registry
}
