/** Admits `perSecond` on average and `burst` at once. Pure state: the caller brings the time in milliseconds. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  take(now: number): boolean {
    this.#earn(now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Takes what was read already, on credit if need be. Answers how many milliseconds to read nothing more; 0: go on. */
  spend(cost: number, now: number): number {
    this.#earn(now)
    this.#tokens -= cost
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000)
  }

  #earn(now: number): void {
    const earned = (Math.max(0, now - this.#at) / 1000) * this.#perSecond
    this.#at = now
    this.#tokens = Math.min(this.#burst, this.#tokens + earned)
  }
}
