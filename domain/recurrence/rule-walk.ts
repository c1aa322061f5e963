import { dayNumber } from '../time/civil.ts'
import { DAY_MS } from '../time/instant.ts'
import { LAST_YEAR, wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type Periods, periodsOf } from './periods.ts'
import type { Rule } from './rule.ts'

/** What a walk answers behind its last wall time. */
export const OVER = Infinity

/** No wall time of a rule lies here or later: 1 January of the year 2201. */
export const END = dayNumber(LAST_YEAR + 1, 1, 1) * DAY_MS

/**
 * The wall times (as in `wallMs`) that a rule gives from its start on, one per call of `next`, ascending, within `[from, to]`. Only a
 * rule with COUNT is walked from its start; any other begins at the period of `from`, however far away that is. UNTIL is not
 * looked at: it is an instant, and only a zone can compare it.
 */
export class RuleWalk {
  readonly #periods: Periods
  readonly #start: number
  readonly #first: number
  readonly #last: number
  #left: number
  #index: number
  #midnight: number
  #offsets: readonly number[]
  #next = 0

  constructor(rule: Rule, start: LocalTime, from: number, to: number) {
    this.#start = wallMs(start)
    this.#first = Math.max(this.#start, from)
    this.#last = Math.min(to, END - 1)
    this.#left = rule.count ?? Infinity
    this.#periods = periodsOf(rule, this.#start)
    const isCounted = rule.count !== null
    this.#index = isCounted ? 0 : Math.max(this.#periods.indexOf(Math.floor(this.#first / DAY_MS)), 0)
    const firstDay = this.#periods.firstDay(this.#index)
    this.#midnight = firstDay * DAY_MS
    this.#offsets = this.#periods.offsets(this.#index, firstDay)
  }

  /** `OVER` once there are no more, and from then on. */
  next(): number {
    for (;;) {
      while (this.#next < this.#offsets.length) {
        const wall = this.#midnight + this.#offsets[this.#next++]!
        if (wall < this.#start) continue
        if (wall > this.#last || this.#left-- <= 0) return OVER
        if (wall >= this.#first) return wall
      }
      if (this.#midnight > this.#last) return OVER
      this.#enter(this.#index + 1)
    }
  }

  #enter(index: number): void {
    const firstDay = this.#periods.firstDay(index)
    this.#index = index
    this.#midnight = firstDay * DAY_MS
    this.#offsets = this.#periods.offsets(index, firstDay)
    this.#next = 0
  }
}
