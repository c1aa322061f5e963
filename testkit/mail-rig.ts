import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { claimNews, takeLease } from '../db/news-log.ts'
import type { HandedIn, Mail, StopSignal } from '../domain/notifications/ports.ts'
import { type Instant, plus } from '../domain/time/instant.ts'
import { createSmtp } from '../integrations/mail/smtp.ts'
import { announcementJob } from '../jobs/announcement.ts'
import { horizonJob } from '../jobs/horizon.ts'
import { mailJob } from '../jobs/mail.ts'
import { type RunningJobs, openJobs } from '../jobs/open-jobs.ts'
import { reminderJob } from '../jobs/reminder.ts'
import { retentionJob } from '../jobs/retention.ts'
import type { BookingOffice } from './booking-office.ts'
import { eventually } from './eventually.ts'
import type { MailServer } from './mail-server.ts'

export interface MailRig extends AsyncDisposable {
  /** Delivers all news and does what is due by the office's clock. */
  settle: () => Promise<void>
  /** Moves the clock and settles. */
  passes: (ms: number) => Promise<Instant>
  /** Moves the clock while the worker dies at that point, as with kill -9: its stores hear no more of it. Another takes its place. */
  passesWithCrash: (ms: number, at: CrashPoint) => Promise<void>
}

/** Before the mail server is asked, when it has taken a mail and nobody has noted that yet, or whenever (after so many ms). */
export type CrashPoint = 'before' | 'after' | number

/** The jobs that tell people, on the store and clock of an office, with a mail server of the test's. */
export async function openMailRig(office: BookingOffice, mail: MailServer, redisUrl: string): Promise<MailRig> {
  const { api } = office
  const { clock, database, deps } = api
  const workers: Worker[] = [openWorker()]
  // What happens before a planner has enrolled is no news to it.
  await settle()

  return {
    settle,
    async passes(ms) {
      clock.now = plus(clock.now, ms)
      await settle()
      return clock.now
    },
    async passesWithCrash(ms, at) {
      const worker = workers.at(-1) as Worker
      worker.crashAt = at
      clock.now = plus(clock.now, ms)
      const died = typeof at === 'number' ? delay(at).then(() => worker.die()) : worker.died
      // Whichever comes first: there may be no mail to die of.
      await Promise.race([died, settle().catch(() => {})])
      worker.die()
      workers.push(openWorker())
      await quiet()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map(({ jobs }) => jobs[Symbol.asyncDispose]()))
    },
  }

  /** Settles until nothing is due any more, also what the dead still hold for a moment. */
  async function quiet(): Promise<void> {
    await eventually(async () => {
      await settle()
      const { rows } = await database.relay.query<{ open: number }>(
        `SELECT count(*)::integer AS open FROM due WHERE dead_at IS NULL AND due_at <= to_timestamp($1::float8 / 1000)`,
        [clock.now],
      )
      return rows[0]?.open === 0 ? undefined : `${rows[0]?.open} rows are due`
    })
  }

  async function settle(): Promise<void> {
    await deliverNews(database.relay)
    await (workers.at(-1) as Worker).jobs.settle()
  }

  interface Worker {
    jobs: RunningJobs
    crashAt: CrashPoint | undefined
    die: () => void
    died: Promise<void>
  }

  function openWorker(): Worker {
    let isDead = false
    const death = Promise.withResolvers<void>()
    const dying = (pool: Pool) => mortal(pool, () => isDead)
    const given = {
      pool: dying(database.app),
      relayPool: dying(database.relay),
      log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
      onNews: () => {},
      now: () => clock.now,
      newId: deps.newId,
      tzVersion: deps.tzVersion,
      publicUrl: 'https://meet.example.com',
    }
    const smtp = createSmtp({ url: mail.url, from: 'Convoke <convoke@example.com>' })
    const jobs = [
      reminderJob(given),
      announcementJob(given),
      mailJob({ ...given, handIn }),
      horizonJob(given),
      retentionJob(given),
    ]
    const running = openJobs({ ...given, redisUrl, jobs, metrics: new Registry(), leaseMs: 250 })
    const worker: Worker = { jobs: running, crashAt: undefined, die, died: death.promise }
    return worker

    function die(): void {
      isDead = true
      death.resolve()
    }

    /** What the dead would have heard or said comes to nothing. */
    async function handIn(one: Mail, signal: StopSignal): Promise<HandedIn> {
      if (worker.crashAt === 'before') die()
      if (isDead) return new Promise(() => {})
      const handed = await smtp(one, signal)
      if (worker.crashAt === 'after') die()
      return isDead ? new Promise(() => {}) : handed
    }
  }
}

/** Gives all committed news its positions, as the relay does. */
export async function deliverNews(relay: Pool): Promise<void> {
  const holder = randomUUID()
  // Another of these may be at it.
  await eventually(async () => ((await takeLease(relay, holder, 0)) ? undefined : 'somebody else is the relay'))
  for (;;) {
    // A lapsed lease can be taken by anybody: there is only this one.
    await relay.query(`UPDATE relay_lease SET holder = $1, expires_at = clock_timestamp() + interval '5 s'`, [holder])
    const { rows } = await claimNews(relay, holder, 500)
    if (rows.length === 0) break
  }
  await relay.query(`UPDATE relay_lease SET holder = NULL, expires_at = '-infinity'`)
}

/** A pool that answers nothing any more once its process is dead. What was sent before may still be done, as in life. */
function mortal(pool: Pool, isDead: () => boolean): Pool {
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'connect' || name === 'query') {
        return (...args: unknown[]) =>
          isDead()
            ? Promise.reject(new Error('Connection ended'))
            : (target[name] as (...a: unknown[]) => unknown)(...args)
      }
      return Reflect.get(target, name, target)
    },
  })
}
