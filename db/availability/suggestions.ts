import type { Pool } from 'pg'
import { type Grid, type Bits, emptyBits, fillSpan, fullBits } from '../../domain/availability/bitmap.ts'
import { startBounds } from '../../domain/availability/person-time.ts'
import { MAX_WIDER_DAYS } from '../../domain/availability/suggestions/relaxation.ts'
import { leastHeads } from '../../domain/availability/suggestions/seating.ts'
import { seriesFrom } from '../../domain/availability/suggestions/series.ts'
import {
  type Guest,
  type LaterTime,
  type RoomChoice,
  type RoomWish,
  type Wish,
  guestGrid,
  gridSpan,
  laterGrid,
  reachDays,
  roomGrid,
} from '../../domain/availability/suggestions/wish.ts'
import { type Explanation, type Suggestions, explain, suggest } from '../../domain/availability/suggestions/suggest.ts'
import { type TimePiece, freeBits, monthsIn } from '../../domain/availability/time-pieces.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { bufferMs } from '../../domain/meetings/claims.ts'
import type { RecurrenceInput } from '../../domain/meetings/plan-schedule.ts'
import type { PersonFacts, RoomFacts } from '../../domain/meetings/ports.ts'
import { type Instant, type Interval, DAY_MS, plus } from '../../domain/time/instant.ts'
import { zoneOrUtc } from '../../domain/time/zone.ts'
import { readFacts } from '../meetings/meetings-rows.ts'
import { readOnly } from '../transaction.ts'
import { readBlocked } from './free-slots.ts'
import { inTurns } from './in-turns.ts'
import { type CalendarFreshness, type PeopleTime, type PersonTime, readPeopleTime } from './people-time.ts'

/** What is asked, as ids. */
export interface SuggestionsWanted {
  window: Interval
  durationMinutes: number
  granularityMinutes: number
  /** The viewer's own when undefined. */
  timezone?: string | undefined
  required: readonly string[]
  optional: readonly string[]
  /** `group`: its place among the groups that are asked for. */
  quorums: readonly { group: number; k: number; userIds: readonly string[] }[]
  /** Whether people are asked at any hour, as if they were always at work. */
  outsideWorkingHours: boolean
  rooms: RoomsWanted | null
  recurrence: RecurrenceInput | null
  limit: number
}

export interface RoomsWanted {
  /** undefined: any. */
  anyOf?: readonly string[] | undefined
  capacity: number
  equipment: readonly string[]
  floorId?: string | undefined
  count: number
}

export interface FoundSuggestions extends Suggestions {
  /** Where nothing fits. */
  explanation?: Explanation
  calendars: CalendarFreshness[]
}

/** Rooms looked at: those of a site. A series is looked at for 13 months in each, so fewer. */
const MAX_ROOMS = 200
const MAX_ROOMS_OF_SERIES = 50

/**
 * The best slots for this viewer, judged as his booking would be; where there are none, why. Only then the days beyond the window are read.
 * undefined: somebody or some room is not of this organisation.
 */
export async function suggestionsFor(
  pool: Pool,
  actor: Actor,
  wanted: SuggestionsWanted,
  now: Instant,
): Promise<FoundSuggestions | undefined> {
  const read = await readWish(pool, actor, wanted, wanted.window, now)
  if (read === undefined) return undefined
  const { wish, calendars } = read
  const found = await inTurns(suggest(wish, wanted.limit))
  if (found.total > 0) return { ...found, calendars }
  const known = { start: wanted.window.start, end: plus(wanted.window.end, MAX_WIDER_DAYS * DAY_MS) }
  const wider = await readWish(pool, actor, wanted, known, now)
  if (wider === undefined) return undefined
  return { ...found, explanation: await inTurns(explain(wider.wish)), calendars: wider.calendars }
}

