import { HOUR_MS } from '../../domain/time/instant.ts'
import { wallMs } from '../../domain/time/local-time.ts'
import { expand } from '../../domain/recurrence/expand.ts'
import type { Series, Span } from './series.ts'

export interface Difference {
  /** Instances in the hour that the clock skips: RFC 5545 3.3.5 wants them by the offset before it, and some peers do not. */
  inGaps: number
  /** Any other instance that only one of the two gives. */
  elsewhere: number
}

/** How a peer's starts differ from ours. */
export function differences({ set }: Series, span: Span, theirs: readonly number[]): Difference {
  const { zone } = set
  const instances = expand(set, span.from, span.to, Infinity)
  const ours = new Set<number>(instances.map(({ start }) => start))
  const gaps = new Set<number>(
    instances
      .filter(({ recurrenceId, start }) => zone.wallAt(start) !== wallMs(recurrenceId))
      .map(({ start }) => start),
  )
  const given = new Set(theirs)
  const missing = [...ours].filter((start) => !given.has(start))
  const inGaps = missing.filter((start) => gaps.has(start)).length
  // What a peer puts in place of a gap's instance: the same wall time by the offset after it, an hour early.
  const extra = theirs.filter((start) => !ours.has(start) && !gaps.has(start + HOUR_MS)).length
  const repeated = theirs.length - given.size
  return { inGaps, elsewhere: missing.length - inGaps + extra + repeated }
}
