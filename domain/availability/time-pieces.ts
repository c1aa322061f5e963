import { civilDay, dayNumber, modulo } from '../time/civil.ts'
import { type Instant, type Interval, DAY_MS, MINUTE_MS, instant } from '../time/instant.ts'
import { type Bits, type Grid, WORD_MINUTES, fullBits } from './bitmap.ts'

/**
 * A month (UTC) of one person's time: the unit that is kept, because months are asked for again and again whatever the window. A meeting can
 * be put where `working` is set and `blocked` is not.
 */
export interface TimePiece {
  grid: Grid
  /** Shared by all whose hours are the same. */
  working: Bits
  /** Busy time with its buffers, absences, days that are full. */
  blocked: Bits
}

/** Months since 1970 that a span touches, in order. */
export function monthsIn({ start, end }: Interval): number[] {
  const first = monthOf(start)
  const last = monthOf(Math.max(start, end - 1))
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

export function monthSpan(month: number): Interval {
  return { start: monthStart(month), end: monthStart(month + 1) }
}

/** Midnights are multiples of 45 words, so a month's grid is exactly the month. */
export function monthGrid(month: number): Grid {
  const { start, end } = monthSpan(month)
  const wordMs = WORD_MINUTES * MINUTE_MS
  return { firstWord: start / wordMs, words: (end - start) / wordMs }
}

/** `target &= working & ~blocked`, for the words of the grid that the pieces cover. Grids lie on one raster, so nothing is shifted. */
export function keepFree(target: Bits, grid: Grid, pieces: readonly TimePiece[]): void {
  for (const piece of pieces) {
    const { working, blocked } = piece
    const from = Math.max(grid.firstWord, piece.grid.firstWord)
    const until = Math.min(grid.firstWord + target.length, piece.grid.firstWord + working.length)
    const source = grid.firstWord - piece.grid.firstWord
    for (let i = from - grid.firstWord; i < until - grid.firstWord; i++) {
      target[i]! &= working[i + source]! & ~blocked[i + source]!
    }
  }
}

/** The minutes of the grid in which this person can be in a meeting; the pieces cover the grid. */
export function freeBits(grid: Grid, pieces: readonly TimePiece[]): Bits {
  const bits = fullBits(grid)
  keepFree(bits, grid, pieces)
  return bits
}

function monthOf(at: number): number {
  const { year, month } = civilDay(Math.floor(at / DAY_MS))
  return (year - 1970) * 12 + month - 1
}

function monthStart(month: number): Instant {
  return instant(dayNumber(1970 + Math.floor(month / 12), modulo(month, 12) + 1, 1) * DAY_MS)
}