/** Everything about the people and rooms named, over the span `known`, as a wish. */
async function readWish(
  pool: Pool,
  actor: Actor,
  wanted: SuggestionsWanted,
  known: Interval,
  now: Instant,
): Promise<{ wish: Wish; calendars: CalendarFreshness[] } | undefined> {
  const { required, optional, quorums, recurrence, window, durationMinutes, granularityMinutes } = wanted
  const asked = [...new Set([...required, ...optional, ...quorums.flatMap(({ userIds }) => userIds)])]
  const everybody = [...new Set([...asked, actor.userId])]
  const grid = guestGrid(known)
  const isRecurring = recurrence !== null
  const isWide = known !== window
  const ofRooms = { grid: roomGrid(known, now, isRecurring), now, isRecurring, isWide, heads: headsOf(actor, wanted) }
  const hours = wanted.outsideWorkingHours ? 'any' : 'working'
  const [time, facts, rooms, later] = await Promise.all([
    readTime(pool, actor, everybody, gridSpan(grid), now, hours),
    readOnly(pool, actor.organizationId, (tx) => tx.last(() => readFacts(tx, [], asked, []))),
    wanted.rooms && readRooms(pool, actor, wanted.rooms, ofRooms),
    // Where nothing fits no dates are weighed.
    isRecurring && !isWide ? readLater(pool, actor, required, window, now, hours) : null,
  ])
  if (time.people.length < everybody.length || rooms === undefined) return undefined
  const guests = new Map(time.people.map((one) => [one.userId, guestOf(one, facts.people.get(one.userId), grid, now)]))
  const of = (ids: readonly string[]) => ids.map((id) => guests.get(id)!)
  const zone = zoneOrUtc(wanted.timezone ?? time.people.find(({ userId }) => userId === actor.userId)!.timezone)
  const wish = {
    now,
    window,
    durationMinutes,
    granularityMinutes,
    zone,
    organizerId: actor.userId,
    grid,
    required: of(required),
    optional: of(optional),
    quorums: quorums.map(({ userIds, ...quorum }) => ({ ...quorum, members: of(userIds) })),
    rooms,
    series: recurrence && seriesFrom(recurrence, zone, now),
    later,
  }
  return { wish, calendars: time.calendars }
}

/** People who have to sit at least. */
function headsOf({ userId }: Actor, { required, optional, quorums }: SuggestionsWanted): number {
  const people = (ids: readonly string[]) => ids.map((id) => ({ id }))
  return leastHeads({
    organizerId: userId,
    required: people(required),
    optional: people(optional),
    quorums: quorums.map(({ k, userIds }) => ({ k, members: people(userIds) })),
  })
}

function guestOf(
  { userId, timezone, rules, pieces }: PersonTime,
  facts: PersonFacts | undefined,
  grid: Grid,
  now: Instant,
): Guest {
  return {
    id: userId,
    name: facts === undefined ? '' : `${facts.firstName} ${facts.lastName}`,
    zone: zoneOrUtc(timezone),
    work: onGrid(grid, pieces, 'working'),
    blocked: onGrid(grid, pieces, 'blocked'),
    ...startBounds(rules, now),
  }
}

/** Months put side by side; all grids lie on one raster of words. */
function onGrid(grid: Grid, pieces: readonly TimePiece[], what: 'working' | 'blocked'): Bits {
  const bits = emptyBits(grid)
  for (const piece of pieces) {
    const shift = piece.grid.firstWord - grid.firstWord
    const from = Math.max(0, -shift)
    const until = Math.min(piece[what].length, grid.words - shift)
    if (from < until) bits.set(piece[what].subarray(from, until), from + shift)
  }
  return bits
}

/** Months of people that are put together at once: some milliseconds of work. */
const MONTHS_AT_ONCE = 150

/** In which people are asked: in their own, or at any as if they were always at work. */
type AskedHours = 'working' | 'any'

/** `readPeopleTime`, some people after the others, so that a department's months do not hold up the process. */
async function readTime(
  pool: Pool,
  actor: Actor,
  ids: readonly string[],
  window: Interval,
  now: Instant,
  hours: AskedHours,
): Promise<Pick<PeopleTime, 'people' | 'calendars'>> {
  const atOnce = Math.max(1, Math.floor(MONTHS_AT_ONCE / monthsIn(window).length))
  const [people, calendars]: [PersonTime[], CalendarFreshness[]] = [[], []]
  for (let first = 0; first < ids.length; first += atOnce) {
    const time = await readPeopleTime(pool, actor, ids.slice(first, first + atOnce), window, now)
    people.push(...(hours === 'any' ? time.people.map(alwaysAtWork) : time.people))
    calendars.push(...time.calendars)
  }
  return { people, calendars }
}

