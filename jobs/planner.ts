import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { consumeNews, enrolConsumer, isBehind } from '../db/jobs/consumer.ts'
import { type OrganizationDue, putDueEverywhere } from '../db/jobs/due-work.ts'
import { Nap } from '../db/nap.ts'
import type { NewsRow } from '../db/news-log.ts'
import { createOutage } from '../db/outage.ts'
import type { Clock } from '../domain/deps.ts'
import type { Instant } from '../domain/time/instant.ts'
import type { Job } from './job.ts'

export interface PlannerDeps extends Clock {
  /** As convoke_relay. */
  relayPool: Pool
  jobs: readonly Job[]
  log: Logger
  /** Something was put that is due now. */
  onDue: () => void
}

const NAME = 'planner'
/** Between a position given by the relay and the plan: one cheap question per process. */
const POLL_MS = 100

/**
 * Puts what committed news makes due. Invariant: a shard's cursor moves in the transaction that puts what its news wakes, one
 * process at a time, so every event is asked about, in order, at least once.
 */
export class Planner implements AsyncDisposable {
  readonly #deps: PlannerDeps
  readonly #nap = new Nap()
  readonly #done: Promise<void>
  #isEnrolled = false
  #isStopped = false

  constructor(deps: PlannerDeps) {
    this.#deps = deps
    this.#done = this.#run()
  }

  /** All news that has a position has been planned; for tests. */
  async settle(): Promise<void> {
    while (await this.#round()) {
      // The next batch.
    }
    while (await isBehind(this.#deps.relayPool, NAME)) await this.#round()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    this.#nap.rouse()
    await this.#done
  }

  async #run(): Promise<void> {
    const outage = createOutage(this.#deps.log, 'job planner')
    while (!this.#isStopped) {
      try {
        const hasMore = await this.#round()
        outage.worked()
        if (!hasMore) await this.#nap.rest(POLL_MS)
      } catch (error) {
        outage.failed(error)
        await this.#nap.rest(POLL_MS)
      }
    }
  }

  /** One batch. true: there may be more at once. */
  async #round(): Promise<boolean> {
    const { relayPool, now, onDue } = this.#deps
    if (!this.#isEnrolled) {
      await enrolConsumer(relayPool, NAME)
      this.#isEnrolled = true
    }
    if (!(await isBehind(relayPool, NAME))) return false
    let isDueNow = false
    const taken = await consumeNews(relayPool, NAME, async (client, news) => {
      const at = now()
      const rows = news.flatMap((row) => this.#wakenBy(row, at))
      await putDueEverywhere(client, rows, 'always')
      isDueNow = rows.some((row) => row.dueAt <= at)
    })
    if (isDueNow) onDue()
    return taken !== undefined && taken > 0
  }

  #wakenBy(news: NewsRow, now: Instant): OrganizationDue[] {
    return this.#deps.jobs.flatMap((job) => {
      try {
        const woken = job.wakenBy?.(news, now) ?? []
        return woken.map((due) => ({ ...due, kind: job.kind, organizationId: news.organizationId }))
      } catch (error) {
        // A fault of ours in one job must not stop the news of all; its sweep finds what this event would have woken.
        this.#deps.log.error({ event: 'job.not_woken', kind: job.kind, topic: news.topic, type: news.type, err: error })
        return []
      }
    })
  }
}
