import { addDays, dateIn, instantIn, timeIn } from '../client/zone.ts'

/** Half-open, epoch milliseconds. */
export interface Span {
  start: number
  end: number
}

/** The stretch of one local day that the grid shows. */
export interface DayAxis extends Span {
  /** Where its columns begin, epoch milliseconds. */
  columns: readonly number[]
}

export const STEP_MINUTES = 15
export const STEP_MS = STEP_MINUTES * 60_000
const HOUR_MS = 3_600_000

/** The stretch of a day that is shown, in whole hours of the wall clock. */
export interface Hours {
  first: number
  last: number
}

const USUAL: Hours = { first: 7, last: 20 }

/**
 * From 7:00 to 20:00, wider where a span lies outside that begins on one of these days: people in other zones come into sight as
 * far as the day reaches. One scale for all days that are shown together.
 */
export function hoursFor(dates: readonly string[], zone: string, spans: Iterable<Span>): Hours {
  let { first, last } = USUAL
  for (const { start, end } of spans) {
    const date = dateIn(zone, start)
    if (!dates.includes(date)) continue
    first = Math.min(first, hourIn(zone, start))
    last = Math.max(last, dateIn(zone, end - 1) === date ? hourIn(zone, end - 1) + 1 : 24)
  }
  return { first, last }
}

export function dayAxis(date: string, zone: string, { first, last }: Hours): DayAxis {
  const start = instantIn(zone, date, clock(first))
  const end = last === 24 ? dayOf(date, zone).end : instantIn(zone, date, clock(last))
  const columns = Array.from({ length: Math.ceil((end - start) / STEP_MS) }, (_, i) => start + i * STEP_MS)
  return { start, end, columns }
}

/** The local day as a span: 23 or 25 hours where the clocks change. */
export function dayOf(date: string, zone: string): Span {
  return { start: instantIn(zone, date, '00:00'), end: instantIn(zone, addDays(date, 1), '00:00') }
}

/** The day that somebody who looks for a time means first: today until late in the afternoon, and no weekend. */
export function workdayFrom(now: number, zone: string): string {
  let date = dateIn(zone, now)
  if (hourIn(zone, now) >= LATE_HOUR) date = addDays(date, 1)
  while (weekdayOf(date) >= SATURDAY) date = addDays(date, 1)
  return date
}

const LATE_HOUR = 17
const SATURDAY = 5

/** The Monday of the week that a day belongs to. */
export function mondayOf(date: string): string {
  return addDays(date, -weekdayOf(date))
}

/** 0 is Monday. */
function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7
}

export function weekOf(date: string): string[] {
  const monday = mondayOf(date)
  return Array.from({ length: 7 }, (_, i) => addDays(monday, i))
}

/** Where on the axis, in percent; what lies outside is cut off. */
export function percentOf({ start, end }: Span, at: number): number {
  return (100 * Math.min(Math.max(at - start, 0), end - start)) / (end - start)
}

/** Position and width of a span on the axis, as a style. */
export function placeOf(axis: Span, { start, end }: Span): { left: string; width: string } {
  const left = percentOf(axis, start)
  return { left: `${left}%`, width: `${percentOf(axis, end) - left}%` }
}

/** Of these spans what lies on each of the days: each part begins and ends on one of them. */
export function partsOn(dates: readonly string[], zone: string, spans: readonly Span[]): Span[] {
  return dates.flatMap((date) => {
    const day = dayOf(date, zone)
    return spans.filter((span) => meets(span, day)).map((span) => cutTo(day, span))
  })
}

export function cutTo(whole: Span, { start, end }: Span): Span {
  return { start: Math.max(start, whole.start), end: Math.min(end, whole.end) }
}

export function covers(whole: Span, { start, end }: Span): boolean {
  return whole.start <= start && end <= whole.end
}

export function meets(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end
}

/** The hours of that zone's clock that get a label: every third one, or every one on a short axis. */
export function hourMarks({ columns, start, end }: DayAxis, zone: string): { at: number; hour: number }[] {
  const every = end - start > 8 * HOUR_MS ? 3 : 1
  return columns.flatMap((at) => {
    const [hour = 0, minute = 0] = timeIn(zone, at).split(':').map(Number)
    return minute === 0 && hour % every === 0 ? [{ at, hour }] : []
  })
}

function hourIn(zone: string, at: number): number {
  return Number(timeIn(zone, at).slice(0, 2))
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`
}
