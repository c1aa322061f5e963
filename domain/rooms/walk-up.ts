import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Booked, placeMeeting } from '../meetings/book-meeting.ts'
import type { Claim } from '../meetings/meeting.ts'
import type { MeetingsDeps, MeetingsTx } from '../meetings/ports.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, type Interval, MINUTE_MS, SECOND_MS, instant } from '../time/instant.ts'
import type { RoomUseDeps, RoomUseTx } from './ports.ts'
import { useRules } from './room.ts'
import { type RoomBooking, type RoomLook, UNUSED, stateOf } from './room-look.ts'
import { type RoomStateView, currentBooking, roomStateView, sightOf } from './room-state.ts'
import { roomUseStep } from './room-use.ts'
import { bookingData, roomUseEvent } from './room-use-news.ts'

export interface WalkUp {
  roomId: string
  /** Absent: half an hour. Less, where the next booking or the room's rule leaves less. */
  minutes?: number | undefined
  title?: string | undefined
}

export interface WalkedUp {
  meetingId: string
  state: RoomStateView
}

const USUAL_MS = 30 * MINUTE_MS
/** Nobody sits down for less. */
const SHORTEST_MS = 5 * MINUTE_MS

/**
 * Somebody stands in a free room and takes it: a meeting from now on, confirmed and checked in at once. Refuses with
 * `not_found`, `forbidden`, and like `bookMeeting` where the room is not free long enough or its rules forbid it.
 */
export async function walkUp(
  deps: RoomUseDeps,
  actor: Actor,
  { roomId, minutes, title = 'Walk-up' }: WalkUp,
): Promise<Result<WalkedUp, Refusal>> {
  if (!can(actor, 'read', { kind: 'room', roomId })) return err(refuse('not_found'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    await tx.lockOccupancy(roomId)
    const look = await tx.look(roomId, now)
    if (look === undefined) return err(refuse('not_found'))
    if (!can(actor, 'walk_up', { kind: 'room', roomId })) return err(refuse('forbidden'))
    const refusal = notFree(look, now)
    if (refusal !== undefined) return err(refusal)

    // Whole seconds, as the ids of occurrences are; what ended within this one has left the room free from its beginning.
    const start = instant(Math.floor(now / SECOND_MS) * SECOND_MS)
    const end = endOf(look, start, minutes === undefined ? USUAL_MS : minutes * MINUTE_MS)
    if (end - start < SHORTEST_MS) return err(tooShort(look, start))
    const booked = await placeMeeting(within(deps, tx, look, actor, start), actor, {
      title,
      description: '',
      start: { instant: start },
      end: { instant: end },
      timezone: look.timezone,
      recurrence: null,
      participants: [],
      roomIds: [roomId],
      onConflict: 'reject',
      status: 'confirmed',
      visibility: 'organization',
      metadata: {},
    })
    if (!booked.ok) return booked
    const after = (await tx.look(roomId, now)) as RoomLook
    return ok({ meetingId: idOf(booked.value), state: roomStateView(after, now, sightOf(actor, roomId)) })
  })
}

function idOf({ meeting }: Booked): string {
  return meeting.id
}

function notFree(look: RoomLook, now: Instant): Refusal | undefined {
  const current = currentBooking(look, now)
  if (current === undefined) return undefined
  const step = roomUseStep(stateOf(look, current, now), 'walk_up')
  if (step.ok) return undefined
  const { start, end } = current
  return { ...step.error, conflicts: [{ resourceId: look.room.id, start, end, kind: 'booking' }] }
}

function endOf(look: RoomLook, start: Instant, wantedMs: number): Instant {
  const next = look.bookings.find((booking) => booking.start > start)
  const bufferMs = (look.room.bookingRules.bufferAfterMinutes ?? 0) * MINUTE_MS
  const held = (look.held ?? []).find((span) => !span.isOwn && span.start > start)
  const taken = Math.min(next?.blockedFrom ?? Infinity, held?.start ?? Infinity)
  const free = taken === Infinity ? Infinity : taken - bufferMs
  return instant(Math.min(start + wantedMs, start + useRules(look.room.bookingRules).walkUpMs, free))
}

function tooShort(look: RoomLook, now: Instant): Refusal {
  const next = look.bookings.find((booking) => booking.start > now)
  const held = (look.held ?? []).find((span) => !span.isOwn && span.start > now)
  const isHeld = held !== undefined && (next === undefined || held.start < next.blockedFrom)
  const { start, end } = (isHeld ? held : next) as Interval
  const conflicts = [{ resourceId: look.room.id, start, end, kind: isHeld ? ('hold' as const) : ('booking' as const) }]
  const detail = isHeld ? 'Somebody holds the room from then on.' : 'The next meeting is about to begin.'
  return refuse('slot_conflict', detail, { conflicts, suggestions: [] })
}

/** The booking's machinery inside this transaction: its one statement writes and tells that it is checked in as well. */
function within(deps: RoomUseDeps, tx: RoomUseTx, look: RoomLook, actor: Actor, now: Instant): MeetingsDeps {
  const book: MeetingsTx['book'] = async (aggregate, claims, entry) => {
    const claim = claims.find(({ resourceKind }) => resourceKind === 'room') as Claim
    const use = { ...UNUSED, openedAt: now, checkedInAt: now, checkedInBy: actor.userId }
    const { id: meetingId, title, visibility, organizerId } = aggregate.meeting
    const booking: RoomBooking = {
      ...claim,
      allocationId: claim.id,
      meetingId,
      status: 'confirmed',
      isRecurring: false,
      title,
      visibility,
      organizerId,
      organizerName: '',
      attends: true,
      use,
    }
    await tx.putUse({ ...use, booking, roomId: look.room.id, state: 'checked_in' })
    const bookings = [...look.bookings.filter((other) => other.end <= now), booking, ...laterThan(look, now)]
    const told = roomUseEvent('room.booked', { ...look, bookings }, now, { ...bookingData(booking), walkUp: true })
    const events = entry.events.map((event) =>
      event.topic === told.topic ? { ...event, data: { ...told.data, ...event.data } } : event,
    )
    const audit = { ...entry.audit, action: 'room.walk_up', detail: { ...entry.audit.detail, roomId: look.room.id } }
    return tx.meetings.book(aggregate, claims, { ...entry, events, audit })
  }
  return {
    ...deps,
    now: () => now,
    transact: (_actor, _now, work) => work({ ...tx.meetings, book }),
  }
}

function laterThan({ bookings }: RoomLook, now: Instant): RoomBooking[] {
  return bookings.filter((booking) => booking.start > now)
}
