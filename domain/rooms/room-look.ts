import type { Visibility } from '../identity/can.ts'
import type { OccurrenceStatus } from '../meetings/meeting.ts'
import { type Instant, type Interval, HOUR_MS, plus } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type Occupancy, silentSince } from './occupancy.ts'
import { type BookingRules, useRules } from './room.ts'
import type { RoomUseState } from './room-use.ts'

/** What was said and done about one booking of a room. Each fact is the time it happened. */
export interface RoomUse {
  openedAt: Instant | null
  /** The last time somebody said that they are there. */
  checkedInAt: Instant | null
  checkedInBy: string | null
  warnedAt: Instant | null
  keptAt: Instant | null
  keptBy: string | null
  overranAt: Instant | null
  endedAt: Instant | null
}

export const UNUSED: RoomUse = {
  openedAt: null,
  checkedInAt: null,
  checkedInBy: null,
  warnedAt: null,
  keptAt: null,
  keptBy: null,
  overranAt: null,
  endedAt: null,
}

/** One booking of a room with what became of it so far. */
export interface RoomBooking extends Interval {
  allocationId: string
  meetingId: string
  recurrenceId: LocalTime
  blockedFrom: Instant
  blockedUntil: Instant
  status: OccurrenceStatus
  /** One of several occurrences. */
  isRecurring: boolean
  title: string
  visibility: Visibility
  organizerId: string
  organizerName: string
  /** Of whom asks: he organizes or is invited. */
  attends: boolean
  use: RoomUse
}

export interface HeldSpan extends Interval {
  /** Of who asks. */
  isOwn: boolean
}

/** All that is known of a room around one moment. */
export interface RoomLook {
  room: { id: string; name: string; floorId: string | null; isActive: boolean; bookingRules: BookingRules }
  /** Of its building; UTC where it stands in none. */
  timezone: string
  hasPanel: boolean
  occupancy: Occupancy | null
  /** By start: what is over of late, what is on, what comes next. */
  bookings: RoomBooking[]
  /** Spans that are held, buffers included, by start. Absent: none. */
  held?: HeldSpan[] | undefined
}

/** People who stay after their time are told so for this long; then the room is occupied without a booking. */
export const LONGEST_OVERRUN_MS = 2 * HOUR_MS

/**
 * What a booking's facts make of it, whether or not its time is over. Facts from before its check-in opened belong to
 * another time and say nothing: a booking that was moved begins anew.
 */
export function phaseOf(look: RoomLook, booking: RoomBooking, now: Instant): RoomUseState {
  const use = standingUse(look, booking)
  if (use.endedAt !== null) return 'ended'
  if (use.overranAt !== null) return 'overrun'
  const inside = sees(look, now)
  if (use.checkedInAt !== null) {
    const since = emptySince(look, booking, now)
    if (since === undefined) return 'checked_in'
    return use.warnedAt !== null && use.warnedAt > since ? 'asked' : 'empty'
  }
  if (now < opensAt(look, booking)) return 'upcoming'
  if (use.keptAt !== null) return 'kept'
  if (inside === true && now >= booking.start) return 'occupied'
  return isWarned(look, booking) ? 'warned' : 'check_in_open'
}

/** The same as everybody sees it: what is over is over, also before the clock has said so. */
export function stateOf(look: RoomLook, booking: RoomBooking, now: Instant): RoomUseState {
  const phase = phaseOf(look, booking, now)
  if (now < booking.end || phase === 'ended') return phase
  return mayOverrun(look, booking, now) ? 'overrun' : 'ended'
}

/** Whether people who are inside after its end are still its people. */
export function mayOverrun(look: RoomLook, booking: RoomBooking, now: Instant): boolean {
  const isFollowed = look.bookings.some((other) => other.start >= booking.end && other.start <= now)
  return sees(look, now) === true && !isFollowed && now < booking.end + LONGEST_OVERRUN_MS
}

