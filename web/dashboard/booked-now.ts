import type { RoomCounts } from './dashboard-shapes.ts'

/** Rooms that a booking has at this moment, whether or not anybody came. */
export function bookedNow({ reserved, checkedIn }: Pick<RoomCounts, 'reserved' | 'checkedIn'>): number {
  return reserved + checkedIn
}
