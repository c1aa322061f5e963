import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Instant, instant } from '../time/instant.ts'
import { formatInstant } from '../time/iso.ts'
import { silentSince } from './occupancy.ts'
import {
  type RoomBooking,
  type RoomLook,
  asksForCheckIn,
  opensAt,
  releaseAt,
  standingUse,
  stateOf,
} from './room-look.ts'
import type { RoomUseState } from './room-use.ts'

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

/** What a viewer may read of a booking beside its times. */
export type Sight = (booking: RoomBooking) => { title?: string; organizer?: string }

/** For topics, which say no title and no person to anybody. */
export const BLIND: Sight = () => ({})

/** A person reads what he may read of the meeting; a panel, which everybody passes, only what the whole organisation may. */
export function sightOf(actor: Actor, roomId: string): Sight {
  return (booking) => (readsContent(actor, roomId, booking) ? contentOf(booking) : {})
}

export function readsContent(
  actor: Actor,
  roomId: string,
  { visibility, organizerId, attends }: Pick<RoomBooking, 'visibility' | 'organizerId' | 'attends'>,
): boolean {
  if (actor.role === 'panel') return actor.roomId === roomId && visibility === 'organization'
  const participantIds = attends ? [actor.userId] : []
  return can(actor, 'read_content', { kind: 'meeting', visibility, organizerId, participantIds })
}

function contentOf({ title, organizerName }: RoomBooking) {
  return { title, organizer: organizerName }
}

/** The room at that moment, as somebody with that sight sees it. Pure. */
export function roomStateView(look: RoomLook, now: Instant, sight: Sight): RoomStateView {
  const current = currentBooking(look, now)
  const next = look.bookings.find((booking) => booking !== current && booking.start > now)
  const status = statusOf(look, current, next, now)
  const silent = silentSince(look.occupancy, now)
  const { occupancy } = look
  const until = Math.min(next?.blockedFrom ?? Infinity, ...(look.held ?? []).map((span) => span.start))
  return {
    roomId: look.room.id,
    status,
    current: current === undefined ? null : bookingView(look, current, now, sight),
    next: next === undefined ? null : bookingView(look, next, now, sight),
    freeUntil: status === 'free' && until < Infinity ? formatInstant(instant(until)) : null,
    occupancy: occupancy && { present: occupancy.present, count: occupancy.count, at: formatInstant(occupancy.at) },
    staleSince: silent === undefined ? null : formatInstant(silent),
  }
}

const WAITING: ReadonlySet<RoomUseState> = new Set(['check_in_open', 'warned', 'kept', 'occupied'])
const IN_USE: ReadonlySet<RoomUseState> = new Set(['checked_in', 'empty', 'asked'])

/** The booking that has the room: the one that runs, else who waits for its check-in, else who overruns. */
export function currentBooking(look: RoomLook, now: Instant): RoomBooking | undefined {
  const live = look.bookings.filter((booking) => {
    const state = stateOf(look, booking, now)
    return WAITING.has(state) || IN_USE.has(state) || state === 'overrun'
  })
  const running = live.find((booking) => booking.start <= now && now < booking.end)
  return running ?? live.find((booking) => booking.end <= now) ?? live[0]
}

function statusOf(
  look: RoomLook,
  current: RoomBooking | undefined,
  next: RoomBooking | undefined,
  now: Instant,
): RoomStatus {
  if (!look.room.isActive) return 'blocked'
  if (current !== undefined) {
    const state = stateOf(look, current, now)
    return state === 'overrun' ? 'overrun' : IN_USE.has(state) ? 'checked_in' : 'reserved'
  }
  // The time around bookings in which a room is set up and cleaned.
  const isBuffer = look.bookings.some((booking) => booking.end <= now && now < booking.blockedUntil)
  if (isBuffer || (next !== undefined && next.blockedFrom <= now)) return 'blocked'
  if (look.held?.some((span) => span.start <= now && now < span.end)) return 'held'
  return silentSince(look.occupancy, now) !== undefined && look.occupancy?.present === true ? 'unknown' : 'free'
}

function bookingView(look: RoomLook, booking: RoomBooking, now: Instant, sight: Sight): RoomBookingView {
  const use = standingUse(look, booking)
  const asks = asksForCheckIn(look)
  const released = releaseAt(look, booking, now)
  const isOver = now >= booking.end
  const time = (at: Instant | null | undefined) => (at === null || at === undefined ? null : formatInstant(at))
  return {
    allocationId: booking.allocationId,
    meetingId: booking.meetingId,
    recurrenceId: booking.recurrenceId,
    start: formatInstant(booking.start),
    end: formatInstant(booking.end),
    ...sight(booking),
    checkIn: use.checkedInAt !== null ? 'done' : !asks ? 'none' : now < opensAt(look, booking) ? 'later' : 'open',
    checkInOpensAt: asks ? time(opensAt(look, booking)) : null,
    checkedInAt: time(use.checkedInAt),
    releaseAt: isOver || released === undefined || released >= booking.end ? null : time(released),
    warnedAt: time(use.warnedAt),
    keptAt: time(use.keptAt),
  }
}
