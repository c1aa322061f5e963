import type { Actor } from '../identity/actor.ts'
import { MAX_CONFLICTS } from '../meetings/claims.ts'
import { BOUNDS, type Claim } from '../meetings/meeting.ts'
import { keptChange } from '../meetings/edits/meeting-changes.ts'
import { meetingNews } from '../meetings/meeting-news.ts'
import { meetingView } from '../meetings/meeting-view.ts'
import { peopleOf } from '../meetings/occurrence-look.ts'
import { factsOf } from '../meetings/open-meeting.ts'
import type { LostClaim, MeetingAggregate } from '../meetings/ports.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, MINUTE_MS, instant, plus } from '../time/instant.ts'
import type { RoomUseDeps } from './ports.ts'
import { ruleViolation } from './room.ts'
import { standingUse } from './room-look.ts'
import type { RoomStateView } from './room-state.ts'
import { roomUseEvent, spanOf } from './room-use-news.ts'
import { type InHand, type UseRoom, recordOf, useRoom, withUse } from './use-room.ts'

/**
 * Moves the end of the meeting that is on, in all its rooms and for all its people: this occurrence only, and only into free
 * time, which the store judges. Who extends is there: it counts as a check-in. Refuses like `checkIn`, and with `slot_conflict`,
 * `rule_violation` or `too_large`.
 */
export function extendRoom(
  deps: RoomUseDeps,
  actor: Actor,
  cmd: UseRoom & { minutes: number },
): Promise<Result<RoomStateView, Refusal>> {
  return useRoom(deps, actor, cmd, 'extend', async (hand) => {
    const { tx, now, look, booking } = hand
    const end = plus(instant(Math.max(booking.end, now)), cmd.minutes * MINUTE_MS)
    const refusal = unfit(hand, end)
    if (refusal !== undefined) return err(refusal)
    const before = (await tx.meetings.load(booking.meetingId)) as MeetingAggregate
    const claims = (await tx.meetings.claimsOf(booking.meetingId)).filter(
      // Rooms that it left early stay left.
      (claim) => claim.recurrenceId === booking.recurrenceId && claim.end === booking.end,
    )
    const longer = claims.map((claim) => ({ ...claim, end, blockedUntil: plus(end, claim.blockedUntil - claim.end) }))
    await tx.moveEnd(booking.meetingId, booking.recurrenceId, end)
    const isSingle = before.meeting.rrule === null
    const meeting = {
      ...before.meeting,
      end: isSingle ? end : before.meeting.end,
      version: before.meeting.version + 1,
      updatedAt: now,
    }
    await tx.meetings.update(meeting, {})
    await tx.meetings.release(meeting.id, claims)
    if (!(await tx.meetings.claim(meeting.id, longer))) {
      return err(takenBy(await tx.meetings.lostClaims(meeting.id, longer), longer))
    }
    const use = { ...standingUse(look, booking), checkedInAt: now, checkedInBy: actor.userId, overranAt: null }
    const moved = { ...booking, end, blockedUntil: plus(end, booking.blockedUntil - booking.end) }
    await tx.putUse(recordOf({ ...hand, booking: moved }, use))

    const occurrences = before.occurrences.map((o) => (o.recurrenceId === booking.recurrenceId ? { ...o, end } : o))
    const aggregate = { ...before, meeting, occurrences }
    const facts = await factsOf(tx.meetings, before)
    const view = meetingView(meeting, before.participants, facts)
    const people = peopleOf(before)
    const change = { view, aggregate, facts, released: [], booked: longer, before: people }
    const news = meetingNews({ type: 'meeting.updated', ...change })
    const after = withUse({ ...look, bookings: look.bookings.map((b) => (b === booking ? moved : b)) }, moved, use)
    const data = { meetingId: meeting.id, booked: [spanOf(moved)], released: [] }
    const own = roomUseEvent('room.extended', after, now, data)
    const scope = isSingle ? {} : ({ scope: 'this', recurrenceId: booking.recurrenceId } as const)
    await tx.meetings.keepChange(keptChange(actor, 'room.extend', { before, after: aggregate, ...scope }))
    await tx.record(actor, {
      events: [...news.filter((event) => event.topic !== own.topic), own],
      audit: { action: 'room.extend', subjectId: look.room.id, detail: { ...data, minutes: cmd.minutes } },
    })
    return ok(undefined)
  })
}

function unfit({ look, booking }: InHand, end: Instant): Refusal | undefined {
  if (end - booking.start > BOUNDS.durationMs) return refuse('too_large', 'A meeting lasts at most 14 days.')
  // It was judged when it was booked; only its length is new.
  const { maxDurationMinutes } = look.room.bookingRules
  const asked = { start: booking.start, end, now: booking.start, isRecurring: false }
  const broken = ruleViolation({ maxDurationMinutes }, asked)
  if (broken === undefined) return undefined
  return refuse('rule_violation', `${look.room.name}: ${broken}`, {
    conflicts: [{ resourceId: look.room.id, start: booking.start, end, kind: 'rule' }],
    suggestions: [],
  })
}

function takenBy(lost: readonly LostClaim[], claims: readonly Claim[]): Refusal {
  const conflicts = lost.slice(0, MAX_CONFLICTS).map(({ resourceId, recurrenceId, blocker }) => {
    const asked = claims.find((claim) => claim.resourceId === resourceId) as Claim
    const { start, end, kind } = blocker ?? { ...asked, kind: 'booking' as const }
    return { resourceId, recurrenceId, start, end, kind }
  })
  return refuse('slot_conflict', 'The room is taken behind this meeting.', { conflicts, suggestions: [] })
}
