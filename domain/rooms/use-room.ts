import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { RoomUseDeps, RoomUseRecord, RoomUseTx } from './ports.ts'
import { type RoomBooking, type RoomLook, opensAt, standingUse, stateOf } from './room-look.ts'
import { type RoomStateView, currentBooking, roomStateView, sightOf } from './room-state.ts'
import { type RoomUseEvent, type RoomUseState, roomUseStep } from './room-use.ts'
import { bookingData, roomUseEvent } from './room-use-news.ts'

export interface UseRoom {
  roomId: string
  /** Of the booking meant; absent: the one that has the room. */
  allocationId?: string | undefined
}

/** One booking on which a command works, with everything locked that could change what is decided. */
export interface InHand {
  tx: RoomUseTx
  actor: Actor
  now: Instant
  look: RoomLook
  booking: RoomBooking
  /** What the event makes of it. */
  to: RoomUseState
}

/**
 * Somebody says that they are there. It may be said again. Refuses with `not_found`, `forbidden` or `illegal_transition`: too
 * early, over, or the room was given back.
 */
export function checkIn(deps: RoomUseDeps, actor: Actor, cmd: UseRoom): Promise<Result<RoomStateView, Refusal>> {
  return useRoom(deps, actor, cmd, 'check_in', async (hand) => {
    const use = { ...standingUse(hand.look, hand.booking), checkedInAt: hand.now, checkedInBy: actor.userId }
    await hand.tx.putUse(recordOf(hand, use))
    await tell(hand, 'room.checked_in', use, 'room.check_in')
  })
}

/** The veto against a release that was announced; once per booking. Refuses like `checkIn`. */
export function keepRoom(deps: RoomUseDeps, actor: Actor, cmd: UseRoom): Promise<Result<RoomStateView, Refusal>> {
  return useRoom(deps, actor, cmd, 'keep', async (hand) => {
    const use = { ...standingUse(hand.look, hand.booking), keptAt: hand.now, keptBy: actor.userId }
    await hand.tx.putUse(recordOf(hand, use))
    await tell(hand, 'room.release_vetoed', use, 'room.keep')
  })
}

type Effect = (hand: InHand) => Promise<Result<unknown, Refusal> | void>

/**
 * The frame of every command on a booked room: finds the booking, locks its meeting and what the sensor said, looks again,
 * authorises, asks the table, and lets `effect` write and record. Answers the room as the actor may see it then.
 */
export async function useRoom(
  deps: RoomUseDeps,
  actor: Actor,
  { roomId, allocationId }: UseRoom,
  event: RoomUseEvent,
  effect: Effect,
): Promise<Result<RoomStateView, Refusal>> {
  if (!can(actor, 'read', { kind: 'room', roomId })) return err(refuse('not_found'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const seen = await tx.look(roomId, now)
    if (seen === undefined) return err(refuse('not_found'))
    const meant = meantBooking(seen, allocationId, now)
    if (meant === undefined) return err(await absent(tx, roomId, allocationId, event))
    await tx.lockMeeting(meant.meetingId)
    await tx.lockOccupancy(roomId)
    const look = (await tx.look(roomId, now)) as RoomLook
    const booking = look.bookings.find((other) => other.allocationId === meant.allocationId)
    if (booking === undefined) return err(await absent(tx, roomId, meant.allocationId, event))

    if (!mayUse(actor, event, roomId, booking)) return err(refuse('forbidden'))
    const step = stepOf(look, booking, event, now)
    if (!step.ok) return step
    const done = await effect({ tx, actor, now, look, booking, to: step.value })
    if (done !== undefined && !done.ok) return done
    const after = (await tx.look(roomId, now)) as RoomLook
    return ok(roomStateView(after, now, sightOf(actor, roomId)))
  })
}

/** What a booking's use will be, as it is kept. */
export function recordOf(
  { look, booking, to }: Pick<InHand, 'look' | 'booking' | 'to'>,
  use: Pick<RoomUseRecord, keyof ReturnType<typeof standingUse>>,
  more: Pick<RoomUseRecord, 'ended' | 'released'> = {},
): RoomUseRecord {
  return { ...use, ...more, booking, roomId: look.room.id, state: to }
}

/** The same look with another use of one booking. */
export function withUse(look: RoomLook, booking: RoomBooking, use: RoomBooking['use']): RoomLook {
  return {
    ...look,
    bookings: look.bookings.map((other) => (other === booking ? { ...booking, use } : other)),
  }
}

async function tell(
  { tx, actor, now, look, booking }: InHand,
  type: 'room.checked_in' | 'room.release_vetoed',
  use: RoomBooking['use'],
  action: string,
): Promise<void> {
  const event = roomUseEvent(type, withUse(look, booking, use), now, bookingData(booking))
  await tx.record(actor, {
    events: [event],
    audit: { action, subjectId: look.room.id, detail: bookingData(booking) },
  })
}

function meantBooking(look: RoomLook, allocationId: string | undefined, now: Instant): RoomBooking | undefined {
  if (allocationId !== undefined) return look.bookings.find((booking) => booking.allocationId === allocationId)
  return currentBooking(look, now) ?? look.bookings.find((booking) => booking.start > now)
}

/** A booking that is not in the room any more says what became of it. */
async function absent(
  tx: RoomUseTx,
  roomId: string,
  allocationId: string | undefined,
  event: RoomUseEvent,
): Promise<Refusal> {
  const nothing = refuse('illegal_transition', 'Nothing is booked here at the moment.', {
    conflicts: [],
    suggestions: [],
  })
  if (allocationId === undefined) return nothing
  const state = await tx.pastUse(roomId, allocationId)
  if (state === undefined) return refuse('not_found')
  const step = roomUseStep(state === 'released' || state === 'ended' ? state : 'gone', event)
  return step.ok ? nothing : step.error
}

function mayUse(actor: Actor, event: RoomUseEvent, roomId: string, { organizerId, attends }: RoomBooking): boolean {
  const participantIds = attends ? [actor.userId] : []
  const verb = event === 'release' ? 'release' : 'use'
  return can(actor, verb, { kind: 'booking', roomId, organizerId, participantIds })
}

function stepOf(
  look: RoomLook,
  booking: RoomBooking,
  event: RoomUseEvent,
  now: Instant,
): Result<RoomUseState, Refusal> {
  const use = standingUse(look, booking)
  const state = stateOf(look, booking, now)
  // Where no check-in is asked, somebody may come early all the same: the door is open when it would be with one.
  const isEarly = state === 'upcoming' && event === 'check_in' && now >= opensAt({ ...look, hasPanel: true }, booking)
  const isBegun = event !== 'end' || now >= booking.start || use.checkedInAt !== null
  const from = isEarly ? 'check_in_open' : isBegun ? state : 'upcoming'
  return roomUseStep(from, event, { wasKept: use.keptAt !== null })
}
