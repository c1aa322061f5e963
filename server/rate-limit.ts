/** Keys remembered at once, some 20 MB. When all are in use, unknown ones are refused: this limiter fails closed. */
const MAX_KEYS = 100_000

export interface RateLimitOptions {
  /** Takes per key in any window of `windowMs`. */
  limit: number
  windowMs: number
  now: () => number
  maxKeys?: number
}

/** Counts in this process only, so it works with every other machine gone. */
export class RateLimit {
  readonly #options: Required<RateLimitOptions>
  /** When each key was taken, oldest first; keys in the order of their last take. */
  readonly #taken = new Map<string, number[]>()

  constructor(options: RateLimitOptions) {
    this.#options = { maxKeys: MAX_KEYS, ...options }
  }

  /** undefined: go on. Else the whole seconds to wait; a refused take does not count. */
  take(key: string): number | undefined {
    const { limit, windowMs, now, maxKeys } = this.#options
    const at = now()
    this.#forget(at - windowMs)
    const times = (this.#taken.get(key) ?? []).filter((time) => time > at - windowMs)
    if (times.length >= limit) return Math.ceil(((times[0] as number) + windowMs - at) / 1000)
    if (times.length === 0 && this.#taken.size >= maxKeys) return Math.ceil(windowMs / 1000)
    this.#taken.delete(key)
    this.#taken.set(key, [...times, at])
    return undefined
  }

  #forget(bound: number): void {
    for (const [key, times] of this.#taken) {
      if ((times.at(-1) as number) > bound) return
      this.#taken.delete(key)
    }
  }
}
