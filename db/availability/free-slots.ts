import type { Pool } from 'pg'
import { type Grid, emptyBits, fillSpan, fullBits, remove } from '../../domain/availability/bitmap.ts'
import { type Attendee, type FreeStart, startsForQuorum, startsIn } from '../../domain/availability/free-starts.ts'
import { startBounds } from '../../domain/availability/person-time.ts'
import { freeBits, keepFree } from '../../domain/availability/time-pieces.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { bufferMs, seatsOf } from '../../domain/meetings/claims.ts'
import type { RoomFacts } from '../../domain/meetings/ports.ts'
import { ruleViolation } from '../../domain/rooms/room.ts'
import { type Instant, type Interval, MINUTE_MS, plus } from '../../domain/time/instant.ts'
import { keepsOut } from '../holds/holds-sql.ts'
import { readFacts } from '../meetings/meetings-rows.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import { type OrganizationTx, readOnly } from '../transaction.ts'
import { type CalendarFreshness, type PeopleTime, readPeopleTime } from './people-time.ts'

export interface SlotsWanted {
  /** All of these must be able to come. */
  userIds: readonly string[]
  /** These may. */
  optionalIds: readonly string[]
  /** All of these must be free, and take the booking by their rules. */
  roomIds: readonly string[]
  /** How many people at least, the required ones included; undefined: the required ones are enough. */
  quorum?: number | undefined
  window: Interval
  durationMinutes: number
  granularityMinutes: number
}

export interface FreeSlots {
  slots: FreeStart[]
  calendars: CalendarFreshness[]
}

/**
 * The starts at which such a meeting could be booked now by this viewer. undefined when somebody or some room is not of this organisation.
 * What is listed is a snapshot: the claim of a room is what decides, in the store, when it is booked.
 */
export async function freeSlots(
  pool: Pool,
  actor: Actor,
  wanted: SlotsWanted,
  now: Instant,
): Promise<FreeSlots | undefined> {
  const asked = [...wanted.userIds, ...wanted.optionalIds]
  const [time, rooms] = await Promise.all([
    readPeopleTime(pool, actor, asked, wanted.window, now),
    wanted.roomIds.length === 0 ? [] : readRooms(pool, actor, wanted, now),
  ])
  if (time.people.length < asked.length || rooms.length < wanted.roomIds.length) return undefined
  const bookable = (starts: FreeStart[]) => starts.filter(({ start }) => takenByRules(rooms, wanted, start, now))
  const seats = seatsOf(rooms.map(({ facts }) => facts))
  const heads = new Set([actor.userId, ...asked]).size
  const isFit = rooms.length === 0 || (heads <= seats && rooms.every(({ facts }) => facts.isActive))
  return { slots: isFit ? bookable(startsOf(time, rooms, wanted, now)) : [], calendars: time.calendars }
}

function startsOf(
  { grid, people }: PeopleTime,
  rooms: readonly RoomTime[],
  wanted: SlotsWanted,
  now: Instant,
): FreeStart[] {
  const { userIds, optionalIds, quorum } = wanted
  if (optionalIds.length === 0 && (quorum ?? 0) <= userIds.length) {
    const common = fullBits(grid)
    for (const { pieces } of people) keepFree(common, grid, pieces)
    for (const room of rooms) remove(common, blockedOf(room, grid))
    const bounds = people.map(({ rules }) => startBounds(rules, now))
    const within = {
      notBefore: Math.max(...bounds.map(({ notBefore }) => notBefore ?? -Infinity)) as Instant,
      notAfter: Math.min(...bounds.map(({ notAfter }) => notAfter ?? Infinity)) as Instant,
    }
    return startsIn(common, grid, wanted, within).map((start) => ({ start, attending: [...userIds] }))
  }
  const required = new Set(userIds)
  const open = fullBits(grid)
  for (const room of rooms) remove(open, blockedOf(room, grid))
  const attendees = people.map(({ userId, rules, pieces }): Attendee => ({
    id: userId,
    required: required.has(userId),
    free: freeBits(grid, pieces),
    ...startBounds(rules, now),
  }))
  // A room comes as a required attendee that is not counted.
  const place: Attendee[] = rooms.length === 0 ? [] : [{ id: '', required: true, free: open }]
  return startsForQuorum([...place, ...attendees], grid, wanted, (quorum ?? userIds.length) + place.length).map(
    ({ start, attending }) => ({ start, attending: attending.slice(place.length) }),
  )
}

interface RoomTime {
  facts: RoomFacts
  /** What keeps this viewer out, with the buffers that were claimed. */
  blocked: Interval[]
}

/** The room's own buffers lie around the new meeting, as they would when it claims the room. */
function blockedOf({ facts, blocked }: RoomTime, grid: Grid) {
  const bits = emptyBits(grid)
  const [before, after] = [bufferMs(facts, 'bufferBeforeMinutes'), bufferMs(facts, 'bufferAfterMinutes')]
  for (const { start, end } of blocked) fillSpan(bits, grid, start - after, end + before)
  return bits
}

function takenByRules(rooms: readonly RoomTime[], wanted: SlotsWanted, start: Instant, now: Instant): boolean {
  const span = { start, end: plus(start, wanted.durationMinutes * MINUTE_MS), now, isRecurring: false }
  return rooms.every(({ facts }) => ruleViolation(facts.bookingRules, span) === undefined)
}

function readRooms(pool: Pool, actor: Actor, { roomIds, window }: SlotsWanted, now: Instant): Promise<RoomTime[]> {
  return readOnly(pool, actor.organizationId, (tx) =>
    tx.last(async () => {
      const [{ rooms }, blocked] = await Promise.all([
        readFacts(tx, roomIds, [], []),
        readBlocked(tx, actor, roomIds, window, now),
      ])
      return roomIds.flatMap((id) => {
        const facts = rooms.get(id)
        return facts === undefined ? [] : [{ facts, blocked: blocked.filter((span) => span.resource_id === id) }]
      })
    }),
  )
}

interface BlockedRow extends Interval {
  resource_id: string
}

/** What keeps this viewer out of rooms, the buffers that were claimed included; in any order, a day more at both ends. */
export async function readBlocked(
  tx: OrganizationTx,
  { userId }: Actor,
  roomIds: readonly string[],
  { start, end }: Interval,
  now: Instant,
): Promise<BlockedRow[]> {
  const values = [tx.organizationId, roomIds, start, end, LONGEST_BLOCK_MS / 1000, userId, now]
  const { rows } = await tx.query<{ resource_id: string; blocked_from: Instant; blocked_until: Instant }>(
    'rooms-blocked',
    BLOCKED,
    values,
  )
  return rows.map((row) => ({ resource_id: row.resource_id, start: row.blocked_from, end: row.blocked_until }))
}

// A day more at both ends: as far as buffers reach, the new meeting's and the others'.
const BLOCKED = `
  SELECT a.resource_id, a.blocked_from, a.blocked_until FROM allocation a
  WHERE a.organization_id = $1 AND a.resource_id = ANY ($2::uuid[]) AND a.exclusive
    AND a.starts_at < to_timestamp($4::float8 / 1000) + interval '1 day'
    AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5) - interval '1 day'
    AND ${keepsOut('a', '$6', '$7')}`
