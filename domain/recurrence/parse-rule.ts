import { refuse } from '../refusals.ts'
import type { FieldError, Refusal } from '../refusals.ts'
import { err, ok } from '../result.ts'
import type { Result } from '../result.ts'
import type { Weekday } from '../time/civil.ts'
import { parseInstant } from '../time/iso.ts'
import type { Instant } from '../time/instant.ts'
import { FIRST_YEAR, LAST_YEAR } from '../time/local-time.ts'
import { WEEKDAY_NAMES } from './rule.ts'
import type { ByDay, Frequency, Rule } from './rule.ts'

/** The longest rule text that is read at all. */
export const MAX_RULE_LENGTH = 512

/**
 * Reads a recurrence rule strictly: the parts and ranges of RFC 5545 3.3.10 within the bounds of the public contract. The
 * parts may come in any order; one leading `RRULE:` is taken, since calendars hand rules on as whole lines. Whatever is refused is named
 * in `errors[].part`. It looks at the text alone: whether a start fits the rule is `acceptRule`'s question.
 */
export function parseRule(text: string): Result<Rule, Refusal> {
  const errors: FieldError[] = []
  if (text.length > MAX_RULE_LENGTH) {
    return invalidRule([{ part: 'RRULE', detail: `The rule is longer than ${MAX_RULE_LENGTH} characters.` }])
  }
  const parts = splitParts(text, errors)
  const rule: Rule = {
    freq: readFreq(parts, errors),
    interval: readNumber(parts, 'INTERVAL', 999, errors) ?? 1,
    count: readNumber(parts, 'COUNT', 1000, errors) ?? null,
    until: readUntil(parts, errors),
    wkst: readWkst(parts, errors),
    byMonth: readList(parts, 'BYMONTH', errors),
    byWeekNo: readList(parts, 'BYWEEKNO', errors),
    byYearDay: readList(parts, 'BYYEARDAY', errors),
    byMonthDay: readList(parts, 'BYMONTHDAY', errors),
    byDay: readByDay(parts, errors),
    byHour: readList(parts, 'BYHOUR', errors),
    byMinute: readList(parts, 'BYMINUTE', errors),
    bySetPos: readList(parts, 'BYSETPOS', errors),
  }
  if (errors.length === 0) checkTogether(rule, errors)
  return errors.length === 0 ? ok(rule) : invalidRule(errors)
}

/** The refusal of a rule; `errors` names the parts and is not empty. */
export function invalidRule(errors: FieldError[]): Result<never, Refusal> {
  return err(refuse('invalid_recurrence', errors[0]!.detail, { errors }))
}

const PART_NAMES = [
  ...['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYMONTH', 'BYWEEKNO', 'BYYEARDAY', 'BYMONTHDAY', 'BYDAY'],
  ...['BYHOUR', 'BYMINUTE', 'BYSETPOS'],
]

const LISTS = {
  BYMONTH: { min: 1, max: 12, signed: false },
  BYWEEKNO: { min: 1, max: 53, signed: true },
  BYYEARDAY: { min: 1, max: 366, signed: true },
  BYMONTHDAY: { min: 1, max: 31, signed: true },
  BYHOUR: { min: 0, max: 23, signed: false },
  BYMINUTE: { min: 0, max: 59, signed: false },
  BYSETPOS: { min: 1, max: 366, signed: true },
} as const

/** Instances per day: BYHOUR times BYMINUTE. */
const MAX_TIMES_PER_DAY = 24

function splitParts(text: string, errors: FieldError[]): Map<string, string> {
  const parts = new Map<string, string>()
  const body = text.startsWith('RRULE:') ? text.slice('RRULE:'.length) : text
  for (const piece of body.split(';')) {
    const equals = piece.indexOf('=')
    const name = equals < 0 ? piece : piece.slice(0, equals)
    const value = equals < 0 ? '' : piece.slice(equals + 1)
    if (!PART_NAMES.includes(name)) errors.push(unknownPart(name))
    else if (value === '') errors.push({ part: name, detail: `${name} has no value.` })
    else if (parts.has(name)) errors.push({ part: name, detail: `${name} is given twice.` })
    else parts.set(name, value)
  }
  return parts
}

function unknownPart(name: string): FieldError {
  if (name === '') return { part: 'RRULE', detail: 'The rule is empty, or has an empty part between semicolons.' }
  if (name === 'BYSECOND')
    return { part: name, detail: 'BYSECOND is not supported: instances keep the second of the start.' }
  const part = name.slice(0, 40)
  return { part, detail: `"${part}" is no part of a rule. Known: ${PART_NAMES.join(', ')}, in capitals.` }
}

function readFreq(parts: Map<string, string>, errors: FieldError[]): Frequency {
  const value = parts.get('FREQ')
  if (value === 'DAILY' || value === 'WEEKLY' || value === 'MONTHLY' || value === 'YEARLY') return value
  errors.push({ part: 'FREQ', detail: 'FREQ must be given, as DAILY, WEEKLY, MONTHLY or YEARLY.' })
  return 'DAILY'
}

