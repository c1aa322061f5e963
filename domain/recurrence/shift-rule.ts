import { type CivilDay, civilDay, daysInMonth, modulo } from '../time/civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import { localTimeOf } from '../time/local-time.ts'
import { OVER, RuleWalk } from './rule-walk.ts'
import type { ByDay, Rule } from './rule.ts'

/**
 * The rule that gives the same series moved from one wall-clock start to another. BY* parts that pin the time move along
 * if every instance then shifts by that same difference; undefined when they would not, for then the move leaves open
 * what the rule should become.
 */
export function shiftRule(rule: Rule, fromWall: number, toWall: number): Rule | undefined {
  const moved = moveParts(rule, fromWall, toWall)
  return moved !== undefined && keepsRhythm(rule, moved, fromWall, toWall) ? moved : undefined
}

function moveParts(rule: Rule, from: number, to: number): Rule | undefined {
  const byHour = moveAll(rule.byHour, hourOf(to) - hourOf(from), 0, 23)
  const byMinute = moveAll(rule.byMinute, minuteOf(to) - minuteOf(from), 0, 59)
  if (byHour === undefined || byMinute === undefined) return undefined
  const timed = { ...rule, byHour, byMinute }
  const days = Math.floor(to / DAY_MS) - Math.floor(from / DAY_MS)
  if (days === 0) return timed
  if (rule.byYearDay.length > 0 || rule.byWeekNo.length > 0 || rule.bySetPos.length > 0) return undefined
  const before = civilDay(Math.floor(from / DAY_MS))
  const after = civilDay(Math.floor(to / DAY_MS))
  const byMonth = rule.byMonth.length > 1 ? rule.byMonth : rule.byMonth.map(() => after.month)
  const byMonthDay = moveMonthDays(rule.byMonthDay, before, after, days)
  const byDay = moveWeekdays(rule.byDay, days)
  if (byMonthDay === undefined || byDay === undefined) return undefined
  return { ...timed, byMonth, byMonthDay, byDay }
}

/** Both rules side by side: as far as the start of a series is searched for, or as many instances as a year of days holds. */
function keepsRhythm(rule: Rule, moved: Rule, from: number, to: number): boolean {
  if (!pinsTime(rule)) return true
  const ours = new RuleWalk(rule, localTimeOf(from), from, from + RHYTHM_MS)
  const theirs = new RuleWalk(moved, localTimeOf(to), to, to + RHYTHM_MS)
  for (let seen = 0; seen < RHYTHM_INSTANCES; seen++) {
    const wall = ours.next()
    if (theirs.next() !== wall + (to - from)) return false
    if (wall === OVER) return true
  }
  return true
}

const RHYTHM_MS = 8 * 366 * DAY_MS
const RHYTHM_INSTANCES = 400

function pinsTime({ byMonth, byMonthDay, byDay, byWeekNo, byYearDay, byHour, byMinute }: Rule): boolean {
  return [byMonth, byMonthDay, byDay, byWeekNo, byYearDay, byHour, byMinute].some((part) => part.length > 0)
}

function moveAll(values: readonly number[], by: number, min: number, max: number): number[] | undefined {
  const moved = values.map((value) => value + by)
  return moved.every((value) => value >= min && value <= max) ? moved : undefined
}

/** One day of the month becomes the new start's, counted from the same end; of several, each moves by as many days. */
function moveMonthDays(values: readonly number[], before: CivilDay, after: CivilDay, days: number) {
  const [only, another] = values
  if (only === undefined) return values
  if (another === undefined && only === before.day) return [after.day]
  if (another === undefined && only === fromEnd(before)) return [fromEnd(after)]
  const isFromEnd = values.every((value) => value < 0)
  return isFromEnd ? moveAll(values, days, -31, -1) : moveAll(values, days, 1, 31)
}

/** Plain weekdays turn with the start. The second Tuesday can only become another Tuesday: no day after it is always the second of its kind. */
function moveWeekdays(byDay: readonly ByDay[], days: number): ByDay[] | undefined {
  const weeks = days / 7
  const moved = byDay.map(({ nth, weekday }) => ({
    nth: nth === 0 ? 0 : nth + weeks,
    weekday: modulo(weekday + days, 7) as ByDay['weekday'],
  }))
  const isCountable = moved.every(({ nth }, i) => Number.isInteger(nth) && Math.sign(nth) === Math.sign(byDay[i]!.nth))
  return isCountable ? moved.toSorted((a, b) => a.nth - b.nth || a.weekday - b.weekday) : undefined
}

/** -1 is the last day of its month. */
function fromEnd({ year, month, day }: CivilDay): number {
  return day - daysInMonth(year, month) - 1
}

function hourOf(wall: number): number {
  return Math.floor(modulo(wall, DAY_MS) / HOUR_MS)
}

function minuteOf(wall: number): number {
  return Math.floor(modulo(wall, HOUR_MS) / MINUTE_MS)
}
