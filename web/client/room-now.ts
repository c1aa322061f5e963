import type { RoomState, Span } from './room-state.ts'

/** How a room stands at one moment, as far as bookings tell. */
export interface RoomNow {
  /** What runs; undefined when the room is free. */
  current: Span | undefined
  /** What comes after that. */
  next: Span | undefined
  /** Since nothing may come between bookings that follow each other: the first moment it is free again. */
  freeAt: number
}

export function roomNow(spans: RoomState, now: number): RoomNow {
  const ahead = spans.filter((span) => span.end > now)
  const current = ahead.find((span) => span.start <= now)
  const next = ahead.find((span) => span.start > now)
  let freeAt = current?.end ?? now
  for (const span of ahead) if (span.start <= freeAt && current !== undefined) freeAt = Math.max(freeAt, span.end)
  return { current, next, freeAt }
}

/** The spans that meet `[start, end)`. */
export function meeting(spans: RoomState, start: number, end: number): Span[] {
  return spans.filter((span) => span.start < end && start < span.end)
}
