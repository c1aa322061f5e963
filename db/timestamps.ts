import { dayNumber } from '../domain/time/civil.ts'
import { type Instant, DAY_MS } from '../domain/time/instant.ts'

/**
 * PostgreSQL's text form of a timestamptz in a UTC session (`2026-11-22 07:33:20.123+00`) as epoch milliseconds.
 * `infinity` and `-infinity` become ±Infinity. The other way, statements take milliseconds: `to_timestamp($1 / 1000.0)`.
 */
export function parseTimestamp(text: string): Instant {
  if (text.charCodeAt(4) !== 45 /* - */) return (text === 'infinity' ? Infinity : -Infinity) as Instant
  const days = dayNumber(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
  const seconds = digits(text, 11, 13) * 3600 + digits(text, 14, 16) * 60 + digits(text, 17, 19)
  return (days * DAY_MS + seconds * 1000 + milliseconds(text)) as Instant
}

function milliseconds(text: string): number {
  if (text.charCodeAt(19) !== 46 /* . */) return 0
  let value = 0
  let scale = 100
  for (let i = 20; scale >= 1; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    value += digit * scale
    scale /= 10
  }
  return value
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48
  return value
}
