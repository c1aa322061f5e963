import { addDays, dateIn, instantIn, timeIn } from '../client/zone.ts'
import type { Span } from './day-axis.ts'

/** The fields of a meeting's time, by the clock of one zone. */
export interface Draft {
  title: string
  date: string
  /** Half-open: of what ends at midnight it is the day before. */
  lastDate: string
  start: string
  end: string
}

export function draftOf(title: string | null, { start, end }: Span, zone: string): Draft {
  return {
    title: title ?? '',
    date: dateIn(zone, start),
    lastDate: dateIn(zone, end - 1),
    start: timeIn(zone, start),
    end: timeIn(zone, end),
  }
}

/** Another first day takes the last one along. */
export function withField(draft: Draft, name: keyof Draft, value: string): Partial<Draft> {
  if (name !== 'date') return { [name]: value }
  const days = daysBetween(draft.date, draft.lastDate)
  return { date: value, ...(value !== '' && !Number.isNaN(days) && { lastDate: addDays(value, days) }) }
}

/**
 * From one time of day to another. An end that is not after the start is on the next day, and what lasted a day and more goes on
 * lasting those whole days. A field that is not filled in gives no number, and nothing is after that.
 */
export function timesOf({ date, start, end }: Draft, stored: Draft, zone: string): Span {
  if (date === '' || start === '' || end === '') return NO_SPAN
  const wholeDays = daysBetween(stored.date, endDateOf(stored)) - (stored.end <= stored.start ? 1 : 0)
  const endDate = addDays(date, wholeDays + (end <= start ? 1 : 0))
  return { start: instantIn(zone, date, start), end: instantIn(zone, endDate, end) }
}

/** Whole days. */
export function daysOf({ date, lastDate }: Draft, zone: string): Span {
  if (date === '' || lastDate === '') return NO_SPAN
  return { start: instantIn(zone, date, '00:00'), end: instantIn(zone, addDays(lastDate, 1), '00:00') }
}

const NO_SPAN: Span = { start: NaN, end: NaN }
const DAY_MS = 86_400_000

function endDateOf({ lastDate, end }: Draft): string {
  return end === '00:00' ? addDays(lastDate, 1) : lastDate
}

function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS)
}
