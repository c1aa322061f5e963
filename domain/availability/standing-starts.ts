import { bufferMs, seatsOf } from '../meetings/claims.ts'
import { ruleViolation } from '../rooms/room.ts'
import { type Instant, type Interval, MINUTE_MS, plus } from '../time/instant.ts'
import { zoneOrUtc } from '../time/zone.ts'
import { type Bits, type Grid, emptyBits, fillSpan, fullBits, gridOver, keep, remove } from './bitmap.ts'
import { type Attendee, type Wanted, startsForQuorum } from './free-starts.ts'
import { blockedBits, startBounds } from './person-time.ts'
import { takenOf } from './subject-entry.ts'
import { type RoomTimeFacts, type SubjectFacts, type Viewer, standingHolds } from './subject-facts.ts'
import { workBits } from './work-time.ts'

/** A start that suits everybody required, and who could come. */
export interface StandingStart {
  start: Instant
  free: string[]
  missing: string[]
}

/** Ids named in one answer: a list that is longer ends after whole starts. */
const MAX_NAMED = 5_000
const MIN_STARTS = 20

/**
 * The starts, from now on, that suit everybody `required`; people by their hours and rules, rooms by their claims, rules
 * and seats. The earliest ones, where naming all would be too much.
 */
export function standingStarts(
  subjects: readonly SubjectFacts[],
  required: ReadonlySet<string>,
  wanted: Wanted,
  viewer: Viewer,
): StandingStart[] {
  const grid = gridOver(wanted.window)
  const attendees = subjects.map((facts) => attendeeOf(facts, required.has(facts.id), grid, wanted.window, viewer))
  const found = startsForQuorum(attendees, grid, wanted, Math.max(1, required.size))
  const seating = new Set(seatingRooms(subjects, required, viewer))
  const starts: StandingStart[] = []
  const most = Math.max(MIN_STARTS, Math.floor(MAX_NAMED / subjects.length))
  for (const { start, attending } of found) {
    if (start < viewer.now) continue
    const span = { start, end: plus(start, wanted.durationMinutes * MINUTE_MS) }
    const willing = new Set(attending)
    for (const facts of subjects) {
      if (facts.kind === 'room' && !(seating.has(facts) && takes(facts, span, viewer))) willing.delete(facts.id)
    }
    if (willing.size === 0 || [...required].some((id) => !willing.has(id))) continue
    const ids = subjects.map(({ id }) => id)
    starts.push({ start, free: ids.filter((id) => willing.has(id)), missing: ids.filter((id) => !willing.has(id)) })
    if (starts.length >= most) break
  }
  return starts
}

function attendeeOf(facts: SubjectFacts, isRequired: boolean, grid: Grid, window: Interval, viewer: Viewer): Attendee {
  const bounds = facts.kind === 'person' ? startBounds(facts.rules, viewer.now) : {}
  return { id: facts.id, required: isRequired, free: freeBits(facts, grid, viewer), ...bounds }
}

function freeBits(facts: SubjectFacts, grid: Grid, viewer: Viewer): Bits {
  const taken = emptyBits(grid)
  const free = fullBits(grid)
  // A room's own buffers lie around the new meeting, as they would when it claims the room.
  const [before, after] =
    facts.kind === 'room'
      ? [bufferMs(facts.room, 'bufferBeforeMinutes'), bufferMs(facts.room, 'bufferAfterMinutes')]
      : [0, 0]
  for (const { blocked } of standingHolds(facts, viewer)) {
    fillSpan(taken, grid, blocked.start - after, blocked.end + before)
  }
  if (facts.kind === 'room') {
    for (const { blocked } of facts.spans) fillSpan(taken, grid, blocked.start - after, blocked.end + before)
  } else {
    const { weekly, dates, holidays } = facts.hours
    const zone = zoneOrUtc(facts.hours.timezone)
    remove(free, blockedBits(grid, { ...takenOf(facts), zone }))
    keep(free, workBits(grid, { zone, weekly, dates, holidays: new Set(holidays) }))
  }
  remove(free, taken)
  return free
}

/**
 * The rooms in use that seat everybody who is asked for, and who asks, each together with the rooms that are required: who is
 * invited has a seat, whether he can come or not.
 */
function seatingRooms(
  subjects: readonly SubjectFacts[],
  required: ReadonlySet<string>,
  { userId }: Viewer,
): RoomTimeFacts[] {
  const rooms = subjects.filter((facts) => facts.kind === 'room')
  const heads = new Set([userId, ...subjects.flatMap(({ kind, id }) => (kind === 'person' ? id : []))]).size
  const seats = seatsOf(rooms.filter(({ id }) => required.has(id)).map(({ room }) => room))
  return rooms.filter(({ id, room }) => room.isActive && heads <= seats + (required.has(id) ? 0 : room.capacity))
}

function takes({ room }: RoomTimeFacts, span: Interval, { now }: Viewer): boolean {
  return ruleViolation(room.bookingRules, { ...span, now, isRecurring: false }) === undefined
}
