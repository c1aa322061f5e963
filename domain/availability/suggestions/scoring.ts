import { modulo } from '../../time/civil.ts'
import { type Instant, DAY_MS, MINUTE_MS } from '../../time/instant.ts'
import type { Zone } from '../../time/zone.ts'
import { DAY_MINUTES } from '../bitmap.ts'
import type { Fit, Table } from './candidates.ts'
import { type DateBook, type Dates, dateBook } from './dates.ts'

/** Each 0 to 1, 1 the best; the score is their weighted sum. */
export interface Parts {
  /** Share of those who may be missing that can come; of a series times the share of its dates that suit everybody required. */
  attendance: number
  /** How near to a usual day (09:00 to 17:00 on his own clock) it is for those who come, on average. */
  comfort: number
  /** The same for those whom it suits worst. */
  fairness: number
  /** How few free times shorter than `SHORT_MINUTES` it leaves. */
  fragmentation: number
  soonness: number
  roomFit: number
}

/** Of a slot: what its score is made of, and what the reasons tell of it. */
export interface Merits {
  parts: Parts
  /** By zones of the table. */
  heard: readonly Hours[]
  /** How many people it leaves a short free time. */
  fragmented: number
  dates: Dates
}

/** Who comes weighs most; soonness decides between slots that are alike otherwise. */
export const WEIGHTS = {
  attendance: 0.35,
  comfort: 0.15,
  fairness: 0.2,
  fragmentation: 0.1,
  soonness: 0.1,
  roomFit: 0.1,
} as const satisfies Record<keyof Parts, number>

const [DAY_BEGINS, DAY_ENDS] = [9 * 60, 17 * 60]
/** The furthest that a time of day can be from the usual day: at 01:00. */
const FURTHEST_MINUTES = (DAY_MINUTES - (DAY_ENDS - DAY_BEGINS)) / 2
/** A slot so far ahead is half as soon. */
const HALF_SOON_MS = 14 * DAY_MS
/** Of a long series so many occurrences, evenly spread, are scored: one or more for each week of the year, so both phases of DST are among them. */
const MAX_SCORED = 64

/**
 * Weighs slots, each by what is true of itself: who comes, when it is on whose clock, what lies around it, how far from now it is. Nothing
 * here knows the window or the other slots, so the score of a slot is the same in every answer that has it.
 */
export function scorer(table: Table, book: DateBook = dateBook(table.wish)): (fit: Fit) => Merits {
  const { wish, seats, zones, tally } = table
  const { durationMinutes, now } = wish
  const penalties = penaltiesOf(durationMinutes)
  const mayMiss = seats.filter(({ isRequired }) => !isRequired).length

  return (fit) => {
    const { present, starts } = fit
    const dates = book.count(starts)
    tally.add(present.length + dates.looked + zones.length * Math.min(starts.length, MAX_SCORED))
    const heard = zones.map((zone) => hoursIn(zone, starts, penalties))
    const counts = zones.map(() => 0)
    let fragmented = 0
    for (const seat of present) {
      counts[seat.zone]!++
      if (seat.leavesShort(fit.minute, fit.minute + durationMinutes)) fragmented++
    }
    const parts: Parts = {
      attendance: (mayMiss === 0 ? 1 : 1 - fit.absent.length / mayMiss) * (dates.complete / dates.looked),
      comfort: 1 - mean(heard, counts),
      fairness: 1 - burden(heard, counts),
      fragmentation: present.length === 0 ? 1 : 1 - fragmented / present.length,
      soonness: 2 ** (-(fit.start - now) / HALF_SOON_MS),
      roomFit: fit.rooms.fit,
    }
    return { parts, heard, fragmented, dates }
  }
}

/** Those who come for whom it is worst, and at which minute of their day it begins; undefined where it suits everybody. */
export function hardestOf({ present, starts }: Fit, { heard }: Pick<Merits, 'heard'>, { wish, zones }: Table) {
  const worst = present.reduce((most, { zone }) => Math.max(most, heard[zone]!.worst), 0)
  if (worst === 0) return undefined
  const seats = present.filter(({ zone }) => heard[zone]!.worst === worst)
  const zone = zones[seats[0]!.zone]!
  const penalties = penaltiesOf(wish.durationMinutes)
  const at = starts.find((start) => penalties[minuteOfDay(zone, start)] === worst) ?? starts[0]!
  return { minuteOfDay: minuteOfDay(zone, at), seats }
}

