import { civilDay, dayNumber, daysInMonth, daysInYear, isLeapYear, modulo, weekdayOf } from '../time/civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import { wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import { completeRule, matchesDay } from './matches-day.ts'
import type { Rule } from './rule.ts'

/**
 * A rule as a row of periods (days, weeks from WKST, months or years), INTERVAL apart; period 0 holds the start. The instances of
 * a period are offsets from its first midnight. How they lie depends on few things only, such as the length of a month and
 * its first weekday, so they are worked out once per shape and looked up from then on.
 */
export interface Periods {
  /** The last period that begins on or before the day. */
  indexOf(day: number): number
  firstDay(index: number): number
  /** Milliseconds of wall time after midnight of the first day, ascending, BYSETPOS applied. */
  offsets(index: number): readonly number[]
}

export function periodsOf(rule: Rule, start: LocalTime): Periods {
  const complete = completeRule(rule, start)
  const wall = wallMs(start)
  const startDay = Math.floor(wall / DAY_MS)
  const times = timesOfDay(complete, modulo(wall, MINUTE_MS))
  switch (rule.freq) {
    case 'DAILY':
      return dailyPeriods(complete, times, startDay)
    case 'WEEKLY':
      return weeklyPeriods(complete, times, startDay)
    case 'MONTHLY':
      return monthlyPeriods(complete, times, startDay)
    case 'YEARLY':
      return yearlyPeriods(complete, times, startDay)
  }
}

const NONE: readonly number[] = []

function dailyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const everyDay = rule.byMonth.length + rule.byMonthDay.length + rule.byDay.length === 0
  const chosen = atPositions(times, rule.bySetPos)
  const firstDay = (index: number): number => startDay + index * rule.interval
  return {
    indexOf: (day) => Math.floor((day - startDay) / rule.interval),
    firstDay,
    offsets: (index) => (everyDay || matchesDay(rule, firstDay(index)) ? chosen : NONE),
  }
}

function weeklyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const startWeek = startDay - modulo(weekdayOf(startDay) - rule.wkst, 7)
  const firstDay = (index: number): number => startWeek + index * rule.interval * 7
  const everyWeek = rule.byMonth.length > 0 ? undefined : offsetsIn(rule, times, startWeek, 7)
  return {
    indexOf: (day) => Math.floor((day - startWeek) / (rule.interval * 7)),
    firstDay,
    offsets: (index) => everyWeek ?? offsetsIn(rule, times, firstDay(index), 7),
  }
}

function monthlyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const startMonth = monthOf(startDay)
  const shapes: (readonly number[])[] = []
  const month = (index: number): number => startMonth + index * rule.interval
  const firstDay = (index: number): number => dayNumber(Math.floor(month(index) / 12), modulo(month(index), 12) + 1, 1)
  return {
    indexOf: (day) => Math.floor((monthOf(day) - startMonth) / rule.interval),
    firstDay,
    offsets: (index) => {
      const ofYear = modulo(month(index), 12) + 1
      if (rule.byMonth.length > 0 && !rule.byMonth.includes(ofYear)) return NONE
      const length = daysInMonth(Math.floor(month(index) / 12), ofYear)
      const first = firstDay(index)
      return (shapes[length * 7 + weekdayOf(first)] ??= offsetsIn(rule, times, first, length))
    },
  }
}

function yearlyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const startYear = civilDay(startDay).year
  const shapes: (readonly number[])[] = []
  const firstDay = (index: number): number => dayNumber(startYear + index * rule.interval, 1, 1)
  return {
    indexOf: (day) => Math.floor((civilDay(day).year - startYear) / rule.interval),
    firstDay,
    offsets: (index) => {
      const year = startYear + index * rule.interval
      const first = firstDay(index)
      return (shapes[shapeOfYear(year, first)] ??= offsetsIn(rule, times, first, daysInYear(year)))
    },
  }
}

/** Months since year 0. */
function monthOf(day: number): number {
  const { year, month } = civilDay(day)
  return year * 12 + month - 1
}

/** The neighbours' lengths decide the week numbers of the days around New Year. */
function shapeOfYear(year: number, first: number): number {
  const leaps = Number(isLeapYear(year - 1)) + Number(isLeapYear(year)) * 2 + Number(isLeapYear(year + 1)) * 4
  return leaps * 7 + weekdayOf(first)
}

function offsetsIn(rule: Rule, times: readonly number[], firstDay: number, days: number): readonly number[] {
  const offsets: number[] = []
  for (let i = 0; i < days; i++) {
    if (matchesDay(rule, firstDay + i)) for (const time of times) offsets.push(i * DAY_MS + time)
  }
  return atPositions(offsets, rule.bySetPos)
}

/** BYSETPOS: the n-th of a whole period, before the start and the end of the rule are looked at. */
function atPositions(offsets: readonly number[], positions: readonly number[]): readonly number[] {
  if (positions.length === 0) return offsets
  return offsets.filter((_, i) => positions.includes(i + 1) || positions.includes(i - offsets.length))
}

/** `msOfMinute`: the start's second, which every instance keeps. */
function timesOfDay({ byHour, byMinute }: Rule, msOfMinute: number): readonly number[] {
  return byHour.flatMap((hour) => byMinute.map((minute) => hour * HOUR_MS + minute * MINUTE_MS + msOfMinute))
}
