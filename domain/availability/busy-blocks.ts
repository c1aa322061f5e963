import type { Instant, Interval } from '../time/instant.ts'

/** What takes somebody's time, as everybody may know it who may know of him. The first of the list stands where several overlap. */
export const BUSY_KINDS = ['busy', 'absent', 'held', 'tentative'] as const
export type BusyKind = (typeof BUSY_KINDS)[number]

export interface BusyBlock extends Interval {
  status: BusyKind
}

/**
 * Blocks in order, cut to the window, none overlapping and none touching another of its kind: how many meetings a busy afternoon consists of is
 * not told.
 *
 * A sweep over all beginnings and ends: between two neighbouring ones what is on does not change.
 */
export function busyBlocks(taken: readonly BusyBlock[], window: Interval): BusyBlock[] {
  return blocksOf(taken, window, BUSY_KINDS)
}

/** The same of any kinds, of which the first of the list stands where several overlap. */
export function blocksOf<Kind extends string>(
  taken: readonly (Interval & { status: Kind })[],
  window: Interval,
  kinds: readonly Kind[],
): (Interval & { status: Kind })[] {
  const edges = taken
    .filter(({ start, end }) => start < end && start < window.end && window.start < end)
    .flatMap(({ start, end, status }) => [
      { at: Math.max(start, window.start), kind: kinds.indexOf(status), by: 1 },
      { at: Math.min(end, window.end), kind: kinds.indexOf(status), by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at)
  const blocks: (Interval & { status: Kind })[] = []
  const on = kinds.map(() => 0)
  for (const [i, { at, kind, by }] of edges.entries()) {
    on[kind]! += by
    const next = edges[i + 1]?.at ?? at
    const status = kinds[on.findIndex((count) => count > 0)]
    if (next === at || status === undefined) continue
    const last = blocks.at(-1)
    if (last !== undefined && last.end === at && last.status === status) last.end = next as Instant
    else blocks.push({ start: at as Instant, end: next as Instant, status })
  }
  return blocks
}
