import { type Instant, type Interval, MINUTE_MS } from '../../domain/time/instant.ts'

const QUARTER_MS = 15 * MINUTE_MS

/**
 * Who and what is taken when, while the demo's meetings are being made up. Time is counted in quarter hours; every time of
 * the demo starts and ends on one, in any zone.
 */
export interface Diary {
  isFree(id: string, spans: readonly Interval[]): boolean
  take(id: string, spans: readonly Interval[]): void
}

export function createDiary(): Diary {
  const taken = new Map<string, Set<number>>()
  return {
    isFree(id, spans) {
      const quarters = taken.get(id)
      return quarters === undefined || !spans.some((span) => quartersOf(span).some((quarter) => quarters.has(quarter)))
    },
    take(id, spans) {
      const quarters = taken.get(id) ?? new Set()
      for (const span of spans) for (const quarter of quartersOf(span)) quarters.add(quarter)
      taken.set(id, quarters)
    },
  }
}

/** The spans with time added before and after each. */
export function widened(spans: readonly Interval[], beforeMinutes = 0, afterMinutes = 0): Interval[] {
  return spans.map(({ start, end }) => ({
    start: (start - beforeMinutes * MINUTE_MS) as Instant,
    end: (end + afterMinutes * MINUTE_MS) as Instant,
  }))
}

function quartersOf({ start, end }: Interval): number[] {
  const first = Math.floor(start / QUARTER_MS)
  return Array.from({ length: Math.ceil(end / QUARTER_MS) - first }, (_, i) => first + i)
}
