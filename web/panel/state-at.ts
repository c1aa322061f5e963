import type { RoomBooking, RoomStateView, RoomStatus } from '../client/contract.ts'
import type { RoomState, Span } from '../client/room-state.ts'

/** What is known of the room: what the server said, when (server clock, epoch ms), and the bookings of the next 48 h. */
export interface Known {
  view: RoomStateView
  readAt: number
  spans: RoomState
}

/** How the room stands at one moment. */
export interface RoomAt {
  status: RoomStatus
  current: RoomBooking | null
  next: RoomBooking | null
  /** Free until then, epoch milliseconds; Infinity when nothing is in sight. */
  freeUntil: number
}

/** They do not come from a booking, so none that is over or to come changes them. */
const KEPT: readonly RoomStatus[] = ['held', 'blocked', 'unknown']

/**
 * What the server said, moved on to `now`: bookings begin and end by the clock, also while nobody answers. That somebody has
 * checked in or that a room was given back is never assumed.
 */
export function stateAt({ view, readAt, spans }: Known, now: number): RoomAt {
  const told = [view.current, view.next].filter((booking) => booking !== null)
  const later = spans.filter(({ id, start }) => start > readAt && told.every((one) => one.allocationId !== id))
  const ahead = [...told, ...later.map(bookingOf)]
    .filter((booking) => Date.parse(booking.end) > now)
    .toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start))
  const [first = null, second = null] = ahead

  if (isOverrun(view, now) && (first === null || Date.parse(first.start) > now))
    return { status: 'overrun', current: view.current, next: first, freeUntil: now }
  if (first !== null && opensAt(first) <= now) {
    const isTold = first.allocationId === view.current?.allocationId
    const status = isTold ? view.status : first.checkIn === 'done' ? 'checked_in' : 'reserved'
    return { status, current: first, next: second, freeUntil: now }
  }
  // Some rooms are set up and cleaned between bookings.
  const isTold = first !== null && first === view.next
  const freeUntil = Date.parse((isTold && view.freeUntil) || (first?.start ?? ''))
  const isBuffer = freeUntil <= now && first !== null
  const status = KEPT.includes(view.status) ? view.status : isBuffer ? 'blocked' : 'free'
  return { status, current: null, next: first, freeUntil: Number.isNaN(freeUntil) ? Infinity : freeUntil }
}

/** When the server has more to say by the clock alone, epoch milliseconds; Infinity when it has not. */
export function nextChange({ view }: Known, now: number): number {
  const { current, next } = view
  const instants = [current?.end, current?.start, current?.releaseAt, next?.checkInOpensAt, next?.start, view.freeUntil]
  return Math.min(...instants.map((at) => Date.parse(at ?? '')).filter((at) => at > now), Infinity)
}

function isOverrun({ status, current, occupancy }: RoomStateView, now: number): boolean {
  if (status === 'overrun') return true
  return status === 'checked_in' && current !== null && Date.parse(current.end) <= now && occupancy?.present === true
}

function opensAt({ start, checkInOpensAt }: RoomBooking): number {
  return Math.min(Date.parse(start), Date.parse(checkInOpensAt ?? start))
}

function bookingOf({ id, start, end }: Span): RoomBooking {
  return {
    allocationId: id,
    meetingId: '',
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    checkIn: 'later',
    checkInOpensAt: null,
    checkedInAt: null,
    releaseAt: null,
    warnedAt: null,
    keptAt: null,
  }
}
