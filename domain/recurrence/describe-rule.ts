import rrule from 'rrule'
import { civilDay } from '../time/civil.ts'
import { DAY_MS } from '../time/instant.ts'
import type { Instant } from '../time/instant.ts'
import type { Zone } from '../time/zone.ts'
import { WEEKDAY_NAMES } from './rule.ts'
import type { ByDay, Rule } from './rule.ts'

/**
 * A rule in English words: `every 2 weeks on Tuesday, Thursday, until 31 December 2027`. rrule words the rhythm and the weekdays; it
 * drops or misreads much of the rest (BYSETPOS, minutes, the months of a working week), so that is said here. With a zone the end
 * is the last day there, without one the last day in UTC.
 */
export function describeRule(rule: Rule, zone?: Zone): string {
  const clauses = [rhythmWords(rule)]
  if (rule.byYearDay.length > 0) clauses.push(`on ${ordinals(rule.byYearDay)} day of the year`)
  if (rule.byMonthDay.length > 0) clauses.push(`on ${ordinals(rule.byMonthDay)} day of the month`)
  if (rule.byWeekNo.length > 0) clauses.push(`in ${ordinals(rule.byWeekNo)} week of the year`)
  if (rule.byMonth.length > 0) clauses.push(`in ${join(rule.byMonth.map((month) => MONTHS[month - 1]!))}`)
  clauses.push(...timeWords(rule))
  if (rule.bySetPos.length > 0) {
    clauses.push(`(of these only ${ordinals(rule.bySetPos)} in each ${PERIODS[rule.freq]})`)
  }
  const words = clauses.join(' ')
  if (rule.count !== null) return `${words}, ${rule.count === 1 ? 'once' : `${rule.count} times`}`
  return rule.until === null ? words : `${words}, until ${dateWords(rule.until, zone)}`
}

const { RRule } = rrule

const PERIODS = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' } as const
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November'],
  'December',
]

function rhythmWords(rule: Rule): string {
  const freq = RRule[rule.freq]
  const interval = rule.interval
  if (rule.byDay.length === 0) return new RRule({ freq, interval }).toText()
  if (!rruleWordsDays(rule)) {
    return `${new RRule({ freq, interval }).toText()} on ${join(rule.byDay.map(dayWords))}`
  }
  const byweekday = rule.byDay.map(({ nth, weekday }) => {
    const day = RRule[WEEKDAY_NAMES[weekday]]
    return nth === 0 ? day : day.nth(nth)
  })
  return new RRule({ freq, interval, byweekday }).toText()
}

/** It loses working weeks in YEARLY, calls every second day that is a working day `every 2 weekdays`, and stumbles over full weeks. */
function rruleWordsDays({ freq, byDay }: Rule): boolean {
  return (freq === 'WEEKLY' && byDay.length < 7) || (freq === 'MONTHLY' && byDay.every(({ nth }) => nth !== 0))
}

function dayWords({ nth, weekday }: ByDay): string {
  return nth === 0 ? DAYS[weekday]! : `the ${ordinal(nth)} ${DAYS[weekday]}`
}

function timeWords({ byHour, byMinute }: Rule): string[] {
  if (byHour.length === 0 && byMinute.length === 0) return []
  if (byHour.length === 0) return [`at minute ${join(byMinute.map(String))} of the hour`]
  if (byMinute.length === 0) return [`in the ${byHour.length === 1 ? 'hour' : 'hours'} of ${join(byHour.map(String))}`]
  return [`at ${join(byHour.flatMap((hour) => byMinute.map((minute) => `${two(hour)}:${two(minute)}`)))}`]
}

function dateWords(at: Instant, zone: Zone | undefined): string {
  const { year, month, day } = civilDay(Math.floor((zone === undefined ? at : zone.wallAt(at)) / DAY_MS))
  return `${day} ${MONTHS[month - 1]} ${year}`
}

function ordinals(numbers: readonly number[]): string {
  return join(numbers.map((n) => `the ${ordinal(n)}`))
}

/** `1st`, `22nd`; from the end `last`, `2nd last`. */
function ordinal(n: number): string {
  if (n === -1) return 'last'
  const size = Math.abs(n)
  const teen = size % 100 >= 11 && size % 100 <= 13
  const suffix = teen ? 'th' : (['th', 'st', 'nd', 'rd'][size % 10] ?? 'th')
  return `${size}${suffix}${n < 0 ? ' last' : ''}`
}

function join(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
