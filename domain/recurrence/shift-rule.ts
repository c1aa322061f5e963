import { type CivilDay, civilDay, daysInMonth, modulo, weekdayOf } from '../time/civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import type { ByDay, Rule } from './rule.ts'

/**
 * The rule that gives the same series moved from one wall-clock start to another, so that every recurrence id shifts by
 * that local difference. undefined when a BY* part pins the time and the move leaves open what it should become.
 */
export function shiftRule(rule: Rule, fromWall: number, toWall: number): Rule | undefined {
  const byHour = movePinned(rule.byHour, hourOf(fromWall), hourOf(toWall))
  const byMinute = movePinned(rule.byMinute, minuteOf(fromWall), minuteOf(toWall))
  if (byHour === undefined || byMinute === undefined) return undefined
  const timed = { ...rule, byHour, byMinute }
  const from = Math.floor(fromWall / DAY_MS)
  const to = Math.floor(toWall / DAY_MS)
  return from === to ? timed : shiftDays(timed, from, to)
}

function shiftDays(rule: Rule, from: number, to: number): Rule | undefined {
  if (rule.byYearDay.length > 0 || rule.byWeekNo.length > 0 || rule.bySetPos.length > 0) return undefined
  if (rule.freq === 'WEEKLY' || rule.freq === 'DAILY') return rotateWeekdays(rule, to - from)
  const before = civilDay(from)
  const after = civilDay(to)
  const byMonthDay = movePinned(rule.byMonthDay, before.day, after.day)
  const byMonth = movePinned(rule.byMonth, before.month, after.month)
  const byDay = rule.byDay.length === 0 ? [] : moveNthWeekday(rule.byDay, after, to)
  if (byMonthDay === undefined || byMonth === undefined || byDay === undefined) return undefined
  if (byDay.length > 0 && byMonthDay.length > 0) return undefined
  return { ...rule, byMonthDay, byMonth, byDay }
}

/** Whole weekdays turn with the start. Days of one week that would fall into two different ones are ambiguous when weeks are skipped. */
function rotateWeekdays(rule: Rule, days: number): Rule | undefined {
  if (rule.byMonth.length > 0 || rule.byMonthDay.length > 0) return undefined
  const positions = rule.byDay.map(({ weekday }) => modulo(weekday - rule.wkst, 7))
  const weeks = new Set(positions.map((position) => Math.floor((position + days) / 7)))
  if (rule.interval > 1 && weeks.size > 1) return undefined
  const byDay = rule.byDay
    .map(({ nth, weekday }) => ({ nth, weekday: modulo(weekday + days, 7) as ByDay['weekday'] }))
    .toSorted((a, b) => a.weekday - b.weekday)
  return { ...rule, byDay }
}

/** The second Tuesday becomes what the new start is: the third Wednesday. The last one stays counted from the end. */
function moveNthWeekday(byDay: readonly ByDay[], after: CivilDay, to: number): ByDay[] | undefined {
  const [only, another] = byDay
  if (only === undefined || another !== undefined || only.nth === 0) return undefined
  const fromEnd = daysInMonth(after.year, after.month) - after.day
  const nth = only.nth > 0 ? Math.ceil(after.day / 7) : -Math.ceil((fromEnd + 1) / 7)
  return [{ nth, weekday: weekdayOf(to) }]
}

/** A part that names just the start's own value moves with it; any other stays only if that value did not move. */
function movePinned(values: readonly number[], from: number, to: number): readonly number[] | undefined {
  if (values.length === 0 || from === to) return values
  return values.length === 1 && values[0] === from ? [to] : undefined
}

function hourOf(wall: number): number {
  return Math.floor(modulo(wall, DAY_MS) / HOUR_MS)
}

function minuteOf(wall: number): number {
  return Math.floor(modulo(wall, HOUR_MS) / MINUTE_MS)
}
