import { civilDay, dayNumber, daysInMonth, daysInYear, weekdayOf } from '../time/civil.ts'
import type { Weekday } from '../time/civil.ts'
import { DAY_MS } from '../time/instant.ts'
import { wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import type { Rule } from './rule.ts'

/**
 * The rule with what it leaves to the start written out (RFC 5545 3.3.10: "Information, not contained in the rule, necessary
 * to determine the various recurrence instance start times and dates are derived from the Start Time"). After that a
 * day belongs to the rule exactly when every part that is present allows it, which is how `matchesDay` reads the RFC's
 * table of expanding and limiting parts.
 */
export function completeRule(rule: Rule, start: LocalTime): Rule {
  const wall = wallMs(start)
  const day = Math.floor(wall / DAY_MS)
  const { month, day: dayOfMonth } = civilDay(day)
  const minuteOfDay = Math.floor((wall - day * DAY_MS) / 60_000)
  return {
    ...rule,
    byHour: rule.byHour.length > 0 ? rule.byHour : [Math.floor(minuteOfDay / 60)],
    byMinute: rule.byMinute.length > 0 ? rule.byMinute : [minuteOfDay % 60],
    ...impliedDays(rule, month, dayOfMonth, weekdayOf(day)),
  }
}

/** Whether a day of one of the rule's periods carries instances, before BYSETPOS. The rule is complete. */
export function matchesDay(rule: Rule, days: number): boolean {
  const { byMonth, byMonthDay, byDay, byYearDay, byWeekNo } = rule
  const weekday = weekdayOf(days)
  if (byDay.length > 0 && !byDay.some((entry) => entry.weekday === weekday)) return false
  if (byMonth.length + byMonthDay.length + byDay.length + byYearDay.length + byWeekNo.length === 0) return true
  const { year, month, day } = civilDay(days)
  if (byMonth.length > 0 && !byMonth.includes(month)) return false
  if (byMonthDay.length > 0 && !hasPosition(byMonthDay, day, daysInMonth(year, month))) return false
  const dayOfYear = days - dayNumber(year, 1, 1) + 1
  if (byYearDay.length > 0 && !hasPosition(byYearDay, dayOfYear, daysInYear(year))) return false
  if (byWeekNo.length > 0 && !hasWeek(rule, days, year)) return false
  if (byDay.length === 0) return true
  const inMonth = rule.freq === 'MONTHLY' || byMonth.length > 0
  return inMonth
    ? hasNthWeekday(rule, weekday, day, daysInMonth(year, month))
    : hasNthWeekday(rule, weekday, dayOfYear, daysInYear(year))
}

function impliedDays(rule: Rule, month: number, dayOfMonth: number, weekday: Weekday): Partial<Rule> {
  if (rule.byDay.length > 0 || rule.byMonthDay.length > 0 || rule.byYearDay.length > 0) return {}
  const sameWeekday = { byDay: [{ nth: 0, weekday }] }
  switch (rule.freq) {
    case 'DAILY':
      return {}
    case 'WEEKLY':
      return sameWeekday
    case 'MONTHLY':
      return { byMonthDay: [dayOfMonth] }
    case 'YEARLY':
      if (rule.byWeekNo.length > 0) return sameWeekday
      return { byMonth: rule.byMonth.length > 0 ? rule.byMonth : [month], byMonthDay: [dayOfMonth] }
  }
}

/** Whether a one-based position in something of that length is in the list, counted from either end. */
function hasPosition(list: readonly number[], position: number, length: number): boolean {
  return list.includes(position) || list.includes(position - length - 1)
}

function hasNthWeekday({ byDay }: Rule, weekday: Weekday, position: number, length: number): boolean {
  const nth = Math.floor((position - 1) / 7) + 1
  const nthFromEnd = -(Math.floor((length - position) / 7) + 1)
  return byDay.some((e) => e.weekday === weekday && (e.nth === 0 || e.nth === nth || e.nth === nthFromEnd))
}

/**
 * BYWEEKNO: week 1 is the first with at least four days in the year, weeks begin on WKST. The days around New Year that belong
 * to a week of the neighbouring year count with that week, in the period of their own calendar year.
 */
function hasWeek(rule: Rule, days: number, year: number): boolean {
  const weekYear =
    days < firstWeek(year, rule.wkst) ? year - 1 : days >= firstWeek(year + 1, rule.wkst) ? year + 1 : year
  const first = firstWeek(weekYear, rule.wkst)
  const weeks = (firstWeek(weekYear + 1, rule.wkst) - first) / 7
  return hasPosition(rule.byWeekNo, Math.floor((days - first) / 7) + 1, weeks)
}

/** The first day of week 1, which is the week that holds 4 January. */
function firstWeek(year: number, wkst: Weekday): number {
  const fourth = dayNumber(year, 1, 4)
  return fourth - ((weekdayOf(fourth) - wkst + 7) % 7)
}
