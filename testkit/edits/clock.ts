import { Temporal } from 'temporal-polyfill'

/** Walls are minutes of a clock that knows no zone, instants epoch milliseconds; zones are Temporal's. */
export const DAY = 1_440
export const MS = 60_000
export const DAY_MS = DAY * MS

const known = new Map<string, number>()

export function instantOf(wall: number, zone: string): number {
  const key = `${wall} ${zone}`
  const before = known.get(key)
  if (before !== undefined) return before
  const clock = Temporal.Instant.fromEpochMilliseconds(wall * MS)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
  const at = clock.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
  known.set(key, at)
  return at
}

export function wallAt(at: number, zone: string): number {
  const clock = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime()
  return clock.toZonedDateTime('UTC').epochMilliseconds / MS
}

/** The wall of the midnight before. */
export function dayOf(wall: number): number {
  return Math.floor(wall / DAY) * DAY
}

export function isMidnight(at: number, zone: string): boolean {
  const wall = wallAt(at, zone)
  return wall === dayOf(wall)
}

/** `2027-03-20T10:00`, as doors take it. */
export function localOf(wall: number): string {
  return new Date(wall * MS).toISOString().slice(0, 16)
}

/** `20270320T100000` */
export function idOf(wall: number): string {
  return `${localOf(wall).replaceAll(/[-:]/g, '')}00`
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}
