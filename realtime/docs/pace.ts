/**
 * How long to read nothing more from somebody who sends faster than `perSecond`; what was read already has been taken, and is
 * owed. Pure state: the caller brings the time in milliseconds.
 */
export class Pace {
  readonly #perSecond: number
  readonly #burst: number
  #credit: number
  #at: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#credit = burst
    this.#at = now
  }

  /** Milliseconds to wait; 0: go on. */
  spend(cost: number, now: number): number {
    const earned = (Math.max(0, now - this.#at) / 1000) * this.#perSecond
    this.#at = now
    this.#credit = Math.min(this.#burst, this.#credit + earned) - cost
    return this.#credit >= 0 ? 0 : Math.ceil((-this.#credit / this.#perSecond) * 1000)
  }
}
