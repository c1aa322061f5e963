import { type Instant, DAY_MS } from '../../time/instant.ts'
import { type Bits, WORD_MINUTES, emptyBits, erode, hasMinute, keep, minuteOf } from '../bitmap.ts'
import type { Guest, LaterTime, Wish } from './wish.ts'

/** On how many of the dates that were looked at everybody required can come; of a single meeting 1 of 1. */
export interface Dates {
  looked: number
  complete: number
}

/** Of a series: how its dates suit those who are required. */
export interface DateBook {
  count: (starts: readonly Instant[]) => Dates
  /** Who cannot come on how many of them; who cannot come most often first, equals by id. */
  missing: (starts: readonly Instant[]) => { guest: Guest; dates: number }[]
}

/**
 * A date counts as missed by who is busy or not at work in any minute of it. That is no hard constraint: over a year everybody is away
 * some day, and a booking is not refused for it. So the first date must suit, and the share of the others that do is part of the score.
 */
export function dateBook(wish: Wish): DateBook {
  const { later, durationMinutes, required } = wish
  const guests = later === null ? [] : required.filter(({ id }) => later.free.has(id))
  if (later === null || guests.length === 0) return { count: () => ({ looked: 1, complete: 1 }), missing: () => [] }
  const all = commonRun(later, guests, durationMinutes)
  const runs = new Map<string, Bits>()
  const runOf = (guest: Guest) => {
    const run = runs.get(guest.id) ?? commonRun(later, [guest], durationMinutes)
    runs.set(guest.id, run)
    return run
  }
  const suits = ({ grid }: LaterTime, run: Bits, at: Instant) =>
    hasMinute(run, minuteOf(at) - grid.firstWord * WORD_MINUTES)
  return {
    count(starts) {
      const dates = withinReach(starts, later)
      return { looked: dates.length, complete: dates.filter((at) => suits(later, all, at)).length }
    },
    missing(starts) {
      const dates = withinReach(starts, later)
      return [...new Set(guests)]
        .map((guest) => ({ guest, dates: dates.filter((at) => !suits(later, runOf(guest), at)).length }))
        .filter((one) => one.dates > 0)
        .toSorted((a, b) => b.dates - a.dates || (a.guest.id < b.guest.id ? -1 : 1))
    },
  }
}

/** Where all of them are free for so long. */
function commonRun({ grid, free }: LaterTime, guests: readonly Guest[], minutes: number): Bits {
  const run = emptyBits(grid).fill(-1)
  for (const { id } of guests) keep(run, free.get(id)!)
  erode(run, minutes)
  return run
}

/** Counted from its own first date, so that it does not matter where the window lies. */
function withinReach(starts: readonly Instant[], { reachDays }: LaterTime): readonly Instant[] {
  const until = (starts[0] ?? 0) + reachDays * DAY_MS
  return starts.filter((at) => at < until)
}
