import type { Weekday } from '../time/civil.ts'
import { formatInstant } from '../time/iso.ts'
import type { Instant } from '../time/instant.ts'

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'

/** `nth` counts inside the month or year, negative from its end; 0 is every such weekday. */
export interface ByDay {
  readonly nth: number
  readonly weekday: Weekday
}

/**
 * A recurrence rule (RFC 5545 3.3.10) as plain data. Lists are sorted and without repeats; an empty list means that the part is absent.
 * `parseRule` is the only maker from text.
 */
export interface Rule {
  readonly freq: Frequency
  readonly interval: number
  readonly count: number | null
  /** Inclusive. */
  readonly until: Instant | null
  readonly wkst: Weekday
  readonly byMonth: readonly number[]
  readonly byWeekNo: readonly number[]
  readonly byYearDay: readonly number[]
  readonly byMonthDay: readonly number[]
  readonly byDay: readonly ByDay[]
  readonly byHour: readonly number[]
  readonly byMinute: readonly number[]
  readonly bySetPos: readonly number[]
}

/** In the order of `Weekday`. */
export const WEEKDAY_NAMES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const

/** The canonical text of a rule: two rules mean the same parts exactly when their texts are equal. */
export function formatRule(rule: Rule): string {
  const parts = [`FREQ=${rule.freq}`]
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`)
  if (rule.count !== null) parts.push(`COUNT=${rule.count}`)
  if (rule.until !== null) parts.push(`UNTIL=${formatUntil(rule.until)}`)
  if (rule.wkst !== 0) parts.push(`WKST=${WEEKDAY_NAMES[rule.wkst]}`)
  addList(parts, 'BYMONTH', rule.byMonth)
  addList(parts, 'BYWEEKNO', rule.byWeekNo)
  addList(parts, 'BYYEARDAY', rule.byYearDay)
  addList(parts, 'BYMONTHDAY', rule.byMonthDay)
  addList(parts, 'BYDAY', rule.byDay.map(formatByDay))
  addList(parts, 'BYHOUR', rule.byHour)
  addList(parts, 'BYMINUTE', rule.byMinute)
  addList(parts, 'BYSETPOS', rule.bySetPos)
  return parts.join(';')
}

/** `20271231T235959Z`: UNTIL knows whole seconds, and dropping a fraction never admits a later instance, for those start on whole seconds. */
function formatUntil(until: Instant): string {
  return `${formatInstant(until).slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

function formatByDay({ nth, weekday }: ByDay): string {
  return `${nth === 0 ? '' : nth}${WEEKDAY_NAMES[weekday]}`
}

function addList(parts: string[], name: string, values: readonly (number | string)[]): void {
  if (values.length > 0) parts.push(`${name}=${values.join(',')}`)
}
