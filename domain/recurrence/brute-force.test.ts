import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomRules } from '../../testkit/random-rules.ts'
import { dayNumber } from '../time/civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import { localTimeOf } from '../time/local-time.ts'
import { OVER, RuleWalk } from './rule-walk.ts'
import { formatRule } from './rule.ts'
import type { Rule } from './rule.ts'

test('BYSETPOS and everything beside it agrees with trying every day of every period', () => {
  const starts = fc.integer({ min: dayNumber(1995, 1, 1), max: dayNumber(2035, 1, 1) })
  fc.assert(
    fc.property(randomRules({ all: true }), starts, fc.nat(1439), (rule, day, minute) => {
      const start = day * DAY_MS + minute * MINUTE_MS
      const to = start + YEARS[rule.freq] * 366 * DAY_MS
      const walk = new RuleWalk(rule, localTimeOf(start), start, to)
      const ours: string[] = []
      for (let wall = walk.next(); wall !== OVER; wall = walk.next()) ours.push(localTimeOf(wall))
      const expected = tried(rule, start, to).map(localTimeOf)
      expect(ours, `${localTimeOf(start)} ${formatRule(rule)}`).toEqual(expected)
    }),
    { numRuns: 500 },
  )
}, 60_000)

const YEARS = { DAILY: 1, WEEKLY: 1, MONTHLY: 3, YEARLY: 10 } as const

/** Wall times as in `wallMs`. Slow and plain: every day of a period is asked, by the machine's own calendar. */
function tried(rule: Rule, start: number, to: number): number[] {
  const all: number[] = []
  for (let index = 0; ; index += rule.interval) {
    const [first, next] = [periodStart(rule, start, index), periodStart(rule, start, index + 1)]
    if (first > to) break
    const inPeriod: number[] = []
    for (let day = first; day < next; day += DAY_MS) {
      if (isAllowed(rule, day, start)) inPeriod.push(...timesOf(rule, start).map((time) => day + time))
    }
    const { bySetPos } = rule
    const isChosen = (i: number) => bySetPos.includes(i + 1) || bySetPos.includes(i - inPeriod.length)
    all.push(...inPeriod.filter((wall, i) => (bySetPos.length === 0 || isChosen(i)) && wall >= start))
  }
  return all.slice(0, rule.count ?? Infinity).filter((wall) => wall <= to)
}

function periodStart({ freq, wkst }: Rule, start: number, index: number): number {
  const [year, month, day] = fields(start)
  switch (freq) {
    case 'DAILY':
      return Date.UTC(year, month, day + index)
    case 'WEEKLY':
      return Date.UTC(year, month, day - ((weekday(start) - wkst + 7) % 7) + index * 7)
    case 'MONTHLY':
      return Date.UTC(year, month + index, 1)
    case 'YEARLY':
      return Date.UTC(year + index, 0, 1)
  }
}

function isAllowed(rule: Rule, at: number, start: number): boolean {
  const [year, month, day] = fields(at)
  const [, startMonth, startDay] = fields(start)
  const { freq, byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = rule
  const toMonthEnd = fields(Date.UTC(year, month + 1, 0))[2] - day
  const dayOfYear = (at - Date.UTC(year, 0, 1)) / DAY_MS + 1
  const toYearEnd = (Date.UTC(year, 11, 31) - at) / DAY_MS
  if (byMonth.length > 0 && !byMonth.includes(month + 1)) return false
  if (byMonthDay.length > 0 && !either(byMonthDay, day, toMonthEnd + 1)) return false
  if (byYearDay.length > 0 && !either(byYearDay, dayOfYear, toYearEnd + 1)) return false
  if (byWeekNo.length > 0 && !isInWeek(rule, at)) return false
  if (byDay.length > 0) {
    const [before, after] =
      freq === 'MONTHLY' || byMonth.length > 0 ? [day - 1, toMonthEnd] : [dayOfYear - 1, toYearEnd]
    return byDay.some(
      ({ nth, weekday: wanted }) =>
        wanted === weekday(at) && (nth === 0 || either([nth], Math.floor(before / 7) + 1, Math.floor(after / 7) + 1)),
    )
  }
  if (byMonthDay.length + byYearDay.length > 0 || freq === 'DAILY') return true
  if (freq === 'WEEKLY' || byWeekNo.length > 0) return weekday(at) === weekday(start)
  return day === startDay && (freq === 'MONTHLY' || byMonth.length > 0 || month === startMonth)
}

/** A week belongs to the year that holds its fourth day, and is numbered by it; from the end not in December of the year before. */
function isInWeek({ wkst, byWeekNo }: Rule, at: number): boolean {
  const fourth = (day: number) => day - ((weekday(day) - wkst + 7) % 7) * DAY_MS + 3 * DAY_MS
  const number = (day: number) => Math.floor((fourth(day) - Date.UTC(fields(fourth(day))[0], 0, 1)) / (7 * DAY_MS)) + 1
  if (fields(fourth(at))[0] > fields(at)[0]) return byWeekNo.includes(1)
  const weeks = number(Date.UTC(fields(fourth(at))[0], 11, 28))
  return either(byWeekNo, number(at), weeks - number(at) + 1)
}

function either(list: readonly number[], position: number, fromEnd: number): boolean {
  return list.includes(position) || list.includes(-fromEnd)
}

function timesOf({ byHour, byMinute }: Rule, start: number): number[] {
  const at = new Date(start)
  const hours = byHour.length > 0 ? byHour : [at.getUTCHours()]
  const minutes = byMinute.length > 0 ? byMinute : [at.getUTCMinutes()]
  return hours.flatMap((hour) => minutes.map((minute) => hour * HOUR_MS + minute * MINUTE_MS))
}

function fields(at: number): [year: number, month: number, day: number] {
  const date = new Date(at)
  return [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
}

/** 0 is Monday. */
function weekday(at: number): number {
  return (new Date(at).getUTCDay() + 6) % 7
}
