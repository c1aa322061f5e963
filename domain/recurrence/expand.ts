import { DAY_MS, instant } from '../time/instant.ts'
import type { Instant } from '../time/instant.ts'
import { localTimeOf, wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type Zone, countUpTo } from '../time/zone.ts'
import { END, OVER, RuleWalk } from './rule-walk.ts'
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
  const { starts, walls } = collect(set, from, to, limit)
  return starts.map((start, i) => ({ recurrenceId: localTimeOf(walls[i]!), start }))
}

/** The starts of what `expand` gives, for who needs no recurrence ids: writing those takes most of its time. */
export function startsOf(set: RecurrenceSet, from: Instant, to: Instant, limit: number): Instant[] {
  return collect(set, from, to, limit).starts
}

/** The last instance of a set that ends; undefined for an endless one and for one of which nothing is left. */
export function lastInstance(set: RecurrenceSet): Instance | undefined {
  const { start, zone, rule, rdates } = set
  if (rule !== null && rule.count === null && rule.until === null) return undefined
  const given = [start, ...rdates].map((local) => zone.instantOf(wallMs(local)))
  const first = instant(given.reduce((a, b) => (b < a ? b : a)) - NEAR_MS)
  if (rule === null || rule.until === null) return lastIn(set, first, instant(END))
  // From the end backwards in growing pieces: most rules have an instance close to their UNTIL.
  let to = instant(given.reduce((a, b) => (b > a ? b : a), rule.until) + 1)
  for (let span = FIRST_SPAN_MS; to > first; span *= 2) {
    const from = instant(Math.max(to - span, first))
    const last = lastIn(set, from, to)
    if (last !== undefined) return last
    to = from
  }
  return undefined
}

const FIRST_SPAN_MS = 64 * DAY_MS

function lastIn(set: RecurrenceSet, from: Instant, to: Instant): Instance | undefined {
  const { starts, walls } = collect(set, from, to, Infinity)
  const start = starts.at(-1)
  return start === undefined ? undefined : { recurrenceId: localTimeOf(walls.at(-1)!), start }
}

/** Side by side: two plain lists of numbers are several times quicker to fill than one of objects. */
interface Found {
  starts: Instant[]
  /** The wall times (as in `wallMs`) that were resolved to them. */
  walls: number[]
}

interface Wanted {
  from: Instant
  to: Instant
  limit: number
  /** What EXDATE takes away, sorted; ends with `FOREVER`, so that a look ahead always finds one. */
  excluded: readonly Instant[]
}

function collect(set: RecurrenceSet, from: Instant, to: Instant, limit: number): Found {
  const { zone, rule, start, rdates } = set
  const excluded = [...set.exdates.map((exdate) => zone.instantOf(wallMs(exdate))), FOREVER].sort((a, b) => a - b)
  const wanted = { from, to, limit, excluded }
  const found: Found = { starts: [], walls: [] }
  if (rule !== null) addRule(found, rule, set, wanted)
  addGiven(found, rule === null ? [start, ...rdates] : rdates, zone, wanted)
  if (found.starts.length > limit) found.starts.length = limit
  return found
}

/** At least the first `limit` of the rule's own. */
function addRule(found: Found, rule: Rule, set: RecurrenceSet, { from, to, limit, excluded }: Wanted): void {
  const { zone } = set
  const { starts, walls } = found
  const end = rule.until === null ? to : Math.min(to, rule.until + 1)
  const walk = new RuleWalk(rule, set.start, from - NEAR_MS, end + NEAR_MS)
  let latest = -Infinity
  let passed = 0
  for (let wall = walk.next(); wall !== OVER; wall = walk.next()) {
    if (starts.length >= limit && wall - NEAR_MS > (starts[limit - 1] ?? -Infinity)) return
    const start = zone.instantOf(wall)
    if (start < from || start >= end) continue
    if (start > latest) {
      latest = start
      while (excluded[passed]! < start) passed++
      if (excluded[passed] === start) continue
      starts.push(start)
      walls.push(wall)
    } else if (!holds(excluded, start)) insert(found, start, wall)
  }
}

/** In order, so that of many only those among the first `limit` are ever put in. */
function addGiven(found: Found, locals: readonly LocalTime[], zone: Zone, { from, to, limit, excluded }: Wanted): void {
  for (const wall of locals.map(wallMs).sort((a, b) => a - b)) {
    const start = zone.instantOf(wall)
    const isLate = found.starts.length >= limit && start > (found.starts[limit - 1] ?? -Infinity)
    if (!isLate && start >= from && start < to && !holds(excluded, start)) insert(found, start, wall)
  }
}

const FOREVER = instant(Infinity)

/** A wall time read as UTC is never this far from its instant: no zone was ever further from UTC. */
const NEAR_MS = DAY_MS

/**
 * Keeps the lists ordered and unique; the first comer stays. Needed for RDATEs, and for walls that a gap lets overtake each other: 02:30
 * becomes 03:30 and so later than 03:00.
 */
function insert({ starts, walls }: Found, start: Instant, wall: number): void {
  if (holds(starts, start)) return
  const at = countUpTo(starts, start)
  starts.splice(at, 0, start)
  walls.splice(at, 0, wall)
}

function holds(sorted: readonly Instant[], start: Instant): boolean {
  return sorted[countUpTo(sorted, start) - 1] === start
}
