import type { Actor } from '../identity/actor.ts'
import { keptChange } from '../meetings/edits/meeting-changes.ts'
import { meetingNews } from '../meetings/meeting-news.ts'
import { meetingView } from '../meetings/meeting-view.ts'
import { lookOf, peopleOf } from '../meetings/occurrence-look.ts'
import { factsOf } from '../meetings/open-meeting.ts'
import type { MeetingAggregate } from '../meetings/ports.ts'
import type { NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import { type Instant, SECOND_MS, instant, plus } from '../time/instant.ts'
import type { ReleaseReason, RoomUseDeps } from './ports.ts'
import { type RoomLook, standingUse } from './room-look.ts'
import type { RoomStateView } from './room-state.ts'
import { bookingData, roomUseEvent, spanOf } from './room-use-news.ts'
import { type InHand, type UseRoom, recordOf, useRoom, withUse } from './use-room.ts'

/**
 * The meeting is over in this room: what is left of its time is free at once, behind the room's buffer. The meeting itself,
 * its other rooms and its people stay as they are. Refuses like `checkIn`.
 */
export function endInRoom(deps: RoomUseDeps, actor: Actor, cmd: UseRoom): Promise<Result<RoomStateView, Refusal>> {
  return useRoom(deps, actor, cmd, 'end', (hand) => leaveEarly(hand, 'early'))
}

/**
 * Gives the room back for this occurrence, because the meeting needs none. Refuses like `checkIn`, and where somebody is
 * inside or has checked in: that is to be ended.
 */
export function releaseRoom(
  deps: RoomUseDeps,
  actor: Actor,
  cmd: UseRoom & { reason?: string | undefined },
): Promise<Result<RoomStateView, Refusal>> {
  return useRoom(deps, actor, cmd, 'release', (hand) => giveBack(hand, 'given_back', cmd.reason ?? null))
}

/** Ends the use of the room now. `time`: the booking is over anyway. */
export async function leaveEarly(hand: InHand, reason: 'early' | 'empty' | 'time'): Promise<void> {
  const { tx, actor, now, look, booking } = hand
  // Whole seconds, as the ids of occurrences are: who walks in within the same second gets the room.
  const end = instant(Math.min(booking.end, Math.floor(now / SECOND_MS) * SECOND_MS))
  const isCut = reason !== 'time' && end < booking.end
  const isGone = isCut && end <= booking.start
  const use = { ...standingUse(look, booking), endedAt: now }
  await tx.putUse(recordOf({ ...hand, to: 'ended' }, use, { ended: { by: actor.userId, reason } }))
  const cut = isCut ? { ...booking, end, blockedUntil: plus(end, booking.blockedUntil - booking.end) } : booking
  if (isGone) await removeClaim(hand)
  else if (isCut) await tx.cutClaim(booking, cut.end, cut.blockedUntil)

  const bookings = look.bookings.flatMap((other) => (other !== booking ? other : isGone ? [] : cut))
  const after = isGone ? { ...look, bookings } : withUse({ ...look, bookings }, cut, use)
  const data = {
    ...bookingData(booking),
    reason,
    booked: isCut && !isGone ? [spanOf(cut)] : [],
    released: isGone ? [booking.allocationId] : [],
  }
  await tx.record(actor, {
    events: [roomUseEvent('room.ended', after, now, data)],
    audit: { action: 'room.end', subjectId: look.room.id, detail: { ...bookingData(booking), reason } },
  })
}

/**
 * Takes the room from one occurrence: its claim goes, so the time can be booked at once; the meeting goes on without the
 * room, and its people are told.
 */
export async function giveBack(hand: InHand, reason: ReleaseReason, note: string | null): Promise<void> {
  const { tx, actor, now, look, booking } = hand
  const before = (await tx.meetings.load(booking.meetingId)) as MeetingAggregate
  const released = { at: now, by: actor.userId, reason, note }
  await tx.putUse(recordOf({ ...hand, to: 'released' }, standingUse(look, booking), { released }))
  const claim = await removeClaim(hand)
  const isSingle = before.meeting.rrule === null
  const aggregate = withoutRoom(before, hand)
  const { meeting, occurrences } = aggregate
  await tx.meetings.update(meeting, isSingle ? {} : { occurrences })
  const one = isSingle ? undefined : occurrences.find((other) => other.recurrenceId === booking.recurrenceId)
  if (one?.override?.roomIds !== undefined) await tx.roomsTold(meeting.id, one.recurrenceId, one.override.roomIds)
  const facts = await factsOf(tx.meetings, before)
  const view = meetingView(meeting, before.participants, facts)
  const people = peopleOf(before)
  const change = {
    type: 'meeting.updated' as const,
    view,
    aggregate,
    facts,
    released: claim,
    booked: [],
    before: people,
  }
  const after = { ...look, bookings: look.bookings.filter((other) => other !== booking) }
  const scope = isSingle ? {} : ({ scope: 'this', recurrenceId: booking.recurrenceId } as const)
  await tx.meetings.keepChange(keptChange(actor, 'room.release', { before, after: aggregate, ...scope }))
  await tx.record(actor, {
    events: meetingNews(change).map((event) => withRelease(event, hand, after, now, reason)),
    audit: { action: 'room.release', subjectId: look.room.id, detail: { ...bookingData(booking), reason } },
  })
}

/** A single meeting has one room less. A series goes on in its rooms: only this occurrence has lost one. */
function withoutRoom(before: MeetingAggregate, { now, look, booking }: InHand): MeetingAggregate {
  const meeting = { ...before.meeting, version: before.meeting.version + 1, updatedAt: now }
  const left = (roomIds: readonly string[]) => roomIds.filter((id) => id !== look.room.id)
  if (meeting.rrule === null) return { ...before, meeting: { ...meeting, roomIds: left(meeting.roomIds) } }
  const occurrences = before.occurrences.map((one) =>
    one.recurrenceId === booking.recurrenceId
      ? { ...one, override: { ...one.override, roomIds: left(lookOf(before, one).roomIds) } }
      : one,
  )
  return { ...before, meeting, occurrences }
}

async function removeClaim({ tx, look, booking }: InHand) {
  const claims = (await tx.meetings.claimsOf(booking.meetingId)).filter(
    (claim) => claim.resourceId === look.room.id && claim.recurrenceId === booking.recurrenceId,
  )
  await tx.meetings.release(booking.meetingId, claims)
  return claims
}

/** What each topic hears of a change of the meeting, and beside it what became of the room. */
function withRelease(
  event: NewsEvent,
  { booking, look }: InHand,
  after: RoomLook,
  now: Instant,
  reason: ReleaseReason,
): NewsEvent {
  const room = roomUseEvent('room.released', after, now, { ...bookingData(booking), reason })
  if (event.topic === room.topic) return { ...event, data: { ...event.data, ...room.data } }
  if (!event.topic.startsWith('person:')) return event
  const { id: roomId, name: roomName } = look.room
  return { ...event, data: { ...event.data, roomReleased: { ...bookingData(booking), roomId, roomName, reason } } }
}