/** So that what is called equal is equal: the order must not hang on the last bit of a sum. */
const PRECISION = 10_000

export function scoreOf(parts: Parts): number {
  const { attendance, comfort, fairness, fragmentation, soonness, roomFit } = WEIGHTS
  const sum =
    parts.attendance * attendance +
    parts.comfort * comfort +
    parts.fairness * fairness +
    parts.fragmentation * fragmentation +
    parts.soonness * soonness +
    parts.roomFit * roomFit
  return Math.round(sum * PRECISION) / PRECISION
}

/** To as many places as the score has. */
export function rounded(parts: Parts): Parts {
  const entries = Object.entries(parts).map(([name, value]) => [name, Math.round(value * PRECISION) / PRECISION])
  return Object.fromEntries(entries) as Parts
}

function minuteOfDay(zone: Zone, at: Instant): number {
  return modulo(Math.floor(zone.wallAt(at) / MINUTE_MS), DAY_MINUTES)
}

export interface Hours {
  average: number
  worst: number
}

/** What the occurrences are to somebody in that zone: a series that suits in winter may be early in summer. */
function hoursIn(zone: Zone, starts: readonly Instant[], penalties: Float64Array): Hours {
  const step = Math.max(1, Math.floor(starts.length / MAX_SCORED))
  let [sum, count, worst] = [0, 0, 0]
  for (let i = 0; i < starts.length; i += step) {
    const penalty = penalties[minuteOfDay(zone, starts[i]!)]!
    sum += penalty
    count += 1
    worst = Math.max(worst, penalty)
  }
  return { average: sum / count, worst }
}

/**
 * By the minute of the day at which a meeting begins: the square of the furthest distance from the usual day that it reaches, 0 to 1. A
 * square, so that two hours too early are four times as bad as one, and two people one hour each better than one person two.
 */
function penaltiesOf(durationMinutes: number): Float64Array {
  return Float64Array.from({ length: DAY_MINUTES }, (_, start) => {
    const end = start + durationMinutes
    // Over midnight the distance grows up to 01:00; a meeting that lasts over that hour reaches it.
    const night = DAY_ENDS + FURTHEST_MINUTES
    const isOverNight = modulo(night - start, DAY_MINUTES) <= durationMinutes
    const furthest = isOverNight ? FURTHEST_MINUTES : Math.max(distance(start), distance(modulo(end, DAY_MINUTES)))
    return (furthest / FURTHEST_MINUTES) ** 2
  })
}

function distance(minute: number): number {
  if (minute < DAY_BEGINS) return Math.min(DAY_BEGINS - minute, minute + DAY_MINUTES - DAY_ENDS)
  return minute <= DAY_ENDS ? 0 : Math.min(minute - DAY_ENDS, DAY_BEGINS + DAY_MINUTES - minute)
}

function mean(heard: readonly Hours[], counts: readonly number[]): number {
  let [sum, total] = [0, 0]
  for (let i = 0; i < heard.length; i++) {
    sum += heard[i]!.average * counts[i]!
    total += counts[i]!
  }
  return total === 0 ? 0 : sum / total
}

/**
 * The penalties of all who come, worst first, each with half the weight of the one before, so that the worst off counts as much as everybody
 * behind him together, then the second, and so on: near to leximin, yet one number. `counts[i]` people hear `heard[i]`; the weights of a
 * group of equals are summed at once.
 */
function burden(heard: readonly Hours[], counts: readonly number[]): number {
  const order = heard.map((_, i) => i).toSorted((a, b) => heard[b]!.worst - heard[a]!.worst)
  let [sum, weight] = [0, 1]
  for (const i of order) {
    const rest = weight * 2 ** -counts[i]!
    sum += heard[i]!.worst * (weight - rest)
    weight = rest
  }
  return weight === 1 ? 0 : sum / (1 - weight)
}
