import { type Instant, type Interval, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, instant } from '../time/instant.ts'
import { localTimeOf } from '../time/local-time.ts'
import type { Zone } from '../time/zone.ts'
import { contentLine } from './ics-text.ts'

/**
 * The VTIMEZONE of a zone for a span: every change of the clock in it as a part of its own, so that it says exactly what we resolve
 * with; of rules and lists of dates in definitions readers make different things. Clients that know the zone by its IANA name use
 * their own.
 */
export function vtimezone(zone: Zone, span: Interval): string {
  const first = zone.offsetAt(span.start)
  return [
    contentLine('BEGIN', 'VTIMEZONE'),
    contentLine('TZID', zone.name),
    // What holds from the start on, also where the clock never changes.
    observance({ at: span.start, from: first, to: first }),
    ...[...changesIn(zone, span)].map(observance),
    contentLine('END', 'VTIMEZONE'),
  ].join('')
}

interface Change {
  at: Instant
  from: number
  to: number
}

function observance({ at, from, to }: Change): string {
  const kind = to > from ? 'DAYLIGHT' : 'STANDARD'
  return [
    contentLine('BEGIN', kind),
    contentLine('DTSTART', localTimeOf(at + from)),
    contentLine('TZOFFSETFROM', offsetText(from)),
    contentLine('TZOFFSETTO', offsetText(to)),
    contentLine('END', kind),
  ].join('')
}

/** Nowhere do two changes lie closer together (domain/time/zone.ts). */
const PROBE_MS = 6 * DAY_MS

function* changesIn(zone: Zone, { start, end }: Interval): Generator<Change> {
  for (let at: number = start; at < end; at += PROBE_MS) {
    const from = zone.offsetAt(instant(at))
    const to = zone.offsetAt(instant(Math.min(at + PROBE_MS, end)))
    if (from !== to) yield { at: bisect(zone, at, Math.min(at + PROBE_MS, end), from), from, to }
  }
}

function bisect(zone: Zone, from: number, to: number, before: number): Instant {
  let low = from
  let high = to
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / 2 / SECOND_MS) * SECOND_MS
    if (middle === low) break
    if (zone.offsetAt(instant(middle)) === before) low = middle
    else high = middle
  }
  return instant(high)
}

function offsetText(ms: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const size = Math.abs(ms)
  const seconds = Math.floor(size / SECOND_MS) % 60
  const text = two(Math.floor(size / HOUR_MS)) + two(Math.floor(size / MINUTE_MS) % 60)
  return `${ms < 0 ? '-' : '+'}${text}${seconds === 0 ? '' : two(seconds)}`
}
