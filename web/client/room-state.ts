import type { Allocation, RoomNews, RoomSnapshot } from './contract.ts'

/** Time a room is not free, half-open, in epoch milliseconds. */
export interface Span {
  id: string
  start: number
  end: number
  kind: string
}

/** What is known of a room's time, in order of start. */
export type RoomState = readonly Span[]

/** A series reaches 13 months ahead; a page shows days. */
const HORIZON_MS = 14 * 86_400_000

export function roomStateOf(snapshot: RoomSnapshot, now: number): RoomState {
  return relevant(snapshot.allocations.map(spanOf), now)
}

/** What a room's topic says happened, applied: released spans go, booked ones come. Events may come with neither. */
export function foldRoomNews(state: RoomState, { booked = [], released = [] }: RoomNews, now: number): RoomState {
  const replaced = new Set([...released, ...booked.map((allocation) => allocation.allocationId)])
  const kept = state.filter((span) => !replaced.has(span.id))
  return relevant([...kept, ...booked.map(spanOf)], now)
}

export function spanOf({ allocationId, start, end, kind }: Allocation): Span {
  return { id: allocationId, start: Date.parse(start), end: Date.parse(end), kind }
}

/** Keeps a day of the past: the day's line shows its morning. */
function relevant(spans: Span[], now: number): RoomState {
  return spans
    .filter((span) => span.end > now - 86_400_000 && span.start < now + HORIZON_MS)
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
}
