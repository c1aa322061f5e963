import { acceptRule } from '../../domain/recurrence/accept-rule.ts'
import { startsOf } from '../../domain/recurrence/expand.ts'
import { ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { instantOf, localTime, zoneNamed } from './read-case.ts'

interface RecurrenceCase {
  id: string
  dtstart: string
  tzid: string
  rrule: string | null
  exdates?: string[]
  rdates?: string[]
  window: [string, string]
}

/** `{ id, utc: [instants] }`, or `{ id, error }` for a rule that the contract refuses. */
export function answerRecurrence({
  id,
  dtstart,
  tzid,
  rrule,
  exdates = [],
  rdates = [],
  window,
}: RecurrenceCase): object {
  const zone = zoneNamed(tzid)
  const start = localTime(dtstart)
  const accepted = rrule === null ? ok(null) : acceptRule(rrule, start, zone)
  if (!accepted.ok) return { id, error: accepted.error }
  const set = { start, zone, rule: accepted.value, exdates: exdates.map(localTime), rdates: rdates.map(localTime) }
  return { id, utc: startsOf(set, instantOf(window[0]), instantOf(window[1]), Infinity).map(formatInstant) }
}
