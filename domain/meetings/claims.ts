import type { Ids } from '../deps.ts'
import { type Conflict, type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { ruleViolation } from '../rooms/room.ts'
import { type Instant, type Interval, MINUTE_MS, plus } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'
import { BOUNDS, type Claim, type Occurrence, type Participant, isLive } from './meeting.ts'
import type { RoomFacts } from './ports.ts'

/** Conflicts named in one answer: enough to act on, small enough to read. */
export const MAX_CONFLICTS = 200

export interface ClaimRequest extends Seating {
  now: Instant
  isRecurring: boolean
  occurrences: readonly Occurrence[]
  /** Occurrences that have other people or rooms than their series. */
  own?: OwnSeatings
}

/** Who comes, and what there is to sit on. Of participants only those `inSeries` count. */
export interface Seating {
  organizerId: string
  participants: readonly Participant[]
  rooms: readonly RoomFacts[]
}

/** By recurrence id (occurrence-look.ts makes them). */
export type OwnSeatings = ReadonlyMap<LocalTime, Omit<Seating, 'organizerId'>>

/** What a meeting has before a change. */
export interface Standing extends Seating {
  claims: readonly Claim[]
  own?: OwnSeatings
  /** Rooms that some occurrences have and have left early, as `settledKey`: nothing is claimed there then, and what is stays. */
  settled?: ReadonlySet<string>
}

export function settledKey(
  resourceId: string,
  { recurrenceId, start }: Pick<Occurrence, 'recurrenceId' | 'start'>,
): string {
  return `${resourceId} ${recurrenceId} ${start}`
}

/** What changes in the claims of a meeting. A claim that stays keeps its id. */
export interface ClaimChange {
  removed: Claim[]
  added: Claim[]
}

/**
 * What a meeting claims: each of its rooms, buffers included and exclusively, and each person who has not declined, without
 * exclusiveness; as the difference from what it holds. Refuses what a room's rules, its size or the meeting's own rhythm
 * forbid, judging only what is new: rules, buffers or seats that a room was given since do not undo what stands.
 */
export function planClaims(ids: Ids, request: ClaimRequest, standing?: Standing): Result<ClaimChange, Refusal> {
  const parties = partiesOf(request)
  const total = parties.reduce(
    (sum, { live, people, seating }) => sum + live.length * (people.length + seating.rooms.length),
    0,
  )
  if (total > BOUNDS.allocations) {
    return err(refuse('too_large', `One command makes at most ${BOUNDS.allocations} allocations.`))
  }
  const planned = parties.flatMap(({ live, people, seating }) =>
    live.flatMap((occurrence) => [
      ...seating.rooms.map((room) => roomClaim(ids, room, occurrence)),
      ...people.map((userId) => personClaim(ids, userId, occurrence)),
    ]),
  )
  const change = standing === undefined ? { removed: [], added: planned } : difference(standing, planned)
  const unfit = roomsUnfit(request, parties, change.added, standing)
  return unfit === undefined ? ok(change) : err(unfit)
}

/** Occurrences that the same people attend in the same rooms. */
interface Party {
  seating: Seating
  people: string[]
  live: Occurrence[]
}

/** The series first, then one by one what has people or rooms of its own. */
function partiesOf({ organizerId, participants, rooms, own, occurrences }: ClaimRequest): Party[] {
  const party = (seating: Seating, live: Occurrence[]): Party => ({ seating, people: busyPeople(seating), live })
  const live = occurrences.filter(isLive)
  const isOwn = (occurrence: Occurrence) => own?.has(occurrence.recurrenceId) === true
  const series = party({ organizerId, participants, rooms }, own === undefined ? live : live.filter((o) => !isOwn(o)))
  if (own === undefined) return [series]
  return [
    series,
    ...live.flatMap((o) => {
      const seating = own.get(o.recurrenceId)
      return seating === undefined ? [] : party({ organizerId, ...seating }, [o])
    }),
  ]
}

function difference({ claims, settled }: Standing, planned: readonly Claim[]): ClaimChange {
  const isSettled = (claim: Claim) => settled?.has(settledKey(claim.resourceId, claim)) === true
  // What was left early ends otherwise than its occurrence, and is the same claim all the same.
  const keyOf = (claim: Claim) => (isSettled(claim) ? settledKey(claim.resourceId, claim) : claimKey(claim))
  const wanted = new Set(planned.map(keyOf))
  const standing = new Set(claims.map(keyOf))
  return {
    removed: claims.filter((claim) => !wanted.has(keyOf(claim))),
    added: planned.filter((claim) => !isSettled(claim) && !standing.has(keyOf(claim))),
  }
}

function claimKey(c: Claim): string {
  return `${c.resourceId} ${c.recurrenceId} ${c.start} ${c.end}`
}

/** The users whose time a meeting takes. */
export function busyPeople({ organizerId, participants }: Omit<Seating, 'rooms'>): string[] {
  const attending = participants
    .filter((p) => p.inSeries && p.userId !== null && p.response !== 'declined')
    .map((p) => p.userId as string)
  return [...new Set([organizerId, ...attending])]
}

/** How many seats it takes: everybody who has not declined, the organizer once. */
export function headCount({ organizerId, participants }: Omit<Seating, 'rooms'>): number {
  return 1 + participants.filter((p) => p.inSeries && p.userId !== organizerId && p.response !== 'declined').length
}

export function seatsOf(rooms: readonly RoomFacts[]): number {
  return rooms.reduce((sum, room) => sum + room.capacity, 0)
}

function roomsUnfit(
  request: ClaimRequest,
  parties: readonly Party[],
  added: readonly Claim[],
  standing: Standing | undefined,
): Refusal | undefined {
  const gains = Map.groupBy(
    added.filter((claim) => claim.resourceKind === 'room'),
    (claim) => claim.recurrenceId,
  )
  const refusals = parties.flatMap(({ seating, live }) => {
    if (seating.rooms.length === 0 || live.length === 0) return []
    const gained = live.flatMap(({ recurrenceId }) => gains.get(recurrenceId) ?? [])
    const crowded = isTighter(seating, live, standing) ? live : live.filter((one) => gains.has(one.recurrenceId))
    return closedRoom(seating, gained) ?? overfull(seating, crowded) ?? ruleBroken(seating.rooms, gained, request) ?? []
  })
  const [first] = refusals
  if (first === undefined) return gains.size === 0 ? undefined : selfOverlap(parties)
  // What one party meets is the sentence; the occurrences of all are named.
  return { ...first, conflicts: refusals.flatMap(({ conflicts = [] }) => conflicts).slice(0, MAX_CONFLICTS) }
}

function closedRoom({ rooms }: Seating, gained: readonly Claim[]): Refusal | undefined {
  const closed = rooms.find((room) => !room.isActive && gained.some((claim) => claim.resourceId === room.id))
  if (closed === undefined) return undefined
  const detail = `${closed.name} is not in use.`
  const inIt = gained.filter((claim) => claim.resourceId === closed.id)
  return refuse('rule_violation', detail, { conflicts: conflictsAt(inIt, closed, 'blackout', detail) })
}

/** More heads or fewer seats than there were. */
function isTighter(seating: Seating, [first]: readonly Occurrence[], standing: Standing | undefined): boolean {
  if (standing === undefined) return false
  const own = first && standing.own?.get(first.recurrenceId)
  const before = own === undefined ? standing : { organizerId: standing.organizerId, ...own }
  return headCount(seating) > headCount(before) || seatsOf(seating.rooms) < seatsOf(before.rooms)
}

/** Names the smallest room: the one to exchange. */
function overfull(seating: Seating, crowded: readonly Occurrence[]): Refusal | undefined {
  const heads = headCount(seating)
  const seats = seatsOf(seating.rooms)
  if (heads <= seats || crowded.length === 0) return undefined
  const names = seating.rooms.map((room) => room.name).join(' and ')
  const detail = `${heads} people need seats; in ${names} there are ${seats}.`
  const smallest = seating.rooms.reduce((least, room) => (room.capacity < least.capacity ? room : least))
  return refuse('capacity', detail, { conflicts: conflictsAt(crowded, smallest, 'rule', detail) })
}

function conflictsAt(
  spans: readonly Pick<Occurrence, 'recurrenceId' | 'start' | 'end'>[],
  { id: resourceId }: RoomFacts,
  kind: Conflict['kind'],
  detail: string,
): Conflict[] {
  return spans
    .slice(0, MAX_CONFLICTS)
    .map(({ recurrenceId, start, end }) => ({ resourceId, recurrenceId, start, end, kind, detail }))
}

function ruleBroken(
  rooms: readonly RoomFacts[],
  added: readonly Claim[],
  { now, isRecurring }: Pick<ClaimRequest, 'now' | 'isRecurring'>,
): Refusal | undefined {
  for (const room of rooms.filter((r) => Object.keys(r.bookingRules).length > 0)) {
    const broken = added.flatMap(({ resourceId, recurrenceId, start, end }) => {
      const detail =
        resourceId === room.id ? ruleViolation(room.bookingRules, { start, end, now, isRecurring }) : undefined
      return detail === undefined
        ? []
        : [{ detail, conflict: { resourceId, recurrenceId, start, end, kind: 'rule' as const, detail } }]
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
function selfOverlap(parties: readonly Party[]): Refusal | undefined {
  const inRoom = new Map<string, { room: RoomFacts; live: Occurrence[] }>()
  for (const { seating, live } of parties) {
    for (const room of seating.rooms) {
      const known = inRoom.get(room.id)
      if (known === undefined) inRoom.set(room.id, { room, live: [...live] })
      else known.live.push(...live)
    }
  }
  const conflicts = [...inRoom.values()].flatMap(({ room, live }) =>
    selfOverlaps(room, live).map(({ recurrenceId, start, end }): Conflict => ({
      resourceId: room.id,
      recurrenceId,
      start,
      end,
      kind: 'booking',
    })),
  )
  if (conflicts.length === 0) return undefined
  return refuse('slot_conflict', 'The series overlaps itself.', { conflicts: conflicts.slice(0, MAX_CONFLICTS) })
}

/** The occurrences that begin before the one before has left this room, buffers included. */
export function selfOverlaps(room: RoomFacts, live: readonly Occurrence[]): Occurrence[] {
  const gapMs = bufferMs(room, 'bufferBeforeMinutes') + bufferMs(room, 'bufferAfterMinutes')
  const inOrder = live.toSorted((a, b) => a.start - b.start)
  return inOrder.filter((occurrence, i) => i > 0 && occurrence.start < (inOrder[i - 1] as Occurrence).end + gapMs)
}

function roomClaim(ids: Ids, room: RoomFacts, { recurrenceId, start, end }: Occurrence): Claim {
  const blocked = blockedBy(room, { start, end })
  return {
    id: ids.newId(),
    resourceId: room.id,
    resourceKind: 'room',
    recurrenceId,
    start,
    end,
    blockedFrom: blocked.start,
    blockedUntil: blocked.end,
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

/** When nobody else has a room that is used then: the buffers around it included. */
export function blockedBy(room: RoomFacts, { start, end }: Interval): Interval {
  return {
    start: plus(start, -bufferMs(room, 'bufferBeforeMinutes')),
    end: plus(end, bufferMs(room, 'bufferAfterMinutes')),
  }
}

export function bufferMs(room: RoomFacts, side: 'bufferBeforeMinutes' | 'bufferAfterMinutes'): number {
  return (room.bookingRules[side] ?? 0) * MINUTE_MS
}
