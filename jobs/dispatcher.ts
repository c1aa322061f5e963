import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import {
  type Claim,
  type DueKey,
  claimDue,
  claimOne,
  dueKey,
  failTurn,
  finishTurn,
  releaseClaim,
  renewClaims,
} from '../db/jobs/due-work.ts'
import { Nap } from '../db/nap.ts'
import { createOutage } from '../db/outage.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import { plus } from '../domain/time/instant.ts'
import { backoffMs, describeFailure } from './failure.ts'
import type { JobMetrics } from './job-metrics.ts'
import type { Job } from './job.ts'

export interface DispatcherDeps extends Clock, Ids {
  /** As convoke_relay. */
  relayPool: Pool
  jobs: readonly Job[]
  log: Logger
  metrics: JobMetrics
  /** How long a claim outlives its process; 10 s when absent. */
  leaseMs?: number
}

/** The net under every wake-up: what is overdue is seen this soon. */
const LOOK_MS = 1_000
/** Turns of one process at a time: they share its pool of connections with whoever it serves. */
export const PROCESS_TURNS = 8
const KIND_TURNS = 4
const TURN_MS = 30_000
/** A turn that does not heed its signal for so long is left to itself; its row is due again later. */
const GIVE_UP_MS = 3_000
/** A killed process' turns are taken over after it; renewed four times as often. */
const LEASE_MS = 10_000
/** A job that always answers "at once" must not spin. */
const MIN_REST_MS = 50

/**
 * Does what is due. Invariant: a turn is begun only by who claimed its row in PostgreSQL, and its end is written only while
 * that claim holds; so however many wake-ups come (look, queue, planner), in however many processes, one turn at a time is
 * done per row, and a row goes or moves only when nobody put it anew meanwhile.
 */
export class Dispatcher implements AsyncDisposable {
  readonly #deps: DispatcherDeps
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #leaseMs: number
  readonly #nap = new Nap()
  readonly #stopping = new AbortController()
  /** Turns under way, with what ends one early. */
  readonly #running = new Map<string, Running>()
  /** Given up on, and still not ended. */
  readonly #stuck = new Set<string>()
  readonly #beat: NodeJS.Timeout
  readonly #done: Promise<void>
  #isFair = false
  /** One claim at a time: two at once would both count the same free slots. */
  #looking: Promise<number> = Promise.resolve(0)

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
    this.#jobs = new Map(deps.jobs.map((job) => [job.kind, job]))
    if (this.#jobs.size !== deps.jobs.length) throw new Error('two jobs of one kind')
    this.#leaseMs = deps.leaseMs ?? LEASE_MS
    this.#beat = setInterval(() => void this.#renew(), this.#leaseMs / 4)
    this.#done = this.#lookNowAndThen()
  }

  /** Something may be due now. */
  nudge(): void {
    this.#nap.rouse()
  }

