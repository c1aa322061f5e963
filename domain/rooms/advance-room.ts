import type { Actor } from '../identity/actor.ts'
import { formatInstant } from '../time/iso.ts'
import { type Instant, plus } from '../time/instant.ts'
import { ok, unreachable } from '../result.ts'
import { giveBack, leaveEarly } from './leave-room.ts'
import type { RoomUseDeps, RoomUseTx } from './ports.ts'
import { type DueStep, dueStep, nextChangeAt } from './room-clock.ts'
import { useRules } from './room.ts'
import { type RoomBooking, type RoomLook, type RoomUse, phaseOf, releaseAt, standingUse } from './room-look.ts'
import { roomUseStep } from './room-use.ts'
import { bookingData, organizerEvent, roomUseEvent } from './room-use-news.ts'
import { type InHand, recordOf, withUse } from './use-room.ts'

/** Whom the audit and a release name when nobody but time has acted. */
export const CLOCK_USER_ID = '00000000-0000-0000-0000-000000000000'

/** A room has few things due at once; after a long standstill it goes on in the next turn. */
const MAX_STEPS = 24

/**
 * Does all that is due in a room: opens check-ins, warns, releases what nobody came for, asks in rooms left empty, ends what is
 * over. Each step is one transaction that looks again under lock, so it may be run twice, late, or by two at once. Answers
 * when it is to be run again; undefined: not before something happens.
 */
export async function advanceRoom(
  deps: RoomUseDeps,
  { organizationId, roomId, requestId }: { organizationId: string; roomId: string; requestId: string },
): Promise<Instant | undefined> {
  const actor: Actor = {
    organizationId,
    userId: CLOCK_USER_ID,
    sessionId: CLOCK_USER_ID,
    role: 'owner',
    requestId,
  }
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const now = deps.now()
    const done = await deps.transact(actor, now, async (tx) => ok(await advance(tx, actor, roomId, now)))
    if (!done.ok) throw new Error(`the clock of a room was refused: ${done.error.code}`)
    if (done.value !== 'more') return done.value.next
  }
  return deps.now()
}

async function advance(
  tx: RoomUseTx,
  actor: Actor,
  roomId: string,
  now: Instant,
): Promise<'more' | { next: Instant | undefined }> {
  const seen = await tx.look(roomId, now)
  if (seen === undefined) return { next: undefined }
  const due = dueStep(seen, now)
  if (due === undefined) return { next: nextChangeAt(seen, now) }
  if ('booking' in due) await tx.lockMeeting(due.booking.meetingId)
  await tx.lockOccupancy(roomId)
  const look = (await tx.look(roomId, now)) as RoomLook
  const still = dueStep(look, now)
  if (still !== undefined && isSame(due, still)) await apply(tx, actor, look, still, now)
  return 'more'
}

function isSame(a: DueStep, b: DueStep): boolean {
  if ('silent' in a || 'silent' in b) return 'silent' in a && 'silent' in b
  return a.event === b.event && a.booking.allocationId === b.booking.allocationId
}

async function apply(tx: RoomUseTx, actor: Actor, look: RoomLook, due: DueStep, now: Instant): Promise<void> {
  if ('silent' in due) return tellSilence(tx, actor, look, now)
  const { booking, event } = due
  const step = roomUseStep(phaseOf(look, booking, now), event)
  if (!step.ok) throw new Error(`${event} is due where it cannot be`)
  const hand: InHand = { tx, actor, now, look, booking, to: step.value }
  const use = standingUse(look, booking)
  switch (event) {
    case 'opens':
      return note(hand, { ...use, openedAt: now }, 'room.reserved')
    case 'warn_due':
      return warn(hand, { ...use, warnedAt: now })
    case 'no_show_due':
      return giveBack(hand, 'no_show', null)
    case 'empty_due':
      return leaveEarly(hand, 'empty')
    case 'overstay':
      return note(hand, { ...use, overranAt: now }, 'room.overrun')
    case 'end_due':
      return leaveEarly(hand, 'time')
    default:
      return unreachable(event)
  }
}

async function note(hand: InHand, use: RoomUse, type: 'room.reserved' | 'room.overrun'): Promise<void> {
  const { tx, actor, now, look, booking } = hand
  await tx.putUse(recordOf(hand, use))
  await tx.record(actor, {
    events: [roomUseEvent(type, withUse(look, booking, use), now, bookingData(booking))],
    audit: { action: `${type}`, subjectId: look.room.id, detail: bookingData(booking) },
  })
}

/** The room says it, and who booked it is asked. */
async function warn(hand: InHand, use: RoomUse): Promise<void> {
  const { tx, actor, now, look, booking } = hand
  await tx.putUse(recordOf(hand, use))
  const after = withUse(look, booking, use)
  const standing = after.bookings.find((other) => other.allocationId === booking.allocationId) as RoomBooking
  const isEmpty = hand.to === 'asked'
  const at = isEmpty ? plus(now, useRules(look.room.bookingRules).warnMs) : releaseAt(after, standing, now)
  const data = { reason: isEmpty ? 'empty' : 'no_show', releaseAt: at === undefined ? null : formatInstant(at) }
  await tx.record(actor, {
    events: [
      roomUseEvent('room.release_warned', after, now, { ...bookingData(booking), ...data }),
      organizerEvent('room.release_warned', look, booking, data),
    ],
    audit: { action: 'room.release_warned', subjectId: look.room.id, detail: { ...bookingData(booking), ...data } },
  })
}

async function tellSilence(tx: RoomUseTx, actor: Actor, look: RoomLook, now: Instant): Promise<void> {
  await tx.silenceTold(look.room.id, now)
  await tx.record(actor, {
    events: [roomUseEvent('room.occupancy', look, now)],
    audit: { action: 'room.sensor_silent', subjectId: look.room.id },
  })
}
