import { acceptRule } from '../../domain/recurrence/accept-rule.ts'
import { startsOf } from '../../domain/recurrence/expand.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { instantOf, localTime, zoneNamed } from './read-case.ts'

interface RecurrenceCase {
  id: string
  dtstart: string
  tzid: string
  rrule: string
  exdates: string[]
  rdates: string[]
  window: [string, string]
}

/** `{ id, utc: [instants] }`, or `{ id, error }` for a rule that the contract refuses. */
export function answerRecurrence(line: string): object {
  const { id, dtstart, tzid, rrule, exdates, rdates, window } = JSON.parse(line) as RecurrenceCase
  const zone = zoneNamed(tzid)
  const start = localTime(dtstart)
  const accepted = acceptRule(rrule, start, zone)
  if (!accepted.ok) return { id, error: accepted.error }
  const set = { start, zone, rule: accepted.value, exdates: exdates.map(localTime), rdates: rdates.map(localTime) }
  return { id, utc: startsOf(set, instantOf(window[0]), instantOf(window[1]), Infinity).map(formatInstant) }
}