  /** Claims that row, if it is due and nobody is at it, and resolves when its turn has ended. */
  async wake(key: DueKey): Promise<void> {
    const job = this.#jobs.get(key.kind)
    if (job === undefined || this.#freeOf(job) <= 0 || this.#stopping.signal.aborted) return
    const claim = await claimOne(this.#deps.relayPool, key, this.#terms())
    if (claim !== undefined) await this.#begin(claim)
  }

  /** Everything that is due now has been done; for tests, whose clock stands. */
  async settle(): Promise<void> {
    for (;;) {
      const claimed = await this.#look()
      if (claimed === 0 && this.#running.size === 0) return
      await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('the process stops'))
    this.#nap.rouse()
    await this.#done
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    clearInterval(this.#beat)
  }

  async #lookNowAndThen(): Promise<void> {
    const outage = createOutage(this.#deps.log, 'job dispatcher')
    while (!this.#stopping.signal.aborted) {
      try {
        this.#nap.forget()
        const claimed = await this.#look()
        outage.worked()
        if (claimed === 0) await this.#nap.rest(LOOK_MS)
      } catch (error) {
        outage.failed(error)
        await this.#nap.rest(LOOK_MS)
      }
    }
  }

  /** Begins what is due and has a free slot. The number of turns begun. */
  #look(): Promise<number> {
    this.#looking = this.#looking.catch(() => 0).then(() => this.#claim())
    return this.#looking
  }

  async #claim(): Promise<number> {
    const limit = PROCESS_TURNS - this.#running.size
    if (limit <= 0 || this.#stopping.signal.aborted) return 0
    const slots = new Map(this.#deps.jobs.map((job) => [job.kind, Math.max(0, this.#freeOf(job))]))
    const { claims, isBacklog } = await claimDue(this.#deps.relayPool, { ...this.#terms(), slots, limit }, this.#isFair)
    this.#isFair = isBacklog
    for (const claim of claims) void this.#begin(claim)
    return claims.length
  }

  #freeOf(job: Job): number {
    const running = [...this.#running.values()].filter(({ claim }) => claim.kind === job.kind).length
    return Math.min((job.concurrency ?? KIND_TURNS) - running, PROCESS_TURNS - this.#running.size)
  }

  #terms() {
    return { now: this.#deps.now(), claimId: this.#deps.newId(), leaseMs: this.#leaseMs }
  }

  #begin(claim: Claim): Promise<void> {
    const lost = new AbortController()
    const key = dueKey(claim)
    const before = this.#running.get(key)
    if (before !== undefined || this.#stuck.has(key)) {
      // The store was away for longer than the lease: what runs must end first.
      before?.lost.abort(new Error('the claim lapsed'))
      return this.#notDone(claim, lost.signal, new Error('its last turn has still not ended')).then(
        () => {},
        () => {},
      )
    }
    const ended = this.#turn(claim, lost.signal).finally(() => {
      if (this.#running.get(key)?.claim === claim) this.#running.delete(key)
      // Who waits for a slot.
      this.#nap.rouse()
    })
    this.#running.set(key, { claim, lost, ended })
    return ended
  }

  /** One turn to its end; never rejects. */
  async #turn(claim: Claim, lost: AbortSignal): Promise<void> {
    const { relayPool, log, metrics } = this.#deps
    const job = this.#jobs.get(claim.kind) as Job
    const { organizationId, kind, subject, dueAt } = claim
    const started = performance.now()
    const now = this.#deps.now()
    metrics.lag.observe(Math.max(0, now - dueAt) / 1_000)
    let outcome: string
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(job.timeoutMs ?? TURN_MS), lost, this.#stopping.signal])
      const work = job.run({ organizationId, subject, dueAt, now, attempt: claim.attempts + 1, signal })
      const next = await this.#endOf(work, claim, signal)
      const floor = plus(this.#deps.now(), MIN_REST_MS)
      await finishTurn(relayPool, claim, next !== undefined && next < floor ? floor : next)
      outcome = 'done'
    } catch (error) {
      outcome = await this.#notDone(claim, lost, error).catch((failure: Error) => {
        // The store is away: the claim lapses, and the turn comes again.
        log.warn({ event: 'job.unrecorded', organizationId, kind, subject, message: failure.message })
        return 'failed'
      })
    }
    metrics.turns.inc({ kind, outcome })
    const ms = Math.round(performance.now() - started)
    log.info({ event: 'job.turn', organizationId, kind, subject, outcome, ms, lateMs: Math.max(0, now - dueAt) })
  }

  /** What the work comes to; a rejection when it does not end soon after its signal. */
  async #endOf<T>(work: Promise<T>, claim: Claim, signal: AbortSignal): Promise<T> {
    const settled = new AbortController()
    const gaveUp = (async () => {
      if (!signal.aborted) await abortOf(signal, settled.signal)
      await delay(GIVE_UP_MS, undefined, { signal: settled.signal })
      const key = dueKey(claim)
      this.#stuck.add(key)
      const forget = () => void this.#stuck.delete(key)
      work.then(forget, forget)
      throw new Error(`the turn goes on though it was told to end: ${describeFailure(signal.reason)}`)
    })()
    gaveUp.catch(() => {})
    try {
      return await Promise.race([work, gaveUp])
    } finally {
      settled.abort()
    }
  }

  async #notDone(claim: Claim, lost: AbortSignal, error: unknown): Promise<string> {
    const { relayPool, log } = this.#deps
    const { organizationId, kind, subject } = claim
    if (lost.aborted) return 'lost'
    if (this.#stopping.signal.aborted) {
      await releaseClaim(relayPool, claim)
      return 'returned'
    }
    const now = this.#deps.now()
    const failures = claim.attempts + 1
    const waitMs = backoffMs(failures, Math.random())
    const message = describeFailure(error)
    log.warn({ event: 'job.failed', organizationId, kind, subject, attempt: failures, message })
    await failTurn(relayPool, claim, {
      again: waitMs === undefined ? undefined : plus(now, waitMs),
      now,
      error: message,
    })
    return waitMs === undefined ? 'dead' : 'failed'
  }

  /** Keeps the claims of turns under way; a turn whose claim is somebody else's is told to end. */
  async #renew(): Promise<void> {
    const running = [...this.#running.values()]
    if (running.length === 0) return
    try {
      const kept = await renewClaims(
        this.#deps.relayPool,
        running.map(({ claim }) => claim),
        this.#leaseMs,
      )
      for (const { claim, lost } of running) {
        const isEnded = this.#running.get(dueKey(claim))?.claim !== claim
        if (!isEnded && !kept.has(claim.claimId + dueKey(claim))) lost.abort(new Error('the claim is another one’s'))
      }
    } catch (error) {
      this.#deps.log.warn({ event: 'job.claims_unrenewed', message: (error as Error).message })
    }
  }
}

interface Running {
  claim: Claim
  lost: AbortController
  ended: Promise<void>
}

/** Resolves when `signal` aborts; rejects when `settled` does. */
function abortOf(signal: AbortSignal, settled: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: settled })
    settled.addEventListener('abort', () => reject(new Error('settled')), { once: true })
  })
}
