import type { CalendarEntry } from './shapes.ts'

/** What was looked at last; it may have moved since, or be gone. */
export type Place = Pick<CalendarEntry, 'meetingId' | 'start'> & { id?: string }

/** That entry; else the nearest one of the same meeting, which has moved; else the one nearest in time. */
export function nearestEntry(entries: readonly CalendarEntry[], place: Place | undefined): CalendarEntry | undefined {
  if (place === undefined) return undefined
  const kin = (entry: CalendarEntry) => (entry.id === place.id ? 0 : entry.meetingId === place.meetingId ? 1 : 2)
  const distance = ({ start }: CalendarEntry) => Math.abs(Date.parse(start) - Date.parse(place.start))
  return entries.toSorted((a, b) => kin(a) - kin(b) || distance(a) - distance(b))[0]
}
