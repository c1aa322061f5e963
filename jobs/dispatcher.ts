import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { type Claim, type Ending, claimDue, dueKey, endTurns, renewClaims } from '../db/jobs/due-work.ts'
import { Nap } from '../db/nap.ts'
import { createOutage } from '../db/outage.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import { type Instant, instant, plus } from '../domain/time/instant.ts'
import { Batch } from './batch.ts'
import { backoffMs, describeFailure } from './failure.ts'
import type { JobMetrics } from './job-metrics.ts'
import type { Ends, Job } from './job.ts'

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
/** Batches of one process at a time: they share its pool of connections with whoever it serves. */
const PROCESS_BATCHES = 8
const KIND_BATCHES = 4
/** A killed process' turns are taken over after it; renewed four times as often. */
const LEASE_MS = 10_000
/** A job that always answers "at once" must not spin. */
const MIN_REST_MS = 50

/**
 * Does what is due, in batches of turns of one kind and organisation. Invariant: a turn is begun only by who claimed its row in
 * PostgreSQL, and its end is written only while that claim holds; so however many wake-ups come (look, queue, planner), in
 * however many processes, one turn at a time is done per row, and a row goes or moves only when nobody put it anew meanwhile.
 */
export class Dispatcher implements AsyncDisposable {
  readonly #deps: DispatcherDeps
  readonly #jobs: ReadonlyMap<string, Job>
  readonly #leaseMs: number
  readonly #nap = new Nap()
  /** Under way, with when each has ended and that is written. */
  readonly #batches = new Map<Batch, Promise<void>>()
  /** Given up on, and still not ended. */
  readonly #stuck = new Set<Batch>()
  readonly #beat: NodeJS.Timeout
  readonly #done: Promise<void>
  #isFair = false
  #isStopping = false
  /** One claim at a time: two at once would both count the same free slots. */
  #looking: Promise<unknown> = Promise.resolve()

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

