import { type RecurrenceSet, startsOf } from '../recurrence/expand.ts'
import { type Instant, type Interval, instant, overlaps, plus } from '../time/instant.ts'
import { type LocalTime, wallMs } from '../time/local-time.ts'

/** A series, or a single meeting, and what each of its occurrences takes. */
export interface BookedSeries {
  id: string
  /** Ids of rooms and people, each once. */
  resources: readonly string[]
  set: RecurrenceSet
  /** Exact milliseconds. One of no length overlaps what it lies inside of, and nothing that only touches it. */
  durationMs: number
  overrides: readonly MovedOccurrence[]
}

/** Takes the place of the instance with that recurrence id. One that the set does not give (EXDATE) has no place to take. */
export interface MovedOccurrence extends Interval {
  recurrenceId: LocalTime
}

/** Two occurrences that take the same resources at the same time. */
export interface SeriesConflict {
  candidate: Interval
  bookingId: string
  booking: Interval
  /** What they share, sorted; never empty. */
  resources: string[]
}

/**
 * Every pair of an occurrence of the candidate that starts inside the horizon and an occurrence of a booking that overlaps it on a
 * shared resource, by (candidate start, booking id, booking start).
 *
 * All occurrences of a booking share the same resources with the candidate, so each booking that shares any is one join of two lists of
 * spans ordered by start. The join takes the earlier start `a` of the two heads and walks the other list from its head on: what
 * starts before `a` ends overlaps it, for none there starts before `a`; what lies before that head was compared with `a` when it was
 * taken itself. So each overlapping pair is met exactly once, at whichever of the two starts first, and a booking of m occurrences
 * costs n + m + its pairs, after sorting.
 */
export function findSeriesConflicts(
  candidate: BookedSeries,
  bookings: readonly BookedSeries[],
  horizon: Interval,
): SeriesConflict[] {
  const wanted = occurrencesOf(candidate, horizon.start, horizon.end)
  const [first] = wanted
  if (first === undefined) return []
  const lastEnd = instant(wanted.reduce((latest, { end }) => Math.max(latest, end), -Infinity))
  const found: SeriesConflict[] = []
  for (const other of bookings) {
    const resources = other.resources.filter((id) => candidate.resources.includes(id)).toSorted(byCodeUnits)
    if (resources.length === 0) continue
    const taken = occurrencesOf(other, plus(first.start, -longestMs(other)), lastEnd)
    forEachOverlap(wanted, taken, (span, booking) => {
      found.push({ candidate: span, bookingId: other.id, booking, resources })
    })
  }
  return found.sort(
    (a, b) =>
      a.candidate.start - b.candidate.start ||
      byCodeUnits(a.bookingId, b.bookingId) ||
      a.booking.start - b.booking.start,
  )
}

/** Those that start in `[from, to)`, by start. */
function occurrencesOf({ set, durationMs, overrides }: BookedSeries, from: Instant, to: Instant): Interval[] {
  const replaced = new Set<Instant>()
  const moved: Interval[] = []
  for (const { recurrenceId, start, end } of overrides) {
    const original = set.zone.instantOf(wallMs(recurrenceId))
    replaced.add(original)
    const isGiven = () => startsOf(set, original, plus(original, 1), 1).length > 0
    if (start >= from && start < to && isGiven()) moved.push({ start, end })
  }
  const kept = startsOf(set, from, to, Infinity).filter((start) => !replaced.has(start))
  const spans = kept.map((start): Interval => ({ start, end: plus(start, durationMs) }))
  return moved.length === 0 ? spans : [...spans, ...moved].sort((a, b) => a.start - b.start)
}

function longestMs({ durationMs, overrides }: BookedSeries): number {
  return overrides.reduce((longest, { start, end }) => Math.max(longest, end - start), durationMs)
}

/** Both lists are ordered by start. */
function forEachOverlap(
  ours: readonly Interval[],
  theirs: readonly Interval[],
  found: (one: Interval, other: Interval) => void,
): void {
  let [i, j] = [0, 0]
  for (let a = ours[i], b = theirs[j]; a !== undefined && b !== undefined; a = ours[i], b = theirs[j]) {
    const isOurs = a.start <= b.start
    const [list, head, end] = isOurs ? [theirs, j, a.end] : [ours, i, b.end]
    for (let k = head; k < list.length && list[k]!.start < end; k++) {
      const [one, other] = isOurs ? [a, list[k]!] : [list[k]!, b]
      if (overlaps(one, other)) found(one, other)
    }
    if (isOurs) i++
    else j++
  }
}

/** The same order on every machine. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
