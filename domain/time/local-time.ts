import { civilDay, dayNumber, daysInMonth } from './civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './instant.ts'

/**
 * A wall-clock time without a zone, in RFC 5545 basic form: `20261124T100000`. Sorts chronologically as text.
 * Years 1970 to 2200, whole seconds.
 */
export type LocalTime = string & { readonly __brand: 'LocalTime' }

export const FIRST_YEAR = 1970
export const LAST_YEAR = 2200

/** Reads `2026-11-24T10:00` or `2026-11-24T10:00:00`; undefined unless it is a real time of a real day. */
export function parseLocalTime(iso: string): LocalTime | undefined {
  const m = EXTENDED.exec(iso)
  return m === null ? undefined : checked(m[1]!, m[2]!, m[3]!, m[4]!, m[5]!, m[6] ?? '00')
}

/** Reads `20261124T100000`; undefined unless it is a real time of a real day. */
export function parseBasicLocalTime(text: string): LocalTime | undefined {
  const m = BASIC.exec(text)
  return m === null ? undefined : checked(m[1]!, m[2]!, m[3]!, m[4]!, m[5]!, m[6]!)
}

/** The wall clock encoded as if it were UTC: epoch milliseconds that mean no instant until a zone resolves them. */
export function wallMs(local: LocalTime): number {
  const day = dayNumber(digits(local, 0, 4), digits(local, 4, 6), digits(local, 6, 8))
  const time = digits(local, 9, 11) * HOUR_MS + digits(local, 11, 13) * MINUTE_MS + digits(local, 13, 15) * SECOND_MS
  return day * DAY_MS + time
}

/** The inverse of `wallMs`; a fraction of a second is dropped. */
export function localTimeOf(wall: number): LocalTime {
  const days = Math.floor(wall / DAY_MS)
  const { year, month, day } = civilDay(days)
  const seconds = Math.floor((wall - days * DAY_MS) / SECOND_MS)
  const minutes = Math.floor(seconds / 60)
  const date = TWO[Math.floor(year / 100)]! + TWO[year % 100]! + MONTH_DAYS[month * 32 + day]!
  return (date + TIMES[minutes]! + TWO[seconds % 60]!) as LocalTime
}

const EXTENDED = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/
const BASIC = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})$/
const TWO = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'))
/** By month * 32 + day: `1124`. */
const MONTH_DAYS = Array.from({ length: 13 * 32 }, (_, n) => TWO[n >>> 5]! + TWO[n & 31]!)
/** By the minute of the day: `T1000`. */
const TIMES = Array.from({ length: 1_440 }, (_, n) => `T${TWO[Math.floor(n / 60)]!}${TWO[n % 60]!}`)

function checked(y: string, mo: string, d: string, h: string, mi: string, s: string): LocalTime | undefined {
  const year = Number(y)
  const month = Number(mo)
  const day = Number(d)
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12) return undefined
  if (day < 1 || day > daysInMonth(year, month)) return undefined
  if (Number(h) > 23 || Number(mi) > 59 || Number(s) > 59) return undefined
  return `${y}${mo}${d}T${h}${mi}${s}` as LocalTime
}

function digits(text: string, from: number, to: number): number {
  let n = 0
  for (let i = from; i < to; i++) n = n * 10 + text.charCodeAt(i) - 48
  return n
}
