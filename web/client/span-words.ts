import type { Span } from './room-state.ts'
import { dateIn, dayIn, timeIn } from './zone.ts'

/** `14:30–15:00`, with the day in front unless it is today. */
export function spanWords({ start, end }: Pick<Span, 'start' | 'end'>, now: number, zone: string): string {
  const isOneDay = dateIn(zone, start) === dateIn(zone, end - 1)
  return `${momentWords(start, now, zone)}–${isOneDay ? timeIn(zone, end) : momentWords(end, now, zone)}`
}

/** `14:30`, with the day in front unless it is today. */
export function momentWords(at: number, now: number, zone: string): string {
  return isToday(at, now, zone) ? timeIn(zone, at) : `${dayIn(zone, at)} ${timeIn(zone, at)}`
}

export function isToday(at: number, now: number, zone: string): boolean {
  return dateIn(zone, at) === dateIn(zone, now)
}
