import type { RoomState } from '../client/room-state.ts'
import { addDays, dateIn, instantIn } from '../client/zone.ts'

/** The stretch of one day that a line shows, in epoch milliseconds. */
export interface DayScale {
  start: number
  end: number
  /** Instants of the hours that get a label. */
  marks: number[]
}

const HOUR_MS = 3_600_000
const FIRST_HOUR = 7
const LAST_HOUR = 20

/** From 7:00 to 20:00, wider when something that day lies outside: one scale for all rooms of a floor. */
export function dayScale(rooms: Iterable<RoomState>, date: string, zone: string): DayScale {
  const midnight = instantIn(zone, date, '00:00')
  const nextMidnight = instantIn(zone, addDays(date, 1), '00:00')
  let start = instantIn(zone, date, hour(FIRST_HOUR))
  let end = instantIn(zone, date, hour(LAST_HOUR))
  for (const spans of rooms) {
    for (const span of spans) {
      if (span.end <= midnight || span.start >= nextMidnight) continue
      if (span.start < start) start = Math.max(midnight, floorHour(span.start, midnight))
      if (span.end > end) end = Math.min(nextMidnight, -floorHour(-span.end, -midnight))
    }
  }
  const marks = [0, 4, 8, 12, 16, 20]
    .map((at) => instantIn(zone, date, hour(at)))
    .filter((at) => at >= start && at <= end && dateIn(zone, at) === date)
  return { start, end, marks }
}

/** Where on the line, in percent; what lies outside is cut off. */
export function placeOn({ start, end }: DayScale, at: number): number {
  return (100 * Math.min(Math.max(at - start, 0), end - start)) / (end - start)
}

function hour(at: number): string {
  return `${String(at).padStart(2, '0')}:00`
}

function floorHour(at: number, from: number): number {
  return from + Math.floor((at - from) / HOUR_MS) * HOUR_MS
}
