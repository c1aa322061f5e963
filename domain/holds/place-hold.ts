import type { Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type ClaimRequest, planClaims } from '../meetings/claims.ts'
import { BOUNDS, type Participant } from '../meetings/meeting.ts'
import type { BookingFacts, RoomFacts } from '../meetings/ports.ts'
import { refuseWithWay } from '../meetings/settle-lost.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, type Interval, instant, overlaps } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import { type Hold, type HoldClaim, type OwnHoldView, HOLD_BOUNDS, heldUntil, isOver, ownHoldView } from './hold.ts'
import { holdNews } from './hold-news.ts'
import type { HoldsDeps, LostResource } from './ports.ts'

export interface PlaceHold extends Interval {
  /** Rooms and people. */
  resourceIds: readonly string[]
  /** At most HOLD_BOUNDS.ttlMs. */
  ttlMs: number
  /** One of his own that is given back for it: a hold that moves. It stays when this one is refused. */
  replaces?: string | undefined
}

/**
 * Holds rooms and people for its owner. The rules, buffers and seats that a booking would be judged by are judged here. Own holds
 * give way with the rooms it wants of them; it counts from when the oldest of them began. Refuses with `unknown_reference`,
 * `invalid_time`, `too_large`, `slot_conflict`, `rule_violation`, `capacity`, `forbidden`, or `not_found` (what it replaces);
 * then nothing was written.
 */
export async function placeHold(deps: HoldsDeps, actor: Actor, cmd: PlaceHold): Promise<Result<OwnHoldView, Refusal>> {
  if (!can(actor, 'create', { kind: 'hold', userId: actor.userId })) return err(refuse('forbidden'))
  const wrong = wrongSpan(cmd)
  if (wrong !== undefined) return err(wrong)
  const now = deps.now()
  const ids = [...new Set(cmd.resourceIds)]
  return deps.transact(actor, now, async (tx) => {
    const facts = await tx.meetings.facts(ids, ids, [])
    const unknown = unknownResource(actor, cmd.resourceIds, facts)
    if (unknown !== undefined) return err(unknown)
    const request = requestOf(actor, ids, facts, cmd, now)
    const planned = planClaims(deps, request)
    if (!planned.ok) return refuseWithWay(tx.meetings, ofNoMeeting(planned.error), request)
    const claims = planned.value.added.flatMap(({ recurrenceId: _, ...claim }) => {
      const floorId = facts.rooms.get(claim.resourceId)?.floorId ?? null
      return ids.includes(claim.resourceId) ? { ...claim, floorId } : []
    })

    const own = await tx.lockOwner(actor.userId)
    const replaced = own.find((hold) => hold.id === cmd.replaces)
    if (cmd.replaces !== undefined && replaced === undefined) return err(refuse('not_found'))
    if (replaced !== undefined) await tx.end(replaced, isOver(replaced, now) ? 'hold.expired' : 'hold.released')
    const live = own.filter((hold) => !isOver(hold, now))
    const standing = live.filter((hold) => hold !== replaced && staysBeside(hold, claims))
    if (standing.length >= HOLD_BOUNDS.perPerson) {
      return err(refuse('too_large', `One person has at most ${HOLD_BOUNDS.perPerson} holds at a time.`))
    }
    const before = live.filter((hold) => roomsOf(hold).some((room) => isWanted(room, claims)))
    const createdAt = instant(Math.min(now, ...before.map((hold) => hold.createdAt)))
    const hold = newHold(deps, actor, cmd, claims, { createdAt, expiresAt: heldUntil(createdAt, now, cmd.ttlMs) })
    const lost = await tx.place(hold)
    if (lost.length > 0) return refuseWithWay(tx.meetings, takenRefusal(lost, cmd, request.rooms), request)
    await tx.record({
      actor,
      events: holdNews('hold.placed', hold),
      audit: { action: 'hold.place', subjectId: hold.id, detail: { resourceIds: ids } },
    })
    return ok(ownHoldView(hold))
  })
}

