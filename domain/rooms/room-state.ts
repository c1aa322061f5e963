/**
 * What a room is doing. `held`: by a hold. `reserved`: a booking has begun, or its check-in is open, and nobody has checked in.
 * `overrun`: the booking is over and the room still occupied. `blocked`: not to be booked. `unknown`: what is known is too old.
 */
export const ROOM_STATUSES = ['free', 'held', 'reserved', 'checked_in', 'overrun', 'blocked', 'unknown'] as const
export type RoomStatus = (typeof ROOM_STATUSES)[number]

/** One booking of a room as a panel, a floor or a dashboard shows it. Title and organizer only where the viewer may read them. */
export interface RoomBookingView {
  allocationId: string
  meetingId: string
  recurrenceId: string
  /** ISO 8601, as everywhere below. */
  start: string
  end: string
  title?: string
  organizer?: string
  /** `none`: the room asks for no check-in. */
  checkIn: 'none' | 'later' | 'open' | 'done'
  checkInOpensAt: string | null
  checkedInAt: string | null
  /** Without check-in the room is given back then; null when it will not be. */
  releaseAt: string | null
  /** The room has said that it is about to be released. */
  warnedAt: string | null
  /** Somebody said: keep it. Once per booking. */
  keptAt: string | null
}

/** The contract's `GET /rooms/:id/state`. */
export interface RoomStateView {
  roomId: string
  status: RoomStatus
  current: RoomBookingView | null
  next: RoomBookingView | null
  /** Null: free as far as is known, or not free at all. */
  freeUntil: string | null
  occupancy: { present: boolean; count: number | null; at: string } | null
  /** Since when nothing has been heard of its sensor, which should have spoken; null: all is well, or there is no sensor. */
  staleSince: string | null
}
