import { civilDay, daysInMonth, weekdayOf } from '../time/civil.ts'
import type { Rule } from './rule.ts'

/**
 * Which days of a month a complete rule allows by BYMONTH, BYMONTHDAY and BYDAY. A month is a whole number whose lowest bit is its
 * first day. Beside the length of the month and its first weekday nothing decides, so each of the 28 shapes is worked out once.
 * Numbers of BYDAY that count in the year (YEARLY without BYMONTH) are left to `YearDays`: here they allow every such weekday.
 */
export class MonthDays {
  readonly #rule: Rule
  readonly #shapes: (number | undefined)[] = []
  readonly #isAllowed: readonly boolean[] | undefined

  constructor(rule: Rule) {
    this.#rule = rule
    const { byMonth } = rule
    if (byMonth.length > 0) this.#isAllowed = Array.from({ length: 13 }, (_, month) => byMonth.includes(month))
  }

  /** `month` is 1 to 12, `firstDay` its first day as a day number. */
  bitsOf(year: number, month: number, firstDay: number): number {
    if (this.#isAllowed?.[month] === false) return 0
    const length = daysInMonth(year, month)
    const weekday = weekdayOf(firstDay)
    const shape = (length - 28) * 7 + weekday
    return (this.#shapes[shape] ??= allowedDays(this.#rule, length, weekday))
  }

  has(dayNumber: number): boolean {
    const { year, month, day } = civilDay(dayNumber)
    return ((this.bitsOf(year, month, dayNumber - day + 1) >>> (day - 1)) & 1) === 1
  }
}

function allowedDays(rule: Rule, length: number, firstWeekday: number): number {
  const whole = 2 ** length - 1
  const byMonthDay = rule.byMonthDay.length > 0 ? monthDayBits(rule.byMonthDay, length) : whole
  return byMonthDay & (rule.byDay.length > 0 ? weekdayBits(rule, length, firstWeekday) : whole)
}

function monthDayBits(byMonthDay: readonly number[], length: number): number {
  let bits = 0
  for (const day of byMonthDay) bits |= dayBit(day > 0 ? day - 1 : length + day, length)
  return bits
}

function weekdayBits({ freq, byMonth, byDay }: Rule, length: number, firstWeekday: number): number {
  const countsInMonth = freq === 'MONTHLY' || byMonth.length > 0
  let bits = 0
  for (const { nth, weekday } of byDay) {
    const first = (weekday - firstWeekday + 7) % 7
    const last = first + Math.floor((length - 1 - first) / 7) * 7
    if (nth === 0 || !countsInMonth) for (let day = first; day < length; day += 7) bits |= dayBit(day, length)
    else bits |= dayBit(nth > 0 ? first + (nth - 1) * 7 : last + (nth + 1) * 7, length)
  }
  return bits
}

/** Of a day counted from zero; none outside the month. */
function dayBit(day: number, length: number): number {
  return day >= 0 && day < length ? 1 << day : 0
}
