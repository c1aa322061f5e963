import { dayNumber } from '../time/civil.ts'
import { DAY_MS, instant } from '../time/instant.ts'
import type { Instant } from '../time/instant.ts'
import { LAST_YEAR, localTimeOf, wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import type { Zone } from '../time/zone.ts'
import { periodsOf } from './periods.ts'
import type { Rule } from './rule.ts'

/** All that decides when a series takes place. Without a rule it is the start alone, beside RDATEs. */
export interface RecurrenceSet {
  readonly start: LocalTime
  readonly zone: Zone
  readonly rule: Rule | null
  readonly exdates: readonly LocalTime[]
  readonly rdates: readonly LocalTime[]
}

export interface Instance {
  /** The local start that the rule (or the RDATE) gives it. */
  recurrenceId: LocalTime
  start: Instant
}

/**
 * The instances that start in `[from, to)`, by time and unique by instant, at most the first `limit` (RFC 5545 3.8.5).
 * COUNT counts what the rule gives before EXDATE takes away; UNTIL is inclusive and compared as an instant; both bound the rule, not
 * RDATE. EXDATE is matched by instant. A start that the rule does not give is no instance. Nothing lies after the year 2200.
 */
export function expand(set: RecurrenceSet, from: Instant, to: Instant, limit: number): Instance[] {
  const { zone, rule } = set
  const excluded = new Set<number>(set.exdates.map((exdate) => zone.instantOf(wallMs(exdate))))
  const found: Instance[] = []

  const add = (start: Instant, wall: number): void => {
    if (start >= from && start < to && !excluded.has(start)) insert(found, start, wall)
  }

  if (rule === null) add(zone.instantOf(wallMs(set.start)), wallMs(set.start))
  else {
    const until = rule.until ?? Infinity
    for (const wall of ruleWalls(rule, set.start, from - NEAR_MS, Math.min(to, until) + NEAR_MS)) {
      if (found.length >= limit && wall - NEAR_MS > (found[limit - 1]?.start ?? -Infinity)) break
      const start = zone.instantOf(wall)
      if (start <= until) add(start, wall)
    }
  }
  for (const rdate of set.rdates) add(zone.instantOf(wallMs(rdate)), wallMs(rdate))
  return found.length > limit ? found.slice(0, limit) : found
}

/** The last instance of a set that ends; undefined for an endless one and for one of which nothing is left. */
export function lastInstance(set: RecurrenceSet): Instance | undefined {
  const { start, zone, rule, rdates } = set
  if (rule !== null && rule.count === null && rule.until === null) return undefined
  const given = [start, ...rdates].map((local) => zone.instantOf(wallMs(local)))
  const first = instant(given.reduce((a, b) => (b < a ? b : a)) - NEAR_MS)
  if (rule === null || rule.until === null) return expand(set, first, instant(END), Infinity).at(-1)
  // From the end backwards in growing pieces: most rules have an instance close to their UNTIL.
  let to = instant(given.reduce((a, b) => (b > a ? b : a), rule.until) + 1)
  for (let span = FIRST_SPAN_MS; to > first; span *= 2) {
    const from = instant(Math.max(to - span, first))
    const last = expand(set, from, to, Infinity).at(-1)
    if (last !== undefined) return last
    to = from
  }
  return undefined
}

/**
 * The wall times the rule gives from the start on, ascending, within `[from, to]`. Only a rule with COUNT is walked from its
 * start; any other begins at the period of `from`, however far away that is. UNTIL is not looked at.
 */
export function* ruleWalls(rule: Rule, start: LocalTime, from: number, to: number): Generator<number, void, undefined> {
  const periods = periodsOf(rule, start)
  const startWall = wallMs(start)
  const first = Math.max(startWall, from)
  const last = Math.min(to, END - 1)
  let left = rule.count ?? Infinity
  let index = rule.count === null ? Math.max(periods.indexOf(Math.floor(first / DAY_MS)), 0) : 0
  for (; ; index++) {
    const midnight = periods.firstDay(index) * DAY_MS
    if (midnight > last) return
    for (const offset of periods.offsets(index)) {
      const wall = midnight + offset
      if (wall < startWall) continue
      if (wall > last || left-- <= 0) return
      if (wall >= first) yield wall
    }
  }
}

/** A wall time read as UTC is never this far from its instant: no zone was ever further from UTC. */
const NEAR_MS = DAY_MS

const END = dayNumber(LAST_YEAR + 1, 1, 1) * DAY_MS

const FIRST_SPAN_MS = 64 * DAY_MS

/**
 * Keeps the list ordered and unique; the first comer stays. Nearly everything goes to the end: only RDATEs, and walls that a gap lets
 * overtake each other (02:30 becomes 03:30 and so later than 03:00), go before it.
 */
function insert(found: Instance[], start: Instant, wall: number): void {
  let at = found.length
  if (at > 0 && found[at - 1]!.start >= start) {
    let low = 0
    while (low < at) {
      const middle = (low + at) >>> 1
      if (found[middle]!.start < start) low = middle + 1
      else at = middle
    }
    if (found[at]!.start === start) return
  }
  const instance = { recurrenceId: localTimeOf(wall), start }
  if (at === found.length) found.push(instance)
  else found.splice(at, 0, instance)
}
