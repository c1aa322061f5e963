/**
 * Wall clocks of a time zone, for showing times and for finding the days of a building. What is booked is resolved by
 * the server; nothing here decides.
 */

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** `2026-11-24`. */
export function dateIn(zone: string, at: number): string {
  return new Date(at + offsetMs(zone, at)).toISOString().slice(0, 10)
}

/** `10:42`. */
export function timeIn(zone: string, at: number): string {
  return new Date(at + offsetMs(zone, at)).toISOString().slice(11, 16)
}

/** `Tue 24 Nov`. */
export function dayIn(zone: string, at: number): string {
  return dayOf(dateIn(zone, at))
}

/** `2026-11-24` as `Tue 24 Nov`. */
export function dayOf(date: string): string {
  const at = Date.parse(`${date}T00:00Z`)
  return Number.isNaN(at) ? '' : DAY.format(at).replace(',', '')
}

/** The instant of a wall clock: in a gap by the offset before it, in an overlap the first pass (RFC 5545 3.3.5). */
export function instantIn(zone: string, date: string, time: string): number {
  const wall = Date.parse(`${date}T${time}Z`)
  const before = offsetMs(zone, wall - DAY_MS)
  const after = offsetMs(zone, wall + DAY_MS)
  const candidates = [wall - before, wall - after].filter((at) => at + offsetMs(zone, at) === wall)
  return candidates.length > 0 ? Math.min(...candidates) : wall - before
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** `Berlin time (UTC+1)`. */
export function zoneWords(zone: string, at: number): string {
  const city = zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')
  return city === 'UTC' ? 'UTC' : `${city} time (${offsetWords(offsetMs(zone, at))})`
}

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' })

// Making one takes a hundred times as long as using it.
const clocks = new Map<string, Intl.DateTimeFormat>()

/** What is added to an instant to read its wall clock as UTC. */
function offsetMs(zone: string, at: number): number {
  let clock = clocks.get(zone)
  if (clock === undefined) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
    clock = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields })
    clocks.set(zone, clock)
  }
  const parts = Object.fromEntries(clock.formatToParts(at).map((part) => [part.type, Number(part.value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts as Record<string, number | undefined>
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / MINUTE_MS) * MINUTE_MS
}

function offsetWords(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / MINUTE_MS)
  const rest = minutes % 60
  const hours = `${Math.floor(minutes / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
  return minutes === 0 ? 'UTC' : `UTC${ms < 0 ? '−' : '+'}${hours}`
}
