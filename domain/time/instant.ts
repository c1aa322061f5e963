/** A moment, as whole epoch milliseconds (UTC). ISO 8601 exists at the doors only. */
export type Instant = number & { readonly __brand: 'Instant' }

/** A half-open span `[start, end)`. */
export interface Interval {
  start: Instant
  end: Instant
}

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

export function instant(epochMs: number): Instant {
  return epochMs as Instant
}

export function plus(at: Instant, ms: number): Instant {
  return (at + ms) as Instant
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end
}
