import { DAY_MS, MINUTE_MS } from '../time/instant.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { Zone } from '../time/zone.ts'
import { type Bits, type Grid, emptyBits, fillSpan } from './bitmap.ts'
import type { TimeRules } from './person-rules.ts'
import { fillLocalDay } from './work-time.ts'

/** What a person's time is taken by. Spans are in any order, may overlap, and may lie outside the grid. */
export interface Taken {
  zone: Zone
  rules: Pick<TimeRules, 'bufferBeforeMinutes' | 'bufferAfterMinutes' | 'meetingsPerDay'>
  /** Starts and ends in turn, epoch milliseconds: `[start, end, start, end, …]`. */
  meetings: ArrayLike<number>
  /** The same of busy time in other calendars: buffers hold for it too, it counts as no meeting of ours. */
  external: ArrayLike<number>
  absences: readonly Interval[]
}

/** How far beyond a grid meetings must be known: the longest local day, and buffers, reach into it from there. */
export const REACH_MS = 2 * DAY_MS

/**
 * The minutes in which nothing can be put: each busy span widened by the buffers (`[start - after, end + before)`: what comes before it needs
 * room after itself, and the other way round), absences, and local days that have their number of meetings already. A span without
 * length takes no time, and so no room around it either.
 */
export function blockedBits(grid: Grid, taken: Taken): Bits {
  const bits = emptyBits(grid)
  fillBlocked(bits, grid, taken)
  return bits
}

/** The same into bits that several people may share: a minute is set when it is blocked for any of them. */
export function fillBlocked(bits: Bits, grid: Grid, { zone, rules, meetings, external, absences }: Taken): void {
  const beforeMs = (rules.bufferBeforeMinutes ?? 0) * MINUTE_MS
  const afterMs = (rules.bufferAfterMinutes ?? 0) * MINUTE_MS
  for (const spans of [meetings, external]) {
    for (let i = 0; i < spans.length; i += 2) {
      const start = spans[i]!
      const end = spans[i + 1]!
      if (start < end) fillSpan(bits, grid, start - afterMs, end + beforeMs)
    }
  }
  for (const { start, end } of absences) fillSpan(bits, grid, start, end)
  for (const day of fullDays(zone, meetings, rules.meetingsPerDay)) fillLocalDay(bits, grid, zone, day)
}

function fullDays(zone: Zone, meetings: ArrayLike<number>, most: number | undefined): number[] {
  if (most === undefined) return []
  const counts = new Map<number, number>()
  for (let i = 0; i < meetings.length; i += 2) {
    const day = Math.floor(zone.wallAt(meetings[i] as Instant) / DAY_MS)
    counts.set(day, (counts.get(day) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count >= most).map(([day]) => day)
}

/** When a meeting may start by a person's notice and horizon, both inclusive. */
export function startBounds({ minimumNoticeMinutes, horizonDays }: TimeRules, now: Instant) {
  return {
    ...(minimumNoticeMinutes !== undefined && { notBefore: (now + minimumNoticeMinutes * MINUTE_MS) as Instant }),
    ...(horizonDays !== undefined && { notAfter: (now + horizonDays * DAY_MS) as Instant }),
  }
}
