import { type RecurrenceInput, planFrom } from '../../meetings/plan-schedule.ts'
import { type Instant, MINUTE_MS, plus } from '../../time/instant.ts'
import { localTimeOf } from '../../time/local-time.ts'
import type { Zone } from '../../time/zone.ts'
import type { SeriesFrom } from './wish.ts'

/**
 * The occurrences that a booking of that rule would have, for any start, as the booking itself finds them. Each start is worked out once:
 * when nothing fits, the same starts are asked for again with other people, rooms and durations, on which the starts do not depend.
 */
export function seriesFrom(recurrence: RecurrenceInput, zone: Zone, now: Instant): SeriesFrom {
  const known = new Map<Instant, readonly Instant[] | undefined>()
  return (start, tally) => {
    if (!known.has(start)) {
      const starts = startsFrom(recurrence, zone, now, start)
      known.set(start, starts)
      tally.add((starts?.length ?? 1) * LOOKS_PER_DATE)
    }
    return known.get(start)
  }
}

/** To find a date by its rule takes as long as so many looks. */
const LOOKS_PER_DATE = 20

function startsFrom(recurrence: RecurrenceInput, zone: Zone, now: Instant, start: Instant): Instant[] | undefined {
  const moment = { start, end: plus(start, MINUTE_MS), localStart: localTimeOf(zone.wallAt(start)) }
  const planned = planFrom(zone, moment, recurrence, now)
  return planned.ok ? planned.value.slots.map((slot) => slot.start).toSorted((a, b) => a - b) : undefined
}
