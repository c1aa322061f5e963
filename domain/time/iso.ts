import { civilDay, dayNumber, daysInMonth } from './civil.ts'
import { DAY_MS, HOUR_MS, instant, MINUTE_MS, SECOND_MS } from './instant.ts'
import type { Instant } from './instant.ts'

/** ISO 8601 in UTC: `2026-03-08T07:30:00Z`; milliseconds appear only when they are not zero. Years 0 to 9999. */
export function formatInstant(at: Instant): string {
  const day = Math.floor(at / DAY_MS)
  const ms = at - day * DAY_MS
  const { year, month, day: dayOfMonth } = civilDay(day)
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`
  const hour = Math.floor(ms / HOUR_MS)
  const minute = Math.floor(ms / MINUTE_MS) % 60
  const second = Math.floor(ms / SECOND_MS) % 60
  const fraction = ms % SECOND_MS === 0 ? '' : `.${pad(ms % SECOND_MS, 3)}`
  return `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}Z`
}

/**
 * Reads ISO 8601 with a mandatory offset: `2026-03-08T07:30:00Z`, `2026-03-08T08:30+01:00`. Real dates only, seconds
 * optional, up to three decimals. Undefined for anything else, a leap second or `-00:00` (RFC 3339 4.3: unknown) included.
 */
export function parseInstant(text: string): Instant | undefined {
  const m = ISO.exec(text)
  if (m === null) return undefined
  const year = Number(m[1])
  const month = Number(m[2])
  const day = Number(m[3])
  const hour = Number(m[4])
  const minute = Number(m[5])
  const second = m[6] === undefined ? 0 : Number(m[6])
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const offset = offsetMs(m[8]!)
  if (offset === undefined) return undefined
  const fraction = m[7] === undefined ? 0 : Number(m[7].padEnd(3, '0'))
  const time = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fraction
  return instant(dayNumber(year, month, day) * DAY_MS + time - offset)
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})$/

/** No zone on Earth is further than 18 hours from UTC; the bound is the one of ISO 8601 users such as java.time. */
const MAX_OFFSET_MS = 18 * HOUR_MS

function offsetMs(text: string): number | undefined {
  if (text === 'Z') return 0
  if (text === '-00:00') return undefined
  const minutes = Number(text.slice(4))
  const ms = Number(text.slice(1, 3)) * HOUR_MS + minutes * MINUTE_MS
  if (minutes > 59 || ms > MAX_OFFSET_MS) return undefined
  return text.startsWith('-') ? -ms : ms
}

function pad(n: number, width: number): string {
  return String(n).padStart(width, '0')
}