function readNumber(parts: Map<string, string>, name: string, max: number, errors: FieldError[]): number | undefined {
  const value = parts.get(name)
  if (value === undefined) return undefined
  const n = /^\d{1,4}$/.test(value) ? Number(value) : 0
  if (n < 1 || n > max) errors.push({ part: name, detail: `${name} takes one whole number from 1 to ${max}.` })
  return n
}

function readUntil(parts: Map<string, string>, errors: FieldError[]): Instant | null {
  const value = parts.get('UNTIL')
  if (value === undefined) return null
  const m = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(value)
  const at = m === null ? undefined : parseInstant(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z`)
  const year = Number(m?.[1])
  if (at !== undefined && year >= FIRST_YEAR && year <= LAST_YEAR) return at
  const detail = `UNTIL takes one moment in UTC, as 20271231T235959Z, of the years ${FIRST_YEAR} to ${LAST_YEAR}.`
  errors.push({ part: 'UNTIL', detail })
  return null
}

function readWkst(parts: Map<string, string>, errors: FieldError[]): Weekday {
  const value = parts.get('WKST')
  if (value === undefined) return 0
  const weekday = weekdayNamed(value)
  if (weekday === undefined) errors.push({ part: 'WKST', detail: `WKST takes one of ${WEEKDAY_NAMES.join(', ')}.` })
  return weekday ?? 0
}

function readList(parts: Map<string, string>, name: keyof typeof LISTS, errors: FieldError[]): number[] {
  const value = parts.get(name)
  if (value === undefined) return []
  const { min, max, signed } = LISTS[name]
  const digits = signed ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/
  const numbers = value.split(',').map((item) => (digits.test(item) ? Number(item) : NaN))
  if (!numbers.every((n) => Math.abs(n) >= min && Math.abs(n) <= max)) {
    const range = signed ? `${min} to ${max} or -${max} to -${min}` : `${min} to ${max}`
    errors.push({ part: name, detail: `${name} takes whole numbers from ${range}, separated by commas.` })
  }
  return [...new Set(numbers)].sort((a, b) => a - b)
}

function readByDay(parts: Map<string, string>, errors: FieldError[]): ByDay[] {
  const value = parts.get('BYDAY')
  if (value === undefined) return []
  const days = new Map<string, ByDay>()
  for (const item of value.split(',')) {
    const m = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(item)
    const weekday = weekdayNamed(m?.[2] ?? '')
    const nth = Number(m?.[1] ?? 0)
    if (weekday === undefined || (m?.[1] !== undefined && nth === 0) || Math.abs(nth) > 53) {
      const detail =
        'BYDAY takes MO, TU, WE, TH, FR, SA, SU, each with a number from 1 to 53 or -53 to -1 before it or without.'
      errors.push({ part: 'BYDAY', detail })
      return []
    }
    days.set(`${nth}${weekday}`, { nth, weekday })
  }
  return [...days.values()].sort((a, b) => a.nth - b.nth || a.weekday - b.weekday)
}

/** What RFC 5545 3.3.10 and the contract say about parts beside each other. */
function checkTogether(rule: Rule, errors: FieldError[]): void {
  const wrong = (part: string, detail: string): number => errors.push({ part, detail })
  const yearly = rule.freq === 'YEARLY'
  if (rule.count !== null && rule.until !== null) wrong('UNTIL', 'COUNT and UNTIL exclude each other.')
  if (rule.byWeekNo.length > 0 && !yearly) wrong('BYWEEKNO', 'BYWEEKNO goes with FREQ=YEARLY only.')
  if (rule.byYearDay.length > 0 && !yearly) wrong('BYYEARDAY', 'BYYEARDAY goes with FREQ=YEARLY only.')
  if (rule.byMonthDay.length > 0 && rule.freq === 'WEEKLY') {
    wrong('BYMONTHDAY', 'BYMONTHDAY does not go with FREQ=WEEKLY.')
  }
  if (rule.byDay.some(({ nth }) => nth !== 0)) {
    if (!yearly && rule.freq !== 'MONTHLY')
      wrong('BYDAY', 'BYDAY takes numbers with FREQ=MONTHLY and FREQ=YEARLY only.')
    if (rule.byWeekNo.length > 0) wrong('BYDAY', 'BYDAY takes no numbers beside BYWEEKNO.')
  }
  if (Math.max(rule.byHour.length, 1) * Math.max(rule.byMinute.length, 1) > MAX_TIMES_PER_DAY) {
    const part = rule.byHour.length > 0 ? 'BYHOUR' : 'BYMINUTE'
    wrong(part, `BYHOUR times BYMINUTE is more than ${MAX_TIMES_PER_DAY} instances a day.`)
  }
  if (rule.bySetPos.length > 0 && !hasOtherBy(rule)) wrong('BYSETPOS', 'BYSETPOS needs another BY part to choose from.')
}

function hasOtherBy(rule: Rule): boolean {
  const { byMonth, byWeekNo, byYearDay, byMonthDay, byDay, byHour, byMinute } = rule
  return [byMonth, byWeekNo, byYearDay, byMonthDay, byDay, byHour, byMinute].some((list) => list.length > 0)
}

function weekdayNamed(name: string): Weekday | undefined {
  const index = (WEEKDAY_NAMES as readonly string[]).indexOf(name)
  return index < 0 ? undefined : (index as Weekday)
}
