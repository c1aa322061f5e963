import { civilDay, dayNumber, isLeapYear, modulo, weekdayOf } from '../time/civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import { completeRule } from './complete-rule.ts'
import { MonthDays } from './month-days.ts'
import type { Rule } from './rule.ts'
import { countsInYear, matchesYear } from './year-days.ts'

/**
 * A rule as a row of periods (days, weeks from WKST, months or years), INTERVAL apart; period 0 holds the start. The instances of
 * a period are offsets from its first midnight. How they lie depends on few things only, such as the length of a month and
 * its first weekday, so they are worked out once per shape and looked up from then on.
 */
export interface Periods {
  /** The last period that begins on or before the day. */
  indexOf(day: number): number
  firstDay(index: number): number
  /** Milliseconds of wall time after midnight of the first day, ascending, BYSETPOS applied. `firstDay` is that of the index. */
  offsets(index: number, firstDay: number): readonly number[]
}

/** `startWall` as in `wallMs`. */
export function periodsOf(rule: Rule, startWall: number): Periods {
  const complete = completeRule(rule, startWall)
  const startDay = Math.floor(startWall / DAY_MS)
  const times = timesOfDay(complete, modulo(startWall, MINUTE_MS))
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
  const monthDays = new MonthDays(rule)
  const chosen = atPositions(times, rule.bySetPos)
  if (everyDay) return evenPeriods(startDay, rule.interval, chosen)
  return {
    indexOf: (day) => Math.floor((day - startDay) / rule.interval),
    firstDay: (index) => startDay + index * rule.interval,
    offsets: (_, day) => (monthDays.has(day) ? chosen : NONE),
  }
}

function weeklyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const startWeek = startDay - modulo(weekdayOf(startDay) - rule.wkst, 7)
  const monthDays = new MonthDays(rule)
  const daysFrom = (first: number) => [0, 1, 2, 3, 4, 5, 6].filter((day) => monthDays.has(first + day))
  const offsetsFrom = (first: number) => atPositions(everyTime(daysFrom(first), times), rule.bySetPos)
  if (rule.byMonth.length === 0) return evenPeriods(startWeek, rule.interval * 7, offsetsFrom(startWeek))
  return {
    indexOf: (day) => Math.floor((day - startWeek) / (rule.interval * 7)),
    firstDay: (index) => startWeek + index * rule.interval * 7,
    offsets: (_, first) => offsetsFrom(first),
  }
}

/** Periods that all look alike, `days` apart. Several at a time are handed out as one: that makes the walk over them shorter. */
function evenPeriods(startDay: number, days: number, ofEach: readonly number[]): Periods {
  const offsets: number[] = []
  for (let i = 0; i < AT_A_TIME; i++) for (const offset of ofEach) offsets.push(i * days * DAY_MS + offset)
  return {
    indexOf: (day) => Math.floor((day - startDay) / (days * AT_A_TIME)),
    firstDay: (index) => startDay + index * days * AT_A_TIME,
    offsets: () => offsets,
  }
}

const AT_A_TIME = 16

function monthlyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const startMonth = monthOf(startDay)
  const monthDays = new MonthDays(rule)
  const offsetsOf = new Map<number, readonly number[]>()
  const month = (index: number): number => startMonth + index * rule.interval
  return {
    indexOf: (day) => Math.floor((monthOf(day) - startMonth) / rule.interval),
    firstDay: (index) => dayNumber(Math.floor(month(index) / 12), (month(index) % 12) + 1, 1),
    offsets: (index, first) => {
      const bits = monthDays.bitsOf(Math.floor(month(index) / 12), (month(index) % 12) + 1, first)
      let offsets = offsetsOf.get(bits)
      if (offsets === undefined) {
        offsets = atPositions(everyTime(daysOfBits(bits), times), rule.bySetPos)
        offsetsOf.set(bits, offsets)
      }
      return offsets
    },
  }
}

function yearlyPeriods(rule: Rule, times: readonly number[], startDay: number): Periods {
  const startYear = civilDay(startDay).year
  const monthDays = new MonthDays(rule)
  const shapes: (readonly number[])[] = []
  const isCounted = countsInYear(rule)
  const months = rule.byMonth.length > 0 ? rule.byMonth : ALL_MONTHS
  const daysOf = (year: number, first: number): number[] => {
    const days: number[] = []
    for (const month of months) {
      const offset = dayNumber(year, month, 1) - first
      for (const day of daysOfBits(monthDays.bitsOf(year, month, first + offset))) {
        if (!isCounted || matchesYear(rule, year, first + offset + day)) days.push(offset + day)
      }
    }
    return days
  }
  return {
    indexOf: (day) => Math.floor((civilDay(day).year - startYear) / rule.interval),
    firstDay: (index) => dayNumber(startYear + index * rule.interval, 1, 1),
    offsets: (index, first) => {
      const year = startYear + index * rule.interval
      const shape = shapeOfYear(year, first)
      return (shapes[shape] ??= atPositions(everyTime(daysOf(year, first), times), rule.bySetPos))
    },
  }
}

const ALL_MONTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

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

/** Counted from zero. */
function daysOfBits(bits: number): number[] {
  const days: number[] = []
  for (let rest = bits; rest !== 0; rest &= rest - 1) days.push(31 - Math.clz32(rest & -rest))
  return days
}

function everyTime(days: readonly number[], times: readonly number[]): number[] {
  const offsets: number[] = []
  for (const day of days) for (const time of times) offsets.push(day * DAY_MS + time)
  return offsets
}

/** BYSETPOS: the n-th of a whole period, before the start and the end of the rule are looked at. */
function atPositions(offsets: readonly number[], positions: readonly number[]): readonly number[] {
  if (positions.length === 0) return offsets
  return offsets.filter((_, i) => positions.includes(i + 1) || positions.includes(i - offsets.length))
}

/** `msOfMinute`: the start's second, which every instance keeps. */
function timesOfDay({ byHour, byMinute }: Rule, msOfMinute: number): readonly number[] {
  const times: number[] = []
  for (const hour of byHour) for (const minute of byMinute) times.push(hour * HOUR_MS + minute * MINUTE_MS + msOfMinute)
  return times
}
