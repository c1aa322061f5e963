import { addDays, dateIn, timeIn } from '../client/zone.ts'
import type { CalendarEntry } from './shapes.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The clocks furthest from UTC. */
const EAST_MS = 14 * HOUR_MS
const WEST_MS = 12 * HOUR_MS

/** The first and the last day of what lasts whole days. They are those of its own zone, wherever the viewer is. */
export function wholeDaysOf(entry: CalendarEntry, zone: string): [first: string, last: string] {
  const [start, end] = [Date.parse(entry.start), Date.parse(entry.end)]
  const first = timeIn(zone, start) === '00:00' ? dateIn(zone, start) : dayThatBegins(start, entry.recurrenceId)
  return [first, addDays(first, Math.max(1, Math.round((end - start) / DAY_MS)) - 1)]
}

/** The day whose midnight it is somewhere. Where that may be one in the far east or in the far west, the entry's name says which. */
function dayThatBegins(at: number, recurrenceId = ''): string {
  const eastern = dateIn('UTC', at + EAST_MS)
  const western = addDays(eastern, -1)
  const isNamed = recurrenceId.startsWith(western.replaceAll('-', ''))
  return isNamed && Date.parse(western) >= at - WEST_MS ? western : eastern
}
