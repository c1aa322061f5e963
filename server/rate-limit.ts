/** `burst` at once, and `perSecond` over time. */
export interface Rate {
  burst: number
  perSecond: number
}

/** One count: whose, and how fast it may go. */
export interface Count {
  key: string
  rate: Rate
}

/** What an answer says of the count that is nearest to its end (RateLimit-*). */
export interface Quota {
  limit: number
  remaining: number
  /** Seconds until the whole burst is there again. */
  resetSeconds: number
  /** Set when it was refused: seconds to wait. */
  retryAfterSeconds?: number
}

/** Keys remembered at once, some 10 MB. */
const MAX_KEYS = 100_000
const SWEEP_GAP_MS = 1_000

export interface LocalLimitOptions {
  /** Epoch milliseconds. */
  now: () => number
  /** When all keys are in use, unknown ones are refused; otherwise the one unused for longest is forgotten. */
  failsClosed: boolean
  maxKeys?: number
}

/**
 * Counts in this process only, so it works with every other machine gone. Generic cell rate algorithm: per key one number,
 * the time at which its burst will be whole again.
 */
export class LocalLimit {
  readonly #options: Required<LocalLimitOptions>
  /** In the order of their last take. */
  readonly #wholeAt = new Map<string, number>()
  #sweptAt = -Infinity

  constructor(options: LocalLimitOptions) {
    this.#options = { maxKeys: MAX_KEYS, ...options }
  }

  /** Takes one of each count, or of none when one is used up. */
  take(counts: readonly Count[]): Quota {
    const at = this.#options.now()
    const debts = counts.map(({ key }) => this.#debtOf(key, at))
    const quotas = counts.map(({ rate }, i) => quotaOf(rate, debts[i] as number))
    const refused = quotas.some((quota) => quota.retryAfterSeconds !== undefined)
    if (!refused) counts.forEach(({ key, rate }, i) => this.#keep(key, at + (debts[i] as number) + intervalOf(rate)))
    return tightest(quotas)
  }

  /** Milliseconds until the key's burst is whole; Infinity for one there is no place for. */
  #debtOf(key: string, at: number): number {
    const wholeAt = this.#wholeAt.get(key)
    if (wholeAt !== undefined) return Math.max(0, wholeAt - at)
    if (this.#wholeAt.size < this.#options.maxKeys || !this.#options.failsClosed) return 0
    // A flood of unknown keys must not buy a walk through all others each.
    if (at - this.#sweptAt >= SWEEP_GAP_MS) this.#forgetWhole(at)
    return this.#wholeAt.size < this.#options.maxKeys ? 0 : Infinity
  }

  #keep(key: string, wholeAt: number): void {
    this.#wholeAt.delete(key)
    this.#wholeAt.set(key, wholeAt)
    if (this.#wholeAt.size > this.#options.maxKeys) this.#wholeAt.delete(this.#wholeAt.keys().next().value as string)
  }

  #forgetWhole(at: number): void {
    this.#sweptAt = at
    for (const [key, wholeAt] of this.#wholeAt) if (wholeAt <= at) this.#wholeAt.delete(key)
  }
}

/** Milliseconds one take costs. */
export function intervalOf(rate: Rate): number {
  return 1000 / rate.perSecond
}

/** Of a key whose burst is whole in `debt` milliseconds, when one more is taken now. */
export function quotaOf(rate: Rate, debt: number): Quota {
  const interval = intervalOf(rate)
  // Float dust must not refuse the take that exactly fits.
  const over = debt + interval - rate.burst * interval
  const isRefused = over > 0.001
  const owed = isRefused ? debt : debt + interval
  return {
    limit: rate.burst,
    remaining: Math.max(0, Math.floor(rate.burst - owed / interval + 0.001)),
    resetSeconds: Number.isFinite(owed) ? Math.ceil(owed / 1000) : NO_ROOM_SECONDS,
    ...(isRefused && {
      retryAfterSeconds: Number.isFinite(over) ? Math.max(1, Math.ceil(over / 1000)) : NO_ROOM_SECONDS,
    }),
  }
}

/** When the table is full of others, it is under attack: a minute is what its counts need to pass. */
const NO_ROOM_SECONDS = 60

/** A refusal before all others, the longest first; else the one with the least left. */
export function tightest(quotas: readonly Quota[]): Quota {
  return quotas.reduce((a, b) => {
    const [waitA, waitB] = [a.retryAfterSeconds ?? 0, b.retryAfterSeconds ?? 0]
    if (waitA !== waitB) return waitA > waitB ? a : b
    return b.remaining < a.remaining ? b : a
  })
}
