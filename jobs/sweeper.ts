import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { countDead, putDueEverywhere } from '../db/jobs/due-work.ts'
import type { Clock } from '../domain/deps.ts'
import { MINUTE_MS } from '../domain/time/instant.ts'
import type { JobMetrics } from './job-metrics.ts'
import type { Job } from './job.ts'

export interface SweeperDeps extends Clock {
  /** As convoke_relay. */
  relayPool: Pool
  jobs: readonly Job[]
  log: Logger
  metrics: JobMetrics
  onDue: () => void
}

const EVERY_MS = MINUTE_MS

/** Asks each job, at the start and once a minute, which subjects lack a row; what several processes find twice is put once. */
export class Sweeper implements AsyncDisposable {
  readonly #deps: SweeperDeps
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>

  constructor(deps: SweeperDeps) {
    this.#deps = deps
    this.#done = this.#run()
  }

  async sweep(): Promise<void> {
    const { relayPool, jobs, log, metrics, now, onDue } = this.#deps
    for (const job of jobs) {
      if (job.sweep === undefined || this.#stopping.signal.aborted) continue
      try {
        const missed = await job.sweep(now())
        const rows = missed.map((row) => ({ ...row, kind: job.kind }))
        const put = await putDueEverywhere(relayPool, rows, 'ifMissing')
        if (put > 0) log.info({ event: 'job.swept', kind: job.kind, put })
      } catch (error) {
        // The next round comes in a minute.
        log.warn({ event: 'job.sweep_failed', kind: job.kind, err: error })
      }
    }
    const dead = await countDead(relayPool).catch(() => undefined)
    if (dead !== undefined) for (const job of jobs) metrics.dead.set({ kind: job.kind }, dead.get(job.kind) ?? 0)
    onDue()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.sweep()
      await delay(EVERY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }
}