function alwaysAtWork(person: PersonTime): PersonTime {
  return { ...person, pieces: person.pieces.map((piece) => ({ ...piece, working: fullBits(piece.grid) })) }
}

/** The time of those required on the later dates of a series. */
async function readLater(
  pool: Pool,
  actor: Actor,
  required: readonly string[],
  window: Interval,
  now: Instant,
  hours: AskedHours,
): Promise<LaterTime> {
  const ids = [...new Set(required)]
  const grid = laterGrid(window, ids.length)
  const { people } = await readTime(pool, actor, ids, gridSpan(grid), now, hours)
  const free = new Map(people.map(({ userId, pieces }) => [userId, freeBits(grid, pieces)]))
  return { grid, reachDays: reachDays(ids.length), free }
}

interface RoomsAsked {
  grid: Grid
  now: Instant
  isRecurring: boolean
  /** Also those that lack something of what is asked. */
  isWide: boolean
  heads: number
}

/** undefined: one that is named is not there. */
async function readRooms(
  pool: Pool,
  actor: Actor,
  wanted: RoomsWanted,
  { grid, now, isRecurring, isWide, heads }: RoomsAsked,
): Promise<RoomWish | undefined> {
  const { anyOf, capacity, equipment, floorId, count } = wanted
  const limit = isRecurring ? MAX_ROOMS_OF_SERIES : MAX_ROOMS
  return readOnly(pool, actor.organizationId, async (tx) => {
    const seats = count === 1 ? Math.max(capacity, heads) : capacity
    const fit = [tx.organizationId, seats, equipment, floorId ?? null, anyOf ?? null, isWide, limit]
    const { rows } = await tx.query<{ ids: string[] | null; named: number }>('rooms-suitable', SUITABLE, fit)
    const ids = rows[0]?.ids ?? []
    if (anyOf !== undefined && rows[0]?.named !== new Set(anyOf).size) return undefined
    const [{ rooms }, blocked] = await tx.last(() =>
      Promise.all([readFacts(tx, ids, [], []), readBlocked(tx, actor, ids, gridSpan(grid), now)]),
    )
    const blockedOf = Map.groupBy(blocked, ({ resource_id }) => resource_id)
    const choices = ids.flatMap((id) => {
      const facts = rooms.get(id)
      return facts === undefined ? [] : [choiceOf(facts, blockedOf.get(id) ?? [], grid)]
    })
    return { choices, grid, count, capacity, equipment, floorId: floorId ?? null }
  })
}

// Those that are as asked for come first, then what comes nearest in seats; the same ones whatever the window.
const SUITABLE = `
  SELECT (SELECT count(*)::integer FROM room WHERE organization_id = $1 AND id = ANY ($5::uuid[])) AS named,
         (SELECT array_agg(id) FROM (
            SELECT id, capacity >= $2 AND equipment @> $3::text[] AND ($4::uuid IS NULL OR floor_id = $4) AS fits
            FROM room WHERE organization_id = $1 AND is_active AND ($5::uuid[] IS NULL OR id = ANY ($5))
              AND ($6 OR (capacity >= $2 AND equipment @> $3::text[] AND ($4::uuid IS NULL OR floor_id = $4)))
            ORDER BY 2 DESC, abs(capacity - $2), id LIMIT $7) AS suitable) AS ids`

/** The room's own buffers lie around the new meeting, as they would when it claims the room. */
function choiceOf(facts: RoomFacts, taken: readonly Interval[], grid: Grid): RoomChoice {
  const blocked = emptyBits(grid)
  const [before, after] = [bufferMs(facts, 'bufferBeforeMinutes'), bufferMs(facts, 'bufferAfterMinutes')]
  for (const { start, end } of taken) fillSpan(blocked, grid, start - after, end + before)
  return { ...facts, blocked }
}
