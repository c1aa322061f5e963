import { type Instant, plus } from '../time/instant.ts'
import { silenceFrom, silentSince } from './occupancy.ts'
import { useRules } from './room.ts'
import {
  type RoomBooking,
  type RoomLook,
  LONGEST_OVERRUN_MS,
  emptySince,
  mayOverrun,
  opensAt,
  phaseOf,
  releaseAt,
  standingUse,
  warnAt,
} from './room-look.ts'
import type { ClockEvent } from './room-use.ts'

/** What time has brought: something about one booking, or that the sensor has fallen silent. */
export type DueStep = { booking: RoomBooking; event: ClockEvent } | { silent: true }

/** The first thing that is due and not done; undefined: nothing is. */
export function dueStep(look: RoomLook, now: Instant): DueStep | undefined {
  for (const booking of look.bookings) {
    const event = dueEvent(look, booking, now)
    if (event !== undefined) return { booking, event }
  }
  const { occupancy } = look
  const isUntold = occupancy !== null && (occupancy.silenceToldAt ?? 0) < occupancy.at
  return isUntold && silentSince(occupancy, now) !== undefined ? { silent: true } : undefined
}

function dueEvent(look: RoomLook, booking: RoomBooking, now: Instant): ClockEvent | undefined {
  const phase = phaseOf(look, booking, now)
  if (phase === 'ended') return undefined
  const { warnMs, emptyMs } = useRules(look.room.bookingRules)
  const { openedAt, warnedAt } = standingUse(look, booking)
  if (now >= booking.end) {
    if (!mayOverrun(look, booking, now)) return 'end_due'
    return phase === 'overrun' ? undefined : 'overstay'
  }
  if (openedAt === null && now >= opensAt(look, booking)) return 'opens'
  if (phase === 'check_in_open' && hasCome(warnAt(look, booking, now), now)) return 'warn_due'
  if (phase === 'warned' && hasCome(releaseAt(look, booking, now), now)) return 'no_show_due'
  const since = emptySince(look, booking, now)
  if (phase === 'empty' && since !== undefined && now >= since + emptyMs) return 'warn_due'
  if (phase === 'asked' && warnedAt !== null && now >= warnedAt + warnMs) return 'empty_due'
  return undefined
}

/** The next instant at which time alone may change something; undefined: never, as far as is known. May be too early, never too late. */
export function nextChangeAt(look: RoomLook, now: Instant): Instant | undefined {
  const instants = look.bookings.flatMap((booking) => changesOf(look, booking, now))
  if (look.occupancy !== null) instants.push(silenceFrom(look.occupancy))
  const ahead = instants.filter((at) => at > now)
  return ahead.length === 0 ? undefined : (Math.min(...ahead) as Instant)
}

function changesOf(look: RoomLook, booking: RoomBooking, now: Instant): Instant[] {
  if (phaseOf(look, booking, now) === 'ended') return []
  const { warnMs, emptyMs, graceMs } = useRules(look.room.bookingRules)
  const { warnedAt } = standingUse(look, booking)
  const since = emptySince(look, booking, now)
  const { start, end } = booking
  const certain = [opensAt(look, booking), start, plus(start, graceMs), end, plus(end, LONGEST_OVERRUN_MS)]
  const due = [warnAt(look, booking, now), releaseAt(look, booking, now)].filter((at) => at !== undefined)
  return [
    ...certain,
    ...due,
    ...(since === undefined ? [] : [plus(since, emptyMs)]),
    ...(warnedAt === null ? [] : [plus(warnedAt, warnMs)]),
  ]
}

function hasCome(at: Instant | undefined, now: Instant): boolean {
  return at !== undefined && now >= at
}
