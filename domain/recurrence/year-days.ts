import { dayNumber, daysInYear, weekdayOf } from '../time/civil.ts'
import type { Weekday } from '../time/civil.ts'
import type { Rule } from './rule.ts'

/** Whether a rule has parts that count the days or weeks of a year: BYYEARDAY, BYWEEKNO, numbers of BYDAY without BYMONTH. */
export function countsInYear({ freq, byYearDay, byWeekNo, byMonth, byDay }: Rule): boolean {
  if (freq !== 'YEARLY') return false
  return byYearDay.length + byWeekNo.length > 0 || (byMonth.length === 0 && byDay.some(({ nth }) => nth !== 0))
}

/** Whether those parts allow a day of that year; `MonthDays` has judged the others. */
export function matchesYear(rule: Rule, year: number, day: number): boolean {
  const { byYearDay, byWeekNo, byMonth, byDay } = rule
  const length = daysInYear(year)
  const dayOfYear = day - dayNumber(year, 1, 1) + 1
  if (byYearDay.length > 0 && !hasPosition(byYearDay, dayOfYear, length)) return false
  if (byWeekNo.length > 0 && !hasWeek(rule, day, year)) return false
  return byDay.length === 0 || byMonth.length > 0 || hasNthWeekday(rule, weekdayOf(day), dayOfYear, length)
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
 * to a week of the neighbouring year count with that week, in the period of their own calendar year. The last days of December
 * are week 1 by that number only, never -52 or -53: RFC 5545 does not say, dateutil and libical read it so.
 */
function hasWeek({ byWeekNo, wkst }: Rule, day: number, year: number): boolean {
  if (day >= firstWeek(year + 1, wkst)) return byWeekNo.includes(1)
  const weekYear = day < firstWeek(year, wkst) ? year - 1 : year
  const first = firstWeek(weekYear, wkst)
  const weeks = (firstWeek(weekYear + 1, wkst) - first) / 7
  return hasPosition(byWeekNo, Math.floor((day - first) / 7) + 1, weeks)
}

/** The first day of week 1, which is the week that holds 4 January. */
function firstWeek(year: number, wkst: Weekday): number {
  const fourth = dayNumber(year, 1, 4)
  return fourth - ((weekdayOf(fourth) - wkst + 7) % 7)
}
