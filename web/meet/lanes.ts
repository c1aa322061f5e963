import type { Span } from './day-axis.ts'

export interface Laned<T> {
  item: T
  /** From 0, of `lanes` side by side. */
  lane: number
  lanes: number
}

/**
 * Puts what overlaps side by side: in order of start each takes the first lane that is free again. All that hangs together by
 * overlaps gets the same number of lanes, which by the order of start is the least that will do.
 */
export function lanesOf<T>(items: readonly T[], spanOf: (item: T) => Span): Laned<T>[] {
  const sorted = items.toSorted((a, b) => spanOf(a).start - spanOf(b).start || spanOf(b).end - spanOf(a).end)
  const placed: Laned<T>[] = []
  let group: Laned<T>[] = []
  let ends: number[] = []
  for (const item of sorted) {
    const { start, end } = spanOf(item)
    if (ends.every((until) => until <= start)) {
      close(group, ends.length)
      ;[group, ends] = [[], []]
    }
    const free = ends.findIndex((until) => until <= start)
    const lane = free === -1 ? ends.length : free
    ends[lane] = end
    const one = { item, lane, lanes: 1 }
    group.push(one)
    placed.push(one)
  }
  close(group, ends.length)
  return placed
}

function close(group: Laned<unknown>[], lanes: number): void {
  for (const one of group) one.lanes = lanes
}
