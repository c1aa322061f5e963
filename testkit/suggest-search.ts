import { WEIGHTS } from '../domain/availability/suggestions/scoring.ts'
import { ruleViolation } from '../domain/rooms/room.ts'
import { DAY_MS, MINUTE_MS } from '../domain/time/instant.ts'
import { findZone } from '../domain/time/zone.ts'
import { type Case, NOW, type Person, type Place, type Span, at } from './suggest-cases.ts'

/** Knows no bits and no prepared order: looks at each minute as a start, and at each minute of it. */
export function searched(given: Case) {
  const { people, from, minutes, durationMinutes, granularityMinutes } = given
  const members = people.filter(({ role }) => role === 'member')
  const zone = findZone(given.zone)!
  const found = []
  for (let start = Math.max(from, NOW); start + durationMinutes <= from + minutes; start++) {
    const wall = Math.floor(zone.wallAt(at(start)) / MINUTE_MS)
    if (((wall % granularityMinutes) + granularityMinutes) % granularityMinutes !== 0) continue
    const able = people.filter((one) => canAttend(one, start, durationMinutes))
    if (people.some((one) => one.role === 'required' && !able.includes(one))) continue
    const others = able.filter(({ role }) => role === 'member')
    const k = Math.min(given.k, members.length)
    if (others.length < k) continue
    const dates = datesOf(given, start)
    const named = 1 + people.length - members.length
    const rooms = roomsFor(given, dates, named + k, named + others.length)
    if (rooms === undefined) continue
    // Those who are in the order of ids the last are left out.
    const seated = others.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, rooms.seats - named)
    const present = able.filter((one) => one.role !== 'member' || seated.includes(one))
    const required = people.filter(({ role }) => role === 'required')
    const suiting = dates.filter((date) => required.every((one) => isOpen(one, date, durationMinutes)))
    const ids = (some: readonly Person[]) => some.map(({ id }) => id).toSorted()
    found.push({
      start: at(start),
      roomIds: rooms.ids,
      present: ids(present),
      absent: ids(people.filter((one) => !present.includes(one))),
      score: scoreOf(given, dates, suiting.length / dates.length, present, rooms.fit),
    })
  }
  return found.toSorted((a, b) => b.score - a.score || a.start - b.start)
}

/** The same time on the clock in `zone`, some days later each. */
function datesOf({ series, zone: name }: Case, start: number): number[] {
  const zone = findZone(name)!
  const wall = zone.wallAt(at(start))
  const { count, days } = series ?? { count: 1, days: 1 }
  return Array.from({ length: count }, (_, i) => {
    const instant = zone.instantOf(wall + i * days * DAY_MS)
    return start + (instant - at(start)) / MINUTE_MS
  })
}

function canAttend(person: Person, start: number, minutes: number): boolean {
  return start >= NOW + person.noticeMinutes && isOpen(person, start, minutes)
}

function isOpen({ work, busy }: Person, start: number, minutes: number): boolean {
  for (let minute = start; minute < start + minutes; minute++) if (!isFree(work, busy, minute)) return false
  return true
}

function isFree(work: readonly Span[], busy: readonly Span[], minute: number): boolean {
  const within = ([from, until]: Span) => from <= minute && minute < until
  return work.some(within) && !busy.some(within)
}

interface Found {
  ids: string[]
  seats: number
  fit: number
}

/**
 * Every set of so many rooms that can be booked together: the best of those that seat `most`, else the largest that seat `least`. Of several
 * rooms the smallest that will do are the best.
 */
