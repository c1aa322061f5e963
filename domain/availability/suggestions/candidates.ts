import { modulo } from '../../time/civil.ts'
import { DAY_MS, type Instant, type Interval, MINUTE_MS, instant } from '../../time/instant.ts'
import type { Zone } from '../../time/zone.ts'
import { WORD_MINUTES, erode, fullBits, hasMinute, keep, minuteUpTo } from '../bitmap.ts'
import { type ChooseRooms, type RoomSet, readyRooms, roomChooser, seatsIn } from './rooms.ts'
import { Seat } from './seat.ts'
import { type Seater, type Seating, namedIn, seaterOf } from './seating.ts'
import { type Steps, Tally } from './steps.ts'
import type { Wish } from './wish.ts'

/** A slot that satisfies every hard constraint. */
export interface Fit {
  start: Instant
  /** `start` as a minute of the guests' grid. */
  minute: number
  /** Of all occurrences within 13 months, in order; of a single meeting its own. */
  starts: readonly Instant[]
  /** Both in order of ids. */
  present: readonly Seat[]
  absent: readonly Seat[]
  /** Of the absent those who could come, had the rooms a seat for them. */
  seatless: readonly Seat[]
  rooms: RoomSet
  /** Seats that a booking of it takes. */
  heads: number
}

/** Everything that is asked of a candidate. */
export interface Table {
  wish: Wish
  /** Each person once, in order of ids, so that it does not matter in which order they were named. */
  seats: readonly Seat[]
  /** Of all of them. */
  zones: readonly Zone[]
  quorums: readonly { group: number; k: number; seats: readonly Seat[] }[]
  seatingAt: Seater
  chooseRooms: ChooseRooms
  tally: Tally
}

/** How many candidates one question looks at: 4 weeks of every 5 minutes are 8,064, a quarter of every quarter of an hour 8,928. */
const MAX_CANDIDATES = 10_000
/** Of a series every occurrence is looked at; 4 weeks of every quarter of an hour are 2,688. */
const MAX_SERIES_CANDIDATES = 3_000
/** Longer plans are made by asking again: beyond a quarter nobody's calendar says much. */
const MAX_DAYS = 93

/** In a sentence what makes a question too large to be answered; undefined: nothing. */
export function tooLarge(
  { start, end }: Interval,
  granularityMinutes: number,
  isRecurring: boolean,
): string | undefined {
  if (end - start > MAX_DAYS * DAY_MS) return `A window is at most ${MAX_DAYS} days long.`
  const most = isRecurring ? MAX_SERIES_CANDIDATES : MAX_CANDIDATES
  if ((end - start) / (granularityMinutes * MINUTE_MS) <= most) return undefined
  return `At most ${most} starts are looked at: ask for a shorter window or a coarser granularity.`
}

export function tableOf(wish: Wish): Table {
  const seats = new Map<string, Seat>()
  const zones: Zone[] = []
  const tally = new Tally()
  const members = wish.quorums.flatMap((quorum) => quorum.members)
  const required = new Set(wish.required.map(({ id }) => id))
  for (const guest of [...wish.required, ...members, ...wish.optional]) {
    if (seats.has(guest.id)) continue
    if (!zones.includes(guest.zone)) zones.push(guest.zone)
    const isRequired = required.has(guest.id)
    seats.set(guest.id, new Seat(guest, isRequired, zones.indexOf(guest.zone), wish.durationMinutes))
  }
  const quorums = wish.quorums.map(({ group, k, members: ids }) => ({
    ...{ group, k },
    seats: [...new Set(ids.map(({ id }) => id))].map((id) => seats.get(id)!),
  }))
  return {
    wish,
    seats: [...seats.values()].toSorted((a, b) => (a.guest.id < b.guest.id ? -1 : 1)),
    zones,
    quorums,
    seatingAt: seaterOf(namedIn(wish), quorums),
    chooseRooms: roomChooser(wish, tally),
    tally,
  }
}

/**
 * All slots that satisfy the hard constraints, by start: within the window and not in the past; every required person and enough of each
 * quorum free, at work and willing to be asked that late or that early; the rooms bookable for every occurrence.
 *
 * Whether a start is a candidate, who can come and which rooms are chosen follows from the start alone. Hence a wider window has all slots
 * of a narrower one.
 */
export function* fitsOf(table: Table): Steps<Fit[]> {
  const { wish, seats, quorums, seatingAt, chooseRooms, tally } = table
  const fits: Fit[] = []
  const required = seats.filter(({ isRequired }) => isRequired)
  // What is common to the required is searched for runs once, in place of each of them.
  const common = fullBits(wish.grid)
  for (const { free } of required) keep(common, free)
  erode(common, wish.durationMinutes)
  tally.add(Math.ceil((required.length * common.length) / WORDS_PER_LOOK))
  yield* readyRooms(wish, tally)
  const members = quorums.reduce((sum, quorum) => sum + quorum.seats.length, 0)
  for (const start of candidatesOf(wish)) {
    tally.add(1)
    yield* tally.pause()
    const minute = minuteIn(wish, start)
    if (!hasMinute(common, minute) || required.some((seat) => !seat.isWilling(start))) continue
    tally.add(members)
    const seating = seatingAt(start, minute)
    if (seating === undefined) continue
    const starts = startsOf(table, start)
    const rooms = starts && chooseRooms(starts, seating)
    if (starts === undefined || rooms === undefined) continue
    tally.add(seats.length)
    const seatless = seatlessOf(seating, rooms)
    const [present, absent]: [Seat[], Seat[]] = [[], []]
    for (const seat of seats) {
      const comes = seat.isRequired || (seat.canCome(start, minute) && !seatless.includes(seat))
      ;(comes ? present : absent).push(seat)
    }
    fits.push({ start, minute, starts, present, absent, seatless, rooms, heads: seating.most - seatless.length })
  }
  return fits
}

/** Whoever of the groups is one too many for the rooms. */
function seatlessOf({ most, others }: Seating, { rooms }: RoomSet): readonly Seat[] {
  const lack = rooms.length === 0 ? 0 : most - seatsIn(rooms)
  return lack > 0 ? others.slice(-lack) : []
}

/** Bits are combined word by word, so fast that many words are a look. */
const WORDS_PER_LOOK = 16

/** All dates of what begins there; undefined: nothing of that rule can. */
export function startsOf({ wish: { series }, tally }: Table, start: Instant): readonly Instant[] | undefined {
  return series === null ? [start] : series(start, tally)
}

/**
 * The starts that are looked at: whole minutes at which the wall clock shows a multiple of the granularity. They are tied to the clock and
 * not to the window's start, or a window that begins a little earlier would lose every one of them.
 */
export function candidatesOf({ window, durationMinutes, granularityMinutes, zone, now }: Wish): Instant[] {
  const starts: Instant[] = []
  const last = window.end - durationMinutes * MINUTE_MS
  let at = minuteUpTo(Math.max(window.start, now)) * MINUTE_MS
  while (at <= last) {
    const over = modulo(Math.floor(zone.wallAt(instant(at)) / MINUTE_MS), granularityMinutes)
    if (over === 0) starts.push(instant(at))
    const next = at + (granularityMinutes - over) * MINUTE_MS
    // Where the clock is changed the next multiple may come sooner: it is looked for minute by minute.
    at = zone.offsetAt(instant(next)) === zone.offsetAt(instant(at)) ? next : at + MINUTE_MS
  }
  return starts
}

/** A minute as the guests' bits count it. */
export function minuteIn({ grid }: Wish, at: number): number {
  return at / MINUTE_MS - grid.firstWord * WORD_MINUTES
}
