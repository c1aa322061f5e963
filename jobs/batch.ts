import type { Claim } from '../db/jobs/due-work.ts'
import type { Instant } from '../domain/time/instant.ts'
import { describeFailure } from './failure.ts'
import type { Ends, Job } from './job.ts'

const RUN_MS = 30_000
/** A run that does not heed its signal for so long is left to itself; its rows are due again later. */
const GIVE_UP_MS = 3_000

/**
 * Claimed turns of one kind and organisation, run together. Each has an end of its own: where they fail together each is
 * done alone, so that one that cannot be done takes no other along.
 */
export class Batch {
  readonly job: Job
  readonly claims: readonly Claim[]
  /** Somebody else has the claims, as far as we know. */
  isLost = false
  /** The work itself, which may go on when `run` has given it up. */
  work: Promise<Ends> | undefined
  readonly #stop = new AbortController()
  readonly #gaveUp = Promise.withResolvers<never>()
  #timer: NodeJS.Timeout | undefined
  #isRunning = false

  constructor(job: Job, claims: readonly Claim[]) {
    this.job = job
    this.claims = claims
  }

  /** What became of each turn. Never rejects. */
  async run(now: Instant): Promise<Ends> {
    this.#isRunning = true
    const timeout = () => this.end(new DOMException('it took too long', 'TimeoutError'))
    this.#timer = setTimeout(timeout, this.job.timeoutMs ?? RUN_MS)
    this.work = this.#runAll(now).finally(() => (this.work = undefined))
    try {
      return await Promise.race([this.work, this.#gaveUp.promise])
    } catch (error) {
      return new Map(this.claims.map(({ subject }) => [subject, asError(error)]))
    } finally {
      this.#isRunning = false
      clearTimeout(this.#timer)
    }
  }

  /** Tells it to end. */
  end(reason: Error): void {
    if (!this.#isRunning || this.#stop.signal.aborted) return
    clearTimeout(this.#timer)
    const told = `the turn goes on though it was told to end: ${describeFailure(reason)}`
    this.#timer = setTimeout(() => this.#gaveUp.reject(new Error(told)), GIVE_UP_MS)
    this.#stop.abort(reason)
  }

  async #runAll(now: Instant): Promise<Ends> {
    try {
      return await this.#runThese(this.claims, now)
    } catch (error) {
      if (this.claims.length === 1) throw error
    }
    const ends = new Map<string, Instant | Error>()
    for (const claim of this.claims) {
      const own = await this.#runThese([claim], now).catch(
        (error: unknown) => new Map([[claim.subject, asError(error)]]),
      )
      const end = own.get(claim.subject)
      if (end !== undefined) ends.set(claim.subject, end)
    }
    return ends
  }

  async #runThese(claims: readonly Claim[], now: Instant): Promise<Ends> {
    const { job } = this
    const { signal } = this.#stop
    signal.throwIfAborted()
    const { organizationId, subject, dueAt, attempts } = claims[0] as Claim
    if ('runAll' in job)
      return job.runAll({ organizationId, subjects: claims.map((claim) => claim.subject), now, signal })
    const next = await job.run({ organizationId, subject, dueAt, now, attempt: attempts + 1, signal })
    return new Map(next === undefined ? [] : [[subject, next]])
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('something that is no Error was thrown')
}
