import { type BookedSeries, findSeriesConflicts } from '../../domain/availability/series-conflicts.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { acceptRule } from '../../domain/recurrence/accept-rule.ts'
import { type Result, ok } from '../../domain/result.ts'
import { MINUTE_MS, plus } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { wallMs } from '../../domain/time/local-time.ts'
import { instantOf, localTime, wholeMinutes, zoneNamed } from './read-case.ts'

interface Booking {
  id: string
  resources: string[]
  dtstart: string
  tzid: string
  duration_min: number
  rrule: string | null
  exdates?: string[]
  overrides?: { recurrence_id: string; dtstart: string; duration_min: number }[]
}

interface ConflictsCase {
  id: string
  horizon: [string, string]
  existing: Booking[]
  candidate: Booking
}

/** `{ id, conflicts }` by (candidate start, booking id, booking start), or `{ id, error }` for a rule that the contract refuses. */
export function answerConflicts({ id, horizon, existing, candidate }: ConflictsCase): object {
  const series: BookedSeries[] = []
  for (const booking of [candidate, ...existing]) {
    const read = seriesOf(booking)
    if (!read.ok) return { id, error: read.error }
    series.push(read.value)
  }
  const [ours, ...theirs] = series as [BookedSeries, ...BookedSeries[]]
  const found = findSeriesConflicts(ours, theirs, { start: instantOf(horizon[0]), end: instantOf(horizon[1]) })
  return {
    id,
    conflicts: found.map((conflict) => ({
      candidate_start_utc: formatInstant(conflict.candidate.start),
      booking_id: conflict.bookingId,
      booking_start_utc: formatInstant(conflict.booking.start),
      resources: conflict.resources,
    })),
  }
}

function seriesOf(booking: Booking): Result<BookedSeries, Refusal> {
  const zone = zoneNamed(booking.tzid)
  const start = localTime(booking.dtstart)
  const rule = booking.rrule === null ? ok(null) : acceptRule(booking.rrule, start, zone)
  if (!rule.ok) return rule
  const overrides = (booking.overrides ?? []).map((override) => {
    const at = zone.instantOf(wallMs(localTime(override.dtstart)))
    const end = plus(at, wholeMinutes(override.duration_min, 0) * MINUTE_MS)
    return { recurrenceId: localTime(override.recurrence_id), start: at, end }
  })
  return ok({
    id: booking.id,
    resources: booking.resources,
    set: { start, zone, rule: rule.value, exdates: (booking.exdates ?? []).map(localTime), rdates: [] },
    durationMs: wholeMinutes(booking.duration_min, 0) * MINUTE_MS,
    overrides,
  })
}
