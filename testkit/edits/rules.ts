import { DAY, MS, dayOf, iso } from './clock.ts'

/** A rule without its end. Weekdays count from Monday, 0; `nth` 0 is every such weekday; months count from 1. */
export interface Rule {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
  interval: number
  weekStart: number
  byMonth: number[]
  byMonthDay: number[]
  byDay: { nth: number; weekday: number }[]
}

export interface Ending {
  count: number | null
  /** An instant, inclusive. */
  until: number | null
}

const YEARS = 8
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const NO_PARTS = { byMonth: [], byMonthDay: [], byDay: [] }
export const DAILY: Rule = { freq: 'DAILY', interval: 1, weekStart: 0, ...NO_PARTS }

/** The same frequency with nothing pinned. */
export function plain(rule: Rule): Rule {
  return { ...rule, ...NO_PARTS }
}

export function ruleText(rule: Rule, { count, until }: Ending): string {
  const { freq, interval, weekStart, byMonth, byMonthDay, byDay } = rule
  return [
    `FREQ=${freq};INTERVAL=${interval};WKST=${WEEKDAYS[weekStart]}`,
    ...(count === null ? [] : [`COUNT=${count}`]),
    ...(until === null ? [] : [`UNTIL=${iso(until).slice(0, 19).replaceAll(/[-:]/g, '')}Z`]),
    ...(byMonth.length === 0 ? [] : [`BYMONTH=${byMonth.join()}`]),
    ...(byMonthDay.length === 0 ? [] : [`BYMONTHDAY=${byMonthDay.join()}`]),
    ...(byDay.length === 0
      ? []
      : [`BYDAY=${byDay.map(({ nth, weekday }) => `${nth || ''}${WEEKDAYS[weekday]}`).join()}`]),
  ].join(';')
}

const known = new Map<string, number[]>()

/** The walls a rule without an end gives from that start on, for eight years: every day is asked. */
export function wallsFrom(rule: Rule, start: number): number[] {
  const key = `${start} ${JSON.stringify(rule)}`
  const before = known.get(key)
  if (before !== undefined) return before
  const first = dayOf(start)
  const days = Array.from({ length: YEARS * 366 }, (_, i) => first + i * DAY)
  const walls = days.filter((day) => isGiven(rule, first, day)).map((day) => day + start - first)
  known.set(key, walls)
  return walls
}

function isGiven(rule: Rule, first: number, day: number): boolean {
  const { interval, weekStart } = rule
  const [was, is] = [dateOf(first), dateOf(day)]
  switch (rule.freq) {
    case 'DAILY':
      return ((day - first) / DAY) % interval === 0
    case 'WEEKLY': {
      const weekOf = (wall: number) => Math.floor((wall / DAY + 3 - weekStart) / 7)
      const days = rule.byDay.length === 0 ? [was.weekday] : rule.byDay.map(({ weekday }) => weekday)
      return (weekOf(day) - weekOf(first)) % interval === 0 && days.includes(is.weekday)
    }
    case 'MONTHLY':
      return ((is.year - was.year) * 12 + is.month - was.month) % interval === 0 && isDayOfMonth(rule, was, is)
    case 'YEARLY': {
      const months = rule.byMonth.length === 0 ? [was.month] : rule.byMonth
      return (is.year - was.year) % interval === 0 && months.includes(is.month) && isDayOfMonth(rule, was, is)
    }
    default:
      return rule.freq satisfies never
  }
}

type Day = ReturnType<typeof dateOf>

function isDayOfMonth({ byMonthDay, byDay }: Rule, was: Day, is: Day): boolean {
  if (byMonthDay.length > 0) return byMonthDay.some((day) => day === is.day || day === is.fromEnd)
  if (byDay.length === 0) return is.day === was.day
  return byDay.some(({ nth, weekday }) => weekday === is.weekday && (nth === is.nth || nth === is.nthFromEnd))
}

export function dateOf(wall: number) {
  const date = new Date(wall * MS)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const fromEnd = day - new Date(Date.UTC(year, month, 0)).getUTCDate() - 1
  const weekday = (date.getUTCDay() + 6) % 7
  return { year, month, day, fromEnd, weekday, nth: Math.ceil(day / 7), nthFromEnd: -Math.ceil(-fromEnd / 7) }
}

/**
 * The rule of a series that moves, if there is one that gives exactly the moved instances: weekdays turn along, an ordinal
 * moves by whole weeks, and days of the month and months are those that the instances show then, counted from the same end.
 * Undefined: what it should become is open.
 */
export function movedRule(rule: Rule, count: number | null, from: number, to: number): Rule | undefined {
  const { byMonth, byMonthDay, byDay } = rule
  if (byMonth.length + byMonthDay.length + byDay.length === 0) return rule
  const days = (dayOf(to) - dayOf(from)) / DAY
  // The day after the third Saturday is the third Sunday, but where a month begins with a Sunday: not in all years.
  if (byDay.some(({ nth }) => nth !== 0) && days % 7 !== 0) return undefined
  const turned = byDay.map(({ nth, weekday }) => ({
    nth: nth && nth + days / 7,
    weekday: (((weekday + days) % 7) + 7) % 7,
  }))
  const endless = wallsFrom(rule, from).map((wall) => wall + to - from)
  const moved = endless.slice(0, count ?? Infinity)
  for (const shown of [endless.map(dateOf), moved.map(dateOf)]) {
    const months = new Set(shown.map((day) => day.month))
    const monthDays = new Set(shown.map((day) => ((byMonthDay[0] ?? 0) < 0 ? day.fromEnd : day.day)))
    if (byMonth.length > 0 && months.size !== byMonth.length) continue
    if (byMonthDay.length > 0 && monthDays.size !== byMonthDay.length) continue
    const after = {
      ...rule,
      byMonth: byMonth.length === 0 ? [] : [...months],
      byMonthDay: byMonthDay.length === 0 ? [] : [...monthDays],
      byDay: turned,
    }
    if (isSameSo(wallsFrom(after, to).slice(0, count ?? Infinity), moved)) return after
  }
  return undefined
}

/** As far as both were looked at. */
function isSameSo(a: readonly number[], b: readonly number[]): boolean {
  const last = Math.min(a.at(-1) ?? 0, b.at(-1) ?? 0)
  const upTo = (walls: readonly number[]) => walls.filter((wall) => wall <= last).join()
  return upTo(a) === upTo(b)
}
