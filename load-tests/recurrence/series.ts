import { type RecurrenceSet, expand } from '../../domain/recurrence/expand.ts'
import { parseRule } from '../../domain/recurrence/parse-rule.ts'
import { type Instant, DAY_MS, HOUR_MS, instant } from '../../domain/time/instant.ts'
import { type LocalTime, localTimeOf, parseBasicLocalTime, wallMs } from '../../domain/time/local-time.ts'
import { findZone } from '../../domain/time/zone.ts'

export const ZONE = 'America/New_York'

/** One series, as text for the peers and read for us. */
export interface Series {
  text: string
  set: RecurrenceSet
}

/** As `[from, to)`. */
export interface Span {
  from: Instant
  to: Instant
}

/**
 * What offices book, each with its first instance: twelve rules of New York with three EXDATEs (its second, third and fifth instance)
 * and one RDATE each. Two of them run through the hours that the clock skips and repeats.
 */
const RULES: readonly (readonly [start: string, rule: string])[] = [
  ['20260101T090000', 'FREQ=DAILY'],
  ['20260101T023000', 'FREQ=DAILY;INTERVAL=2'],
  ['20260105T100000', 'FREQ=WEEKLY'],
  ['20260102T140000', 'FREQ=WEEKLY;BYDAY=MO,WE,FR'],
  ['20260106T113000', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH'],
  ['20260101T013000', 'FREQ=WEEKLY;BYDAY=SU,TH'],
  ['20260115T160000', 'FREQ=MONTHLY;BYMONTHDAY=15'],
  ['20260131T170000', 'FREQ=MONTHLY;BYMONTHDAY=-1'],
  ['20260113T093000', 'FREQ=MONTHLY;BYDAY=2TU'],
  ['20260130T150000', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'],
  ['20260302T080000', 'FREQ=YEARLY;BYMONTH=3,6,9,12;BYDAY=1MO'],
  ['20260704T120000', 'FREQ=YEARLY'],
]

export function allSeries(): Series[] {
  return RULES.map(([start, text]) => ({ text, set: setOf(parseBasicLocalTime(start)!, text) }))
}

/** From 1 January 2026, UTC. */
export function yearsOf(years: number): Span {
  return { from: instant(Date.UTC(2026, 0, 1)), to: instant(Date.UTC(2026 + years, 0, 1)) }
}

function setOf(start: LocalTime, text: string): RecurrenceSet {
  const rule = parseRule(text)
  const zone = findZone(ZONE)
  if (!rule.ok || zone === undefined) throw new Error(`${text} in ${ZONE} cannot be read`)
  const bare = { start, zone, rule: rule.value, exdates: [], rdates: [] }
  const { from } = yearsOf(1)
  const ids = expand(bare, from, instant(from + 10 * 366 * DAY_MS), 5).map(({ recurrenceId }) => recurrenceId)
  const exdates = [ids[1]!, ids[2]!, ids[4]!]
  return { ...bare, exdates, rdates: [localTimeOf(wallMs(start) + 9 * DAY_MS + HOUR_MS)] }
}
