import { formatInstant } from '../time/iso.ts'
import { type Instant, DAY_MS, MINUTE_MS } from '../time/instant.ts'

export interface Room {
  id: string
  name: string
  capacity: number
  location: string | null
  floorId: string | null
  equipment: string[]
  amenities: string[]
  bookingRules: BookingRules
  isActive: boolean
  version: number
  createdAt: Instant
  updatedAt: Instant
}

/**
 * What a room asks of bookings; an absent rule asks nothing. Rules are judged when something is booked: changing them,
 * buffers included, touches bookings made from then on and leaves existing ones as they are.
 */
export interface BookingRules {
  /** Kept free before and after every booking, 0 to 120 minutes each. */
  bufferBeforeMinutes?: number | undefined
  bufferAfterMinutes?: number | undefined
  maxDurationMinutes?: number | undefined
  /** How far ahead a booking may start. */
  horizonDays?: number | undefined
  /** How long before its start a booking must be made. */
  minNoticeMinutes?: number | undefined
  /** False: single meetings only. */
  allowRecurring?: boolean | undefined
  /** Absent: the room asks for check-in when a panel stands beside it or a sensor has ever spoken of it. */
  checkInRequired?: boolean | undefined
  /** How long before its start a booking can be checked in. */
  checkInOpensMinutes?: number | undefined
  /** Without check-in the room is released so long after the start. */
  graceMinutes?: number | undefined
  /** And so long before that it is said. */
  warnMinutes?: number | undefined
  /** After check-in: how long the sensor may see nobody before it is asked whether the meeting is over. */
  emptyMinutes?: number | undefined
  /** The longest walk-up. */
  walkUpMinutes?: number | undefined
}

/** What a room's use goes by, in milliseconds, with what holds where a rule is absent. */
export function useRules(rules: BookingRules) {
  return {
    opensMs: (rules.checkInOpensMinutes ?? 10) * MINUTE_MS,
    graceMs: (rules.graceMinutes ?? 10) * MINUTE_MS,
    warnMs: (rules.warnMinutes ?? 2) * MINUTE_MS,
    emptyMs: (rules.emptyMinutes ?? 15) * MINUTE_MS,
    walkUpMs: (rules.walkUpMinutes ?? 120) * MINUTE_MS,
  }
}

/** The longest a check-in may be open before the start: bounds how far ahead a room's clock must look. */
export const MAX_CHECK_IN_OPENS_MINUTES = 60

export interface RuleRequest {
  start: Instant
  end: Instant
  now: Instant
  isRecurring: boolean
}

/** The first rule one booking would break, as a sentence; undefined when it breaks none. */
export function ruleViolation(rules: BookingRules, { start, end, now, isRecurring }: RuleRequest): string | undefined {
  const { allowRecurring, maxDurationMinutes, minNoticeMinutes, horizonDays } = rules
  if (allowRecurring === false && isRecurring) return 'This room takes no recurring meetings.'
  if (maxDurationMinutes !== undefined && end - start > maxDurationMinutes * MINUTE_MS) {
    return `A booking of this room lasts at most ${count(maxDurationMinutes, 'minute')}.`
  }
  if (minNoticeMinutes !== undefined && start - now < minNoticeMinutes * MINUTE_MS) {
    return `This room must be booked at least ${count(minNoticeMinutes, 'minute')} ahead.`
  }
  if (horizonDays !== undefined && start - now > horizonDays * DAY_MS) {
    return `This room can be booked at most ${count(horizonDays, 'day')} ahead.`
  }
  return undefined
}

/** The contract's Room. */
export interface RoomView {
  id: string
  name: string
  capacity: number
  location: string | null
  floorId: string | null
  equipment: string[]
  amenities: string[]
  isActive: boolean
  bookingRules: BookingRules
  version: number
  createdAt: string
  updatedAt: string
}

export function roomView(room: Room): RoomView {
  return {
    id: room.id,
    name: room.name,
    capacity: room.capacity,
    location: room.location,
    floorId: room.floorId,
    equipment: room.equipment,
    amenities: room.amenities,
    isActive: room.isActive,
    bookingRules: room.bookingRules,
    version: room.version,
    createdAt: formatInstant(room.createdAt),
    updatedAt: formatInstant(room.updatedAt),
  }
}

function count(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? '' : 's'}`
}
