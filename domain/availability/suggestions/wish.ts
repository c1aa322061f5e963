import type { BookingRules } from '../../rooms/room.ts'
import { type Instant, type Interval, DAY_MS, HOUR_MS, MINUTE_MS, instant, plus } from '../../time/instant.ts'
import type { Zone } from '../../time/zone.ts'
import { type Bits, type Grid, WORD_MINUTES, gridOver } from '../bitmap.ts'
import type { Tally } from './steps.ts'

/** What is wanted, with everything that is known about it: a decision needs nothing else. */
export interface Wish {
  now: Instant
  /** Candidates start and end within. */
  window: Interval
  /** Whole minutes. */
  durationMinutes: number
  /** Candidates start where the wall clock of `zone` is a multiple of it, counted from a midnight. */
  granularityMinutes: number
  /** Of whoever asks; a series keeps this wall clock. */
  zone: Zone
  /** Sits in the room too, whether he is asked for or not. */
  organizerId: string
  /** Of `free` and `blocked` of all guests. */
  grid: Grid
  required: readonly Guest[]
  optional: readonly Guest[]
  quorums: readonly Quorum[]
  /** null: no room is wanted. */
  rooms: RoomWish | null
  /** The starts of all occurrences of a series that begins there (series.ts); null: it takes place once. */
  series: SeriesFrom | null
  /** Of a series: the required people's time on its later dates (dates.ts). null: it is not looked at. */
  later: LaterTime | null
}

export interface LaterTime {
  /** Reaches over every date that is looked at. */
  grid: Grid
  /** So many days of a series are looked at, from its first date on. */
  reachDays: number
  /** By id: the minutes in which he can be in a meeting. */
  free: ReadonlyMap<string, Bits>
}

/** In order, 13 months of them; undefined: no series of that rule can begin there. What is worked out is counted. */
export type SeriesFrom = (start: Instant, tally: Tally) => readonly Instant[] | undefined

/** Somebody who is to come. The same person is the same object wherever he is named. */
export interface Guest {
  id: string
  /** As whoever asks may read it. */
  name: string
  zone: Zone
  /** The minutes of his working time. */
  work: Bits
  /** The minutes in which nothing can be put, his buffers included. */
  blocked: Bits
  /** The first and the last start that he takes; absent: any. */
  notBefore?: Instant | undefined
  notAfter?: Instant | undefined
}

/** At least `k` of the members. */
export interface Quorum {
  /** Its place among the groups that were asked for, from 0. */
  group: number
  k: number
  members: readonly Guest[]
}

export interface RoomWish {
  /** Active ones; what is too small, ill equipped or elsewhere among them is passed over. */
  choices: readonly RoomChoice[]
  /** Of `blocked` of all choices: reaches over every occurrence of a series. */
  grid: Grid
  /** How many at the same time. */
  count: number
  /** Seats of each of them. */
  capacity: number
  equipment: readonly string[]
  floorId: string | null
}

export interface RoomChoice {
  id: string
  name: string
  capacity: number
  floorId: string | null
  equipment: readonly string[]
  bookingRules: BookingRules
  /** The minutes that no booking may touch: those taken, widened by the buffers that this room asks for itself. */
  blocked: Bits
}

/**
 * How far beyond the window guests' time is known. What a slot leaves free around itself counts, and must look the same whether the
 * window ends there or not.
 */
const PAD_MS = HOUR_MS
/** A series is materialised 13 months ahead (domain/meetings/meeting.ts: horizonOf). */
const SERIES_DAYS = 396
const SERIES_MS = SERIES_DAYS * DAY_MS
/**
 * Of a series, so many days of people's time are looked at: those of 25 people for as long as a series is materialised, of more people for
 * so much shorter, of 200 for seven weeks. It does not depend on the window, so neither does the score of a slot.
 */
const MAX_PERSON_DAYS = 25 * SERIES_DAYS

export function reachDays(people: number): number {
  return Math.min(SERIES_DAYS, Math.floor(MAX_PERSON_DAYS / Math.max(1, people)))
}

/** The span over which the time of that many required people must be known for the dates of a series. */
export function laterGrid({ start, end }: Interval, people: number): Grid {
  return gridOver({ start, end: plus(end, reachDays(people) * DAY_MS) })
}

/** The span over which guests' time must be known. */
export function guestGrid({ start, end }: Interval): Grid {
  return gridOver({ start: plus(start, -PAD_MS), end: plus(end, PAD_MS) })
}

/** The span over which rooms' time must be known. */
export function roomGrid(window: Interval, now: Instant, isRecurring: boolean): Grid {
  const last = window.end > now ? window.end : now
  return gridOver({ start: window.start, end: isRecurring ? plus(last, SERIES_MS + DAY_MS) : window.end })
}

/** All of it, from the first bit to the last. */
export function gridSpan({ firstWord, words }: Grid): Interval {
  const wordMs = WORD_MINUTES * MINUTE_MS
  return { start: instant(firstWord * wordMs), end: instant((firstWord + words) * wordMs) }
}
