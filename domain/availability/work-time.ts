import type { WorkingHours } from '../people/user.ts'
import { civilDay, weekdayOf } from '../time/civil.ts'
import { DAY_MS, MINUTE_MS, instant } from '../time/instant.ts'
import type { Zone } from '../time/zone.ts'
import { type Bits, DAY_MINUTES, type Grid, WORD_MINUTES, emptyBits, fillMinutes, fillSpan } from './bitmap.ts'
import type { HourSpans } from './person-rules.ts'

/** When somebody works: his week in his zone, days that are otherwise, and holidays. */
export interface WorkTime {
  zone: Zone
  weekly: WorkingHours
  /** By local day `YYYY-MM-DD`; stands over the week and over holidays. */
  dates?: Readonly<Record<string, HourSpans>> | undefined
  /** Local days `YYYY-MM-DD` without work. */
  holidays?: ReadonlySet<string> | undefined
}

/**
 * The minutes of the grid whose wall clock in the zone lies in the hours of that local day. An hour that the clock passes twice is work both
 * times, one that it leaves out never is.
 *
 * Between two changes of the zone's offset the wall clock is the instant plus a constant; so within each such stretch the hours are moved by
 * that constant and cut to the stretch, and the zone is asked a few times per stretch, never per minute.
 */
export function workBits(grid: Grid, work: WorkTime): Bits {
  const bits = emptyBits(grid)
  const origin = grid.firstWord * WORD_MINUTES
  const week = WEEKDAYS.map((day) => minutesOf(work.weekly[day] ?? []))
  for (const { from, until, offset } of stretchesOf(work.zone, origin, origin + bits.length * WORD_MINUTES)) {
    const [wallFrom, wallUntil] = [from + offset, until + offset]
    const shift = origin + offset
    const lastDay = Math.floor((wallUntil - 1) / DAY_MINUTES)
    for (let day = Math.floor(wallFrom / DAY_MINUTES); day <= lastDay; day++) {
      const spans = exceptional(work, day) ?? week[weekdayOf(day)]!
      const midnight = day * DAY_MINUTES
      for (let i = 0; i < spans.length; i += 2) {
        const begin = Math.max(midnight + spans[i]!, wallFrom)
        fillMinutes(bits, begin - shift, Math.min(midnight + spans[i + 1]!, wallUntil) - shift)
      }
    }
  }
  return bits
}

/** Sets all of one local day, in days since 1970. */
export function fillLocalDay(bits: Bits, grid: Grid, zone: Zone, day: number): void {
  fillSpan(bits, grid, zone.instantOf(day * DAY_MS), zone.instantOf((day + 1) * DAY_MS))
}

/** `YYYY-MM-DD` of a day since 1970. */
export function dayName(day: number): string {
  const { year, month, day: dayOfMonth } = civilDay(day)
  return `${year}-${TWO[month]}-${TWO[dayOfMonth]}`
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const TWO = Array.from({ length: 32 }, (_, n) => String(n).padStart(2, '0'))
const FREE: readonly number[] = []

function exceptional({ dates, holidays }: WorkTime, day: number): readonly number[] | undefined {
  if (dates === undefined && holidays === undefined) return undefined
  const name = dayName(day)
  const own = dates !== undefined && Object.hasOwn(dates, name) ? dates[name] : undefined
  if (own !== undefined) return minutesOf(own)
  return holidays?.has(name) === true ? FREE : undefined
}

/** `[["09:00", "17:00"], …]` as `[540, 1020, …]`. */
function minutesOf(spans: HourSpans): number[] {
  const minutes: number[] = []
  for (const [from, until] of spans) minutes.push(minuteOfDay(from), minuteOfDay(until))
  return minutes
}

function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

/** Minutes since 1970, `[from, until)`; `offset` in minutes east of UTC. */
interface Stretch {
  from: number
  until: number
  offset: number
}

/** No two changes of a zone lie closer (domain/time/zone.ts), so between two probes this far apart there is at most one. */
const PROBE_MINUTES = 6 * DAY_MINUTES

function stretchesOf(zone: Zone, from: number, until: number): Stretch[] {
  const stretches: Stretch[] = []
  let stretch: Stretch = { from, until, offset: offsetAt(zone, from) }
  for (let at = from; at < until;) {
    const next = Math.min(at + PROBE_MINUTES, until)
    const offset = offsetAt(zone, next)
    if (offset !== stretch.offset) {
      const change = changeWithin(zone, at, next, stretch.offset)
      stretches.push({ ...stretch, until: change })
      stretch = { from: change, until, offset }
    }
    at = next
  }
  if (stretch.from < until) stretches.push(stretch)
  return stretches
}

/** The first minute in (from, until] whose offset is no longer `before`. */
function changeWithin(zone: Zone, from: number, until: number, before: number): number {
  let [low, high] = [from, until]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

function offsetAt(zone: Zone, minute: number): number {
  return Math.floor(zone.offsetAt(instant(minute * MINUTE_MS)) / MINUTE_MS)
}
