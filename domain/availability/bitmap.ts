import { type Instant, type Interval, MINUTE_MS, instant } from '../time/instant.ts'

/**
 * Sets of minutes as bits. Bit `b` of word `w` is minute `(firstWord + w) * 32 + b` since 1970 (UTC), so the words of any two bitmaps lie on
 * one raster and are combined word by word, never shifted against each other. A day is 45 words.
 */
export type Bits = Int32Array

/** Which minutes the words of a bitmap stand for. */
export interface Grid {
  /** Minutes since 1970 of its first bit, divided by 32. */
  firstWord: number
  words: number
}

export const WORD_MINUTES = 32
export const DAY_MINUTES = 1_440

/** The smallest grid that holds the span. */
export function gridOver({ start, end }: Interval): Grid {
  const firstWord = Math.floor(minuteOf(start) / WORD_MINUTES)
  return { firstWord, words: Math.max(0, Math.ceil(minuteUpTo(end) / WORD_MINUTES) - firstWord) }
}

export function emptyBits({ words }: Grid): Bits {
  return new Int32Array(words)
}

export function fullBits({ words }: Grid): Bits {
  return new Int32Array(words).fill(-1)
}

/** The minute since 1970 that an instant lies in. */
export function minuteOf(at: Instant | number): number {
  return Math.floor(at / MINUTE_MS)
}

/** The first minute since 1970 that begins at an instant or after it. */
export function minuteUpTo(at: Instant | number): number {
  return Math.ceil(at / MINUTE_MS)
}

/** Sets every minute that the span touches; what lies outside the grid is left out. */
export function fillSpan(bits: Bits, grid: Grid, start: number, end: number): void {
  const origin = grid.firstWord * WORD_MINUTES
  fillMinutes(bits, minuteOf(start) - origin, minuteUpTo(end) - origin)
}

/** Sets the bits `[from, until)`, counted from the first; clipped to what there is. */
export function fillMinutes(bits: Bits, from: number, until: number): void {
  const begin = from < 0 ? 0 : from
  const last = Math.min(until, bits.length * WORD_MINUTES) - 1
  if (begin > last) return
  const firstWord = begin >>> 5
  const lastWord = last >>> 5
  const head = -1 << (begin & 31)
  const tail = -1 >>> (31 - (last & 31))
  if (firstWord === lastWord) {
    bits[firstWord]! |= head & tail
    return
  }
  bits[firstWord]! |= head
  for (let word = firstWord + 1; word < lastWord; word++) bits[word] = -1
  bits[lastWord]! |= tail
}

/** `target &= source`. Both lie on the same grid. */
export function keep(target: Bits, source: Bits): void {
  for (let word = 0; word < target.length; word++) target[word]! &= source[word]!
}

/** `target &= ~source`. Both lie on the same grid. */
export function remove(target: Bits, source: Bits): void {
  for (let word = 0; word < target.length; word++) target[word]! &= ~source[word]!
}

/** `target |= source`. Both lie on the same grid. */
export function add(target: Bits, source: Bits): void {
  for (let word = 0; word < target.length; word++) target[word]! |= source[word]!
}

/**
 * Leaves the minutes at which a run of `minutes` set minutes begins; what lies behind the last word counts as not set.
 *
 * If every bit says "the next `n` minutes are set", then ANDing each with the one `s <= n` further on says it of `n + s` minutes: so the
 * length doubles with each pass, and log2(minutes) passes do.
 */
export function erode(bits: Bits, minutes: number): void {
  let reach = 1
  while (reach < minutes) {
    const step = Math.min(reach, minutes - reach)
    keepShifted(bits, step)
    reach += step
  }
}

/** `bits[m] &= bits[m + by]`: ascending, so that what is read has not been written yet. */
function keepShifted(bits: Bits, by: number): void {
  const words = by >>> 5
  const shift = by & 31
  const { length } = bits
  for (let word = 0; word < length; word++) {
    const source = word + words
    const low = source < length ? bits[source]! >>> shift : 0
    const high = shift > 0 && source + 1 < length ? bits[source + 1]! << (32 - shift) : 0
    bits[word]! &= low | high
  }
}

/** Whether the minute, counted from the first bit, is set. */
export function hasMinute(bits: Bits, minute: number): boolean {
  return minute >= 0 && ((bits[minute >>> 5] ?? 0) & (1 << (minute & 31))) !== 0
}

export function countMinutes(bits: Bits): number {
  let count = 0
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word]!; rest !== 0; rest &= rest - 1) count++
  }
  return count
}

/** The set minutes as spans in order, cut to the window; touching ones are one. */
export function spansOf(bits: Bits, grid: Grid, window: Interval): Interval[] {
  const spans: Interval[] = []
  const origin = grid.firstWord * WORD_MINUTES
  const total = bits.length * WORD_MINUTES
  let minute = 0
  while (minute < total) {
    const from = nextEdge(bits, minute, total, 0)
    const until = nextEdge(bits, from, total, -1)
    const start = Math.max((origin + from) * MINUTE_MS, window.start)
    const end = Math.min((origin + until) * MINUTE_MS, window.end)
    if (start < end) spans.push({ start: instant(start), end: instant(end) })
    minute = until
  }
  return spans
}

/** The first minute from `minute` on that is not `same` (0: not set, -1: set); whole words of `same` are stepped over. */
function nextEdge(bits: Bits, minute: number, total: number, same: 0 | -1): number {
  let at = minute
  while (at < total) {
    const differing = (bits[at >>> 5]! ^ same) >>> (at & 31)
    if (differing !== 0) return at + 31 - Math.clz32(differing & -differing)
    at = (at | 31) + 1
  }
  return total
}
