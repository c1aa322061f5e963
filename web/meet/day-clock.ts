import { addDays, dateIn, instantIn, timeIn } from '../client/zone.ts'
import type { Hours } from './day-axis.ts'

/** Where times of one day stand below each other, by the clock on the wall: a day of 23 or 25 hours is as high as any other. */
export interface DayClock {
  /** In percent from the top; what lies outside is cut off. */
  percentOf: (at: number) => number
  /** The instant at that height; of a time that the clocks leave out the one an hour later, of one they repeat the first. */
  instantAt: (percent: number) => number
}

export function dayClock(date: string, zone: string, { first, last }: Hours): DayClock {
  const minutesOf = (at: number): number => {
    const day = dateIn(zone, at)
    if (day !== date) return day < date ? 0 : DAY_MINUTES
    const [hours = 0, minutes = 0] = timeIn(zone, at).split(':').map(Number)
    return hours * 60 + minutes
  }
  const [from, until] = [first * 60, last * 60]
  return {
    percentOf: (at) => (100 * Math.min(Math.max(minutesOf(at) - from, 0), until - from)) / (until - from),
    instantAt: (percent) => {
      const minutes = Math.round(from + (percent / 100) * (until - from))
      const day = addDays(date, Math.floor(minutes / DAY_MINUTES))
      return instantIn(zone, day, clock(((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES))
    },
  }
}

const DAY_MINUTES = 24 * 60

function clock(minutes: number): string {
  const two = (of: number) => String(of).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
