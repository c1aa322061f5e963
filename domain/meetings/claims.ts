import type { Ids } from '../deps.ts'
import { type Conflict, type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { ruleViolation } from '../rooms/room.ts'
import { type Instant, MINUTE_MS, plus } from '../time/instant.ts'
import { BOUNDS, type Claim, type Occurrence, type Participant, isLive } from './meeting.ts'
import type { RoomFacts } from './ports.ts'

/** Conflicts named in one answer: enough to act on, small enough to read. */
export const MAX_CONFLICTS = 200

interface ClaimRequest {
  now: Instant
  organizerId: string
  participants: readonly Participant[]
  occurrences: readonly Occurrence[]
  rooms: readonly RoomFacts[]
}

/** What changes in the claims of a meeting. A claim that stays keeps its id. */
export interface ClaimChange {
  removed: Claim[]
  added: Claim[]
}

/**
 * What a meeting claims: each of its rooms, buffers included and exclusively, and each person who has not declined, without
 * exclusiveness; as the difference from what it holds. Refuses what a room's rules, its size or the meeting's own rhythm
 * forbid, judging new claims only: a rule a room was given since does not undo what stands.
 */
export function planClaims(ids: Ids, request: ClaimRequest, held: readonly Claim[] = []): Result<ClaimChange, Refusal> {
  const people = busyPeople(request)
  const live = request.occurrences.filter(isLive)
  if (live.length * (people.length + request.rooms.length) > BOUNDS.allocations) {
    return err(refuse('too_large', `One command makes at most ${BOUNDS.allocations} allocations.`))
  }
  const planned = live.flatMap((occurrence) => [
    ...request.rooms.map((room) => roomClaim(ids, room, occurrence)),
    ...people.map((userId) => personClaim(ids, userId, occurrence)),
  ])
  const change = held.length === 0 ? { removed: [], added: planned } : difference(held, planned)
  const unfit = roomsUnfit(request, live, change.added)
  return unfit === undefined ? ok(change) : err(unfit)
}

function difference(held: readonly Claim[], planned: readonly Claim[]): ClaimChange {
  const wanted = new Set(planned.map(claimKey))
  const standing = new Set(held.map(claimKey))
  return {
    removed: held.filter((claim) => !wanted.has(claimKey(claim))),
    added: planned.filter((claim) => !standing.has(claimKey(claim))),
  }
}

function claimKey(c: Claim): string {
  return `${c.resourceId} ${c.recurrenceId} ${c.start} ${c.end} ${c.blockedFrom} ${c.blockedUntil}`
}

/** The users whose time a meeting takes. */
export function busyPeople({ organizerId, participants }: Pick<ClaimRequest, 'organizerId' | 'participants'>): string[] {
  const attending = participants.filter((p) => p.userId !== null && p.response !== 'declined').map((p) => p.userId as string)
  return [...new Set([organizerId, ...attending])]
}

function roomsUnfit(request: ClaimRequest, live: readonly Occurrence[], added: readonly Claim[]): Refusal | undefined {
  const { rooms } = request
  if (rooms.length === 0 || added.length === 0) return undefined
  const gained = new Set(added.filter((claim) => claim.resourceKind === 'room').map((claim) => claim.resourceId))
  const closed = rooms.find((room) => gained.has(room.id) && !room.isActive)
  if (closed !== undefined) return refuse('rule_violation', `${closed.name} is not in use.`)
  return overfull(request) ?? ruleBroken(rooms, live, added, request.now) ?? (gained.size > 0 ? selfOverlap(rooms, live) : undefined)
}

function overfull({ rooms, participants, organizerId }: ClaimRequest): Refusal | undefined {
  const heads = 1 + participants.filter((p) => p.userId !== organizerId && p.response !== 'declined').length
  const seats = rooms.reduce((sum, room) => sum + room.capacity, 0)
  if (heads <= seats) return undefined
  return refuse('capacity', `${heads} people need seats; ${rooms.map((room) => room.name).join(' and ')} has ${seats}.`)
}

function ruleBroken(
  rooms: readonly RoomFacts[],
  live: readonly Occurrence[],
  added: readonly Claim[],
  now: Instant,
): Refusal | undefined {
  const isRecurring = live.length > 1
  for (const room of rooms.filter((r) => Object.keys(r.bookingRules).length > 0)) {
    const broken = added.flatMap(({ resourceId, recurrenceId, start, end }) => {
      const detail = resourceId === room.id ? ruleViolation(room.bookingRules, { start, end, now, isRecurring }) : undefined
      return detail === undefined ? [] : [{ detail, conflict: { resourceId, recurrenceId, start, end, kind: 'rule' as const } }]
    })
    const [first] = broken
    if (first === undefined) continue
    return refuse('rule_violation', `${room.name}: ${first.detail}`, {
      conflicts: broken.slice(0, MAX_CONFLICTS).map(({ conflict }) => conflict),
    })
  }
  return undefined
}

/** A series may not overlap itself in a room; the store would say the same, but could not name the occurrences. */
function selfOverlap(rooms: readonly RoomFacts[], live: readonly Occurrence[]): Refusal | undefined {
  const inOrder = live.toSorted((a, b) => a.start - b.start)
  for (const room of rooms) {
    const gapMs = bufferMs(room, 'bufferBeforeMinutes') + bufferMs(room, 'bufferAfterMinutes')
    const conflicts = inOrder
      .filter((occurrence, i) => i > 0 && occurrence.start < (inOrder[i - 1] as Occurrence).end + gapMs)
      .map(({ recurrenceId, start, end }): Conflict => ({ resourceId: room.id, recurrenceId, start, end, kind: 'booking' }))
    if (conflicts.length > 0) {
      return refuse('slot_conflict', 'The series overlaps itself.', { conflicts: conflicts.slice(0, MAX_CONFLICTS) })
    }
  }
  return undefined
}

function roomClaim(ids: Ids, room: RoomFacts, { recurrenceId, start, end }: Occurrence): Claim {
  return {
    id: ids.newId(),
    resourceId: room.id,
    resourceKind: 'room',
    recurrenceId,
    start,
    end,
    blockedFrom: plus(start, -bufferMs(room, 'bufferBeforeMinutes')),
    blockedUntil: plus(end, bufferMs(room, 'bufferAfterMinutes')),
    exclusive: true,
  }
}

function personClaim(ids: Ids, userId: string, { recurrenceId, start, end }: Occurrence): Claim {
  return {
    id: ids.newId(),
    resourceId: userId,
    resourceKind: 'person',
    recurrenceId,
    start,
    end,
    blockedFrom: start,
    blockedUntil: end,
    exclusive: false,
  }
}

function bufferMs(room: RoomFacts, side: 'bufferBeforeMinutes' | 'bufferAfterMinutes'): number {
  return (room.bookingRules[side] ?? 0) * MINUTE_MS
}