function newHold(
  ids: Ids,
  { userId }: Actor,
  { start, end }: PlaceHold,
  claims: HoldClaim[],
  times: Pick<Hold, 'createdAt' | 'expiresAt'>,
): Hold {
  return { id: ids.newId(), userId, start, end, ...times, renewals: 0, claims }
}

function wrongSpan({ start, end }: Interval): Refusal | undefined {
  if (end - start > BOUNDS.durationMs) return refuse('too_large', 'A hold spans at most 14 days.')
  if (end > start) return undefined
  const detail = 'must be after start'
  return refuse('invalid_time', `/end ${detail}.`, { errors: [{ pointer: '/end', detail }] })
}

/** Whom or what he may not know of is to him like somebody unknown. */
function unknownResource(
  actor: Actor,
  resourceIds: readonly string[],
  { rooms, people }: BookingFacts,
): Refusal | undefined {
  const index = resourceIds.findIndex((id) => {
    const isRoom = rooms.has(id) && can(actor, 'read', { kind: 'room', roomId: id })
    return !isRoom && !(people.has(id) && can(actor, 'read', { kind: 'user', userId: id }))
  })
  if (index === -1) return undefined
  const detail = 'There is no such room or person in this organisation.'
  return refuse('unknown_reference', detail, { errors: [{ pointer: `/resourceIds/${index}`, detail }] })
}

/** The booking that its owner would make of it. */
function requestOf(
  { userId }: Actor,
  ids: readonly string[],
  { rooms, people }: BookingFacts,
  { start, end }: Interval,
  now: Instant,
): ClaimRequest {
  const participants = ids.filter((id) => people.has(id)).map((id) => participantOf(id))
  return {
    now,
    organizerId: userId,
    participants,
    rooms: ids.flatMap((id) => rooms.get(id) ?? []),
    isRecurring: false,
    occurrences: [{ recurrenceId: '' as LocalTime, start, end, status: 'confirmed', override: null }],
  }
}

function participantOf(id: string): Participant {
  return { id, userId: id, email: null, role: 'required', response: 'needs_action', comment: null, inSeries: true }
}

/** A hold has no recurrence id that a conflict could name. */
function ofNoMeeting(refusal: Refusal): Refusal {
  if (refusal.conflicts === undefined) return refusal
  return { ...refusal, conflicts: refusal.conflicts.map(({ recurrenceId: _, ...conflict }) => conflict) }
}

/** A hold goes with its last room; one of people only is in nobody's way. */
function staysBeside(hold: Hold, claims: readonly HoldClaim[]): boolean {
  const rooms = roomsOf(hold)
  return rooms.length === 0 || rooms.some((room) => !isWanted(room, claims))
}

function roomsOf({ claims }: Hold): HoldClaim[] {
  return claims.filter((claim) => claim.exclusive)
}

function isWanted(held: HoldClaim, claims: readonly HoldClaim[]): boolean {
  return claims.some((claim) => claim.resourceId === held.resourceId && overlaps(blocked(claim), blocked(held)))
}

function blocked({ blockedFrom: start, blockedUntil: end }: HoldClaim): Interval {
  return { start, end }
}

function takenRefusal(lost: readonly LostResource[], { start, end }: Interval, rooms: readonly RoomFacts[]): Refusal {
  const names = rooms.filter((room) => lost.some(({ resourceId }) => resourceId === room.id)).map((room) => room.name)
  const isHeld = lost.every(({ blocker }) => blocker?.kind === 'hold')
  const detail = `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} ${isHeld ? 'held by somebody else' : 'already taken'} at that time.`
  const conflicts = lost.map(({ resourceId, blocker }) => ({
    resourceId,
    ...(blocker ?? { start, end, kind: 'booking' as const }),
  }))
  return refuse('slot_conflict', detail, { conflicts })
}