export function standingUse(look: RoomLook, { start, use }: RoomBooking): RoomUse {
  const from = start - useRules(look.room.bookingRules).opensMs
  const standing = (at: Instant | null) => (at !== null && at >= from ? at : null)
  return {
    openedAt: standing(use.openedAt),
    checkedInAt: standing(use.checkedInAt),
    checkedInBy: use.checkedInBy,
    warnedAt: standing(use.warnedAt),
    keptAt: standing(use.keptAt),
    keptBy: use.keptBy,
    overranAt: standing(use.overranAt),
    endedAt: standing(use.endedAt),
  }
}

/** What the sensor sees; undefined: there is none, or it is silent. */
export function sees(look: RoomLook, now: Instant): boolean | undefined {
  if (look.occupancy === null || silentSince(look.occupancy, now) !== undefined) return undefined
  return look.occupancy.present
}

export function asksForCheckIn({ room, hasPanel, occupancy }: RoomLook): boolean {
  return room.bookingRules.checkInRequired ?? (hasPanel || occupancy !== null)
}

/** When the booking has the room's attention: its check-in opens, or, where none is asked, it begins. */
export function opensAt(look: RoomLook, { start }: RoomBooking): Instant {
  return asksForCheckIn(look) ? plus(start, -useRules(look.room.bookingRules).opensMs) : start
}

/**
 * Without check-in the room is released then; undefined when it will not be. Never before the warning has had its time, so
 * that there is always a chance to say no. A silent sensor is no witness: where there is no other way to check in than to be
 * seen by it, or when it saw somebody last, nothing is released.
 */
export function releaseAt(look: RoomLook, booking: RoomBooking, now: Instant): Instant | undefined {
  const { graceMs, warnMs, emptyMs } = useRules(look.room.bookingRules)
  const use = standingUse(look, booking)
  if (!asksForCheckIn(look) || use.checkedInAt !== null || use.keptAt !== null) return undefined
  if (look.occupancy !== null && silentSince(look.occupancy, now) !== undefined) {
    const canSay = look.hasPanel || look.room.bookingRules.checkInRequired === true
    if (!canSay || (look.occupancy.present && wasSeen(look, booking))) return undefined
  }
  if (sees(look, now) === true && now >= booking.start) return undefined
  const seenAt = wasSeen(look, booking) ? (look.occupancy?.lastPresentAt as Instant) : undefined
  const due = Math.max(booking.start + graceMs, seenAt === undefined ? 0 : seenAt + emptyMs)
  const warned = isWarned(look, booking) ? (use.warnedAt as Instant) + warnMs : 0
  return Math.max(due, warned) as Instant
}

export function warnAt(look: RoomLook, booking: RoomBooking, now: Instant): Instant | undefined {
  const at = releaseAt(look, booking, now)
  const { warnMs } = useRules(look.room.bookingRules)
  return at === undefined ? undefined : (Math.max(booking.start, at - warnMs) as Instant)
}

/** Since when nobody is seen in a room that was checked in; undefined: somebody is, or nobody can tell. */
export function emptySince(look: RoomLook, booking: RoomBooking, now: Instant): Instant | undefined {
  if (look.occupancy === null || sees(look, now) !== false) return undefined
  const { checkedInAt, keptAt } = standingUse(look, booking)
  return Math.max(look.occupancy.changedAt, booking.start, checkedInAt ?? 0, keptAt ?? 0) as Instant
}

/** A warning is void once somebody was seen. */
function isWarned(look: RoomLook, booking: RoomBooking): boolean {
  const { warnedAt } = standingUse(look, booking)
  return warnedAt !== null && lastSeenAt(look) < warnedAt
}

function wasSeen(look: RoomLook, { start }: RoomBooking): boolean {
  return lastSeenAt(look) >= start
}

function lastSeenAt({ occupancy }: RoomLook): number {
  return occupancy?.lastPresentAt ?? -Infinity
}