  /** Everything that is due now has been done; for tests, whose clock stands. */
  async settle(): Promise<void> {
    for (;;) {
      const { claimed, wasIdle } = await this.#look()
      if (claimed === 0 && wasIdle) return
      await Promise.all(this.#batches.values())
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    for (const batch of this.#batches.keys()) batch.end(new Error('the process stops'))
    this.#nap.rouse()
    await this.#done
    await Promise.all(this.#batches.values())
    clearInterval(this.#beat)
  }

  async #lookNowAndThen(): Promise<void> {
    const outage = createOutage(this.#deps.log, 'job dispatcher')
    while (!this.#isStopping) {
      try {
        this.#nap.forget()
        const { claimed } = await this.#look()
        outage.worked()
        if (claimed === 0) await this.#nap.rest(LOOK_MS)
      } catch (error) {
        outage.failed(error)
        await this.#nap.rest(LOOK_MS)
      }
    }
  }

  /** Begins what is due and has a free slot. How many turns that is, and whether nothing was in their way. */
  #look(): Promise<Look> {
    const look = this.#looking.catch(() => {}).then(() => this.#claim())
    this.#looking = look
    return look
  }

  async #claim(): Promise<Look> {
    const { relayPool, jobs, now, newId } = this.#deps
    const limit = PROCESS_BATCHES - this.#batches.size
    const wasIdle = this.#batches.size === 0
    if (limit <= 0 || this.#isStopping) return { claimed: 0, wasIdle }
    const slots = new Map(
      jobs.map((job) => [job.kind, { batches: this.#freeOf(job), together: 'together' in job ? job.together : 1 }]),
    )
    const terms = { now: now(), claimId: newId(), leaseMs: this.#leaseMs, slots, limit }
    const { claims, isBacklog } = await claimDue(relayPool, terms, this.#isFair)
    this.#isFair = isBacklog
    for (const together of Map.groupBy(claims, ({ batch }) => batch).values()) this.#begin(together)
    return { claimed: claims.length, wasIdle }
  }

  #freeOf({ kind, concurrency = KIND_BATCHES }: Job): number {
    return Math.max(0, concurrency - [...this.#batches.keys()].filter(({ job }) => job.kind === kind).length)
  }

  #begin(claims: readonly Claim[]): void {
    const batch = new Batch(this.#jobs.get((claims[0] as Claim).kind) as Job, claims)
    const before = this.#sameRows(batch)
    // The store was away for longer than the lease: what runs must end first.
    for (const other of before) this.#lose(other)
    const done = this.#do(batch, before.length > 0).finally(() => {
      this.#batches.delete(batch)
      // Who waits for a slot.
      this.#nap.rouse()
    })
    this.#batches.set(batch, done)
    if (this.#isStopping) batch.end(new Error('the process stops'))
  }

  /** Batches that are still at a row of this one. */
  #sameRows({ claims }: Batch): Batch[] {
    const keys = new Set(claims.map(dueKey))
    return [...this.#batches.keys(), ...this.#stuck].filter((other) =>
      other.claims.some((one) => keys.has(dueKey(one))),
    )
  }

  #lose(batch: Batch): void {
    batch.isLost = true
    batch.end(new Error('the claim is another one’s'))
  }

  /** One batch to its end; never rejects. */
  async #do(batch: Batch, isTooEarly: boolean): Promise<void> {
    const { log, metrics } = this.#deps
    const { claims } = batch
    const { organizationId, kind } = claims[0] as Claim
    const started = performance.now()
    const now = this.#deps.now()
    const lateMs = claims.map(({ dueAt }) => Math.max(0, now - dueAt))
    for (const ms of lateMs) metrics.lag.observe(ms / 1_000)
    const ends = isTooEarly ? lastNotEnded(claims) : await batch.run(now)
    if (batch.work !== undefined) {
      this.#stuck.add(batch)
      const forget = () => void this.#stuck.delete(batch)
      batch.work.then(forget, forget)
    }
    const outcomes = await this.#write(batch, ends)
    for (const [outcome, turns] of outcomes) metrics.turns.inc({ kind, outcome }, turns)
    log.info({
      event: 'job.turns',
      organizationId,
      kind,
      subjects: claims.map(({ subject }) => subject),
      ...Object.fromEntries(outcomes),
      ms: Math.round(performance.now() - started),
      lateMs: Math.max(...lateMs),
    })
  }

  /** How many turns ended how. */
  async #write(batch: Batch, ends: Ends): Promise<Map<Outcome, number>> {
    const { relayPool, log, now } = this.#deps
    const at = now()
    const ended = batch.claims.map((claim) => this.#endOf(batch, claim, ends.get(claim.subject), at))
    try {
      await endTurns(
        relayPool,
        ended.map(({ ending }) => ending),
        at,
      )
    } catch (error) {
      // The store is away: the claims lapse, and the turns come again.
      const { organizationId, kind } = batch.claims[0] as Claim
      log.warn({ event: 'job.unrecorded', organizationId, kind, message: (error as Error).message })
      return new Map([['failed', ended.length]])
    }
    const byOutcome = Map.groupBy(ended, ({ outcome }) => outcome)
    return new Map([...byOutcome].map(([outcome, turns]) => [outcome, turns.length]))
  }

  #endOf(batch: Batch, claim: Claim, end: Instant | Error | undefined, now: Instant): Ended {
    if (!(end instanceof Error)) {
      const at = end === undefined ? undefined : instant(Math.max(end, now + MIN_REST_MS))
      return { outcome: 'done', ending: { claim, how: 'done', at } }
    }
    if (batch.isLost) return { outcome: 'lost', ending: { claim, how: 'released' } }
    if (this.#isStopping) return { outcome: 'returned', ending: { claim, how: 'released' } }
    const { organizationId, kind, subject } = claim
    const attempt = claim.attempts + 1
    const waitMs = backoffMs(attempt, Math.random())
    const message = describeFailure(end)
    this.#deps.log.warn({ event: 'job.failed', organizationId, kind, subject, attempt, message })
    const at = waitMs === undefined ? undefined : plus(now, waitMs)
    return { outcome: at === undefined ? 'dead' : 'failed', ending: { claim, how: 'failed', at, error: message } }
  }

  /** Keeps the claims of batches under way; one that has lost a claim is told to end. */
  async #renew(): Promise<void> {
    const batches = [...this.#batches.keys()]
    if (batches.length === 0) return
    try {
      const claims = batches.flatMap((batch) => batch.claims)
      const kept = await renewClaims(this.#deps.relayPool, claims, this.#leaseMs)
      for (const batch of batches) {
        const isWhole = batch.claims.every((claim) => kept.has(claim.claimId + dueKey(claim)))
        // One that ended meanwhile has no claims any more.
        if (!isWhole && this.#batches.has(batch)) this.#lose(batch)
      }
    } catch (error) {
      this.#deps.log.warn({ event: 'job.claims_unrenewed', message: (error as Error).message })
    }
  }
}

type Outcome = 'done' | 'failed' | 'dead' | 'lost' | 'returned'

interface Look {
  claimed: number
  wasIdle: boolean
}

interface Ended {
  outcome: Outcome
  ending: Ending
}

function lastNotEnded(claims: readonly Claim[]): Ends {
  return new Map(claims.map(({ subject }) => [subject, new Error('its last turn has still not ended')]))
}