function roomsFor(given: Case, dates: readonly number[], least: number, most: number): Found | undefined {
  const { places, wantsRooms, durationMinutes, capacity, equipment } = given
  if (wantsRooms === 0) return { ids: [], seats: Infinity, fit: 1 }
  const free = places.filter((place) => {
    const { bufferBeforeMinutes: before = 0, bufferAfterMinutes: after = 0 } = place.rules
    if (place.capacity < capacity || !equipment.every((name) => place.equipment.includes(name))) return false
    return dates.every((start) => {
      const end = start + durationMinutes
      if (place.busy.some(([from, until]) => start - before < until && from < end + after)) return false
      const span = { start: at(start), end: at(end), now: at(NOW), isRecurring: given.series !== null }
      return ruleViolation(place.rules, span) === undefined
    })
  })
  const sets = wantsRooms === 1 ? free.map((place) => [place]) : runsOf(free, wantsRooms)
  const rated = sets
    .map((set) => ({ set, seats: set.reduce((sum, place) => sum + place.capacity, 0) }))
    .filter(({ seats }) => seats >= least)
    .map(({ set, seats }) => {
      return { ids: set.map(({ id }) => id), seats, fit: fitOf(given, set, Math.min(seats, most)) }
    })
  const enough = rated.filter(({ seats }) => seats >= most)
  if (wantsRooms > 1) return enough[0] ?? rated.at(-1)
  return rated.toSorted((a, b) => {
    return Math.min(b.seats, most) - Math.min(a.seats, most) || b.fit - a.fit || (a.ids[0]! < b.ids[0]! ? -1 : 1)
  })[0]
}

function runsOf(free: readonly Place[], size: number): Place[][] {
  const order = free.toSorted((a, b) => a.capacity - b.capacity || (a.id < b.id ? -1 : 1))
  return order.map((_, i) => order.slice(i, i + size)).filter((run) => run.length === size)
}

function fitOf({ capacity, equipment }: Case, set: readonly Place[], heads: number): number {
  const seats = set.reduce((sum, place) => sum + place.capacity, 0)
  const needed = Math.max(heads, capacity * set.length)
  const has = set.reduce((sum, place) => sum + place.equipment.length, 0)
  const floors = new Set(set.map(({ floorId }) => floorId)).size
  return (
    0.7 * (needed / Math.max(needed, seats)) +
    0.2 * Math.min(1, (equipment.length * set.length + 1) / (has + 1)) +
    (floors === 1 ? 0.1 : 0)
  )
}

function scoreOf(
  { people, durationMinutes }: Case,
  dates: readonly number[],
  suiting: number,
  present: readonly Person[],
  roomFit: number,
): number {
  const start = dates[0]!
  const each = present.map(({ zone }) => dates.map((date) => penaltyOf(zone, date, durationMinutes)))
  const average = each.map((one) => one.reduce((a, b) => a + b, 0) / dates.length)
  const penalties = each.map((one) => Math.max(...one)).toSorted((a, b) => b - a)
  const weights = penalties.map((_, i) => 2 ** -(i + 1))
  const weighted = penalties.reduce((sum, penalty, i) => sum + penalty * weights[i]!, 0)
  const short = present.filter((one) => leavesShort(one, start, start + durationMinutes)).length
  const mayMiss = people.filter(({ role }) => role !== 'required').length
  const parts = {
    attendance: suiting * (mayMiss === 0 ? 1 : 1 - (people.length - present.length) / mayMiss),
    comfort: 1 - (present.length === 0 ? 0 : average.reduce((a, b) => a + b, 0) / present.length),
    fairness: 1 - (present.length === 0 ? 0 : weighted / weights.reduce((a, b) => a + b, 0)),
    fragmentation: present.length === 0 ? 1 : 1 - short / present.length,
    soonness: 2 ** (-(start - NOW) / (14 * 1_440)),
    roomFit,
  }
  const sum = Object.entries(parts).reduce((all, [name, part]) => all + part * WEIGHTS[name as keyof typeof WEIGHTS], 0)
  return Math.round(sum * 10_000) / 10_000
}

/** Minute by minute, the end included: how far the clock on his wall is from nine to five. */
function penaltyOf(zone: string, start: number, minutes: number): number {
  const wall = Math.floor(findZone(zone)!.wallAt(at(start)) / MINUTE_MS)
  let furthest = 0
  for (let minute = wall; minute <= wall + minutes; minute++) {
    const time = ((minute % 1_440) + 1_440) % 1_440
    const away =
      time >= 540 && time <= 1_020 ? 0 : Math.min((540 - time + 1_440) % 1_440, (time - 1_020 + 1_440) % 1_440)
    furthest = Math.max(furthest, away)
  }
  return (furthest / 480) ** 2
}

function leavesShort({ work, busy }: Person, start: number, end: number): boolean {
  const free = (from: number, by: number) => {
    let length = 0
    while (length < 30 && isFree(work, busy, from + length * by)) length++
    return length > 0 && length < 30
  }
  return free(start - 1, -1) || free(end, 1)
}
