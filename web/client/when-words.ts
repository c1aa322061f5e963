import type { Span } from './room-state.ts'
import { dateIn, dayIn, dayOf, timeIn, zoneWords } from './zone.ts'

type Times = Pick<Span, 'start' | 'end'>

/** `Tue 24 Nov, 14:00–14:30, Berlin time (UTC+1)`. */
export function whenWords({ start, end }: Times, zone: string): string {
  const day = dayIn(zone, start)
  const until =
    dateIn(zone, start) === dateIn(zone, end - 1) ? timeIn(zone, end) : `${dayIn(zone, end)} ${timeIn(zone, end)}`
  return `${day}, ${timeIn(zone, start)}–${until}, ${zoneWords(zone, start)}`
}

/** The same where the meeting is at home; undefined when the clocks agree. */
export function whenThere(span: Times, zone: string, viewerZone: string): string | undefined {
  const clock = (of: string, at: number) => `${dateIn(of, at)} ${timeIn(of, at)}`
  const isSame = clock(zone, span.start) === clock(viewerZone, span.start)
  return isSame && clock(zone, span.end) === clock(viewerZone, span.end) ? undefined : whenWords(span, zone)
}

/** Of a meeting that lasts whole days, which are those of its own zone: `Tue 24 Nov, all day`, `Tue 24 Nov–Thu 26 Nov, all day`. */
export function daysWords({ start, end }: Times, zone: string): string {
  const [first, last] = [dateIn(zone, start), dateIn(zone, end - 1)]
  return `${first === last ? dayOf(first) : `${dayOf(first)}–${dayOf(last)}`}, all day`
}
