import fc from 'fast-check'
import { emptyBits, fillSpan, remove } from '../domain/availability/bitmap.ts'
import type { Change } from '../domain/availability/suggestions/relaxation.ts'
import { seriesFrom } from '../domain/availability/suggestions/series.ts'
import type { Steps } from '../domain/availability/suggestions/steps.ts'
import {
  type Guest,
  type RoomChoice,
  type Wish,
  guestGrid,
  laterGrid,
  reachDays,
  roomGrid,
} from '../domain/availability/suggestions/wish.ts'
import type { BookingRules } from '../domain/rooms/room.ts'
import { type Instant, type Interval, DAY_MS, MINUTE_MS, instant, plus } from '../domain/time/instant.ts'
import { parseInstant } from '../domain/time/iso.ts'
import { findZone } from '../domain/time/zone.ts'

/** Small questions for suggestions, as numbers that a search by hand (suggest-search.ts) reads as well as the product does. */

export const HOUR = 60

/** Minutes since `EPOCH`. */
export type Span = readonly [from: number, until: number]

export interface Person {
  id: string
  zone: string
  role: 'required' | 'optional' | 'member'
  work: Span[]
  busy: Span[]
  noticeMinutes: number
}

export interface Place {
  id: string
  capacity: number
  equipment: string[]
  floorId: string
  rules: BookingRules
  busy: Span[]
}

export interface Case {
  people: Person[]
  places: Place[]
  wantsRooms: number
  k: number
  from: number
  minutes: number
  durationMinutes: number
  granularityMinutes: number
  capacity: number
  equipment: string[]
  zone: string
  /** So many dates, every so many days; null: once. */
  series: { count: number; days: number } | null
}

const EPOCH = parseInstant('2026-03-01T00:00:00Z')!
/** Minutes since `EPOCH`. */
export const NOW = 10
/** 23 March 2026, 09:00 UTC, is 10:00 in Berlin. */
export const MONDAY_9 = 22 * 1_440 + 9 * HOUR
export const PERSON: Omit<Person, 'id' | 'zone'> = {
  role: 'required',
  work: [[0, 500_000]],
  busy: [],
  noticeMinutes: 0,
}
export const ROOM = { capacity: 4, equipment: [], floorId: 'f', rules: {}, busy: [] as Span[] }
export const EMPTY: Case = {
  ...{ people: [], places: [], wantsRooms: 0, k: 0, from: 0, minutes: 0, durationMinutes: 60, granularityMinutes: 30 },
  ...{ capacity: 1, equipment: [], zone: 'UTC', series: null },
}
export const FIXED_ZONES = ['Etc/GMT+3', 'UTC', 'Etc/GMT-6']
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC']

/** All steps at once. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

export function at(minutes: number): Instant {
  return instant(EPOCH + minutes * MINUTE_MS)
}

function bitsOf(spans: readonly Span[], grid: ReturnType<typeof guestGrid>, before = 0, after = 0) {
  const bits = emptyBits(grid)
  for (const [from, until] of spans) fillSpan(bits, grid, at(from - before), at(until + after))
  return bits
}

/** The time of everybody is known for as long as an explanation may look. */
export function wishOf(given: Case, now = NOW, isRecurring = given.series !== null): Wish {
  const { people, places, wantsRooms, k, from, minutes, durationMinutes, granularityMinutes, capacity, equipment } =
    given
  const { series } = given
  const zone = findZone(given.zone)!
  const window = { start: at(from), end: at(from + minutes) }
  const known: Interval = { start: window.start, end: plus(window.end, 7 * DAY_MS) }
  const [grid, ofRooms] = [guestGrid(known), roomGrid(known, at(now), isRecurring)]
  const guests = new Map(
    people.map((one): [Person, Guest] => {
      const times = { work: bitsOf(one.work, grid), blocked: bitsOf(one.busy, grid) }
      return [
        one,
        {
          id: one.id,
          name: `P ${one.id}`,
          zone: findZone(one.zone)!,
          ...times,
          notBefore: at(now + one.noticeMinutes),
        },
      ]
    }),
  )
  const as = (role: Person['role']) => people.filter((one) => one.role === role).map((one) => guests.get(one)!)
  const choices = places.map(({ id, rules, busy, ...room }): RoomChoice => ({
    ...room,
    id,
    name: `R ${id}`,
    bookingRules: rules,
    blocked: bitsOf(busy, ofRooms, rules.bufferAfterMinutes ?? 0, rules.bufferBeforeMinutes ?? 0),
  }))
  return {
    now: at(now),
    window,
    durationMinutes,
    granularityMinutes,
    zone,
    organizerId: 'me',
    grid,
    required: as('required'),
    optional: as('optional'),
    quorums:
      as('member').length === 0 ? [] : [{ group: 0, k: Math.min(k, as('member').length), members: as('member') }],
    rooms: wantsRooms === 0 ? null : { choices, grid: ofRooms, count: wantsRooms, capacity, equipment, floorId: null },
    series: series && seriesFrom({ rrule: `FREQ=DAILY;INTERVAL=${series.days};COUNT=${series.count}` }, zone, at(now)),
    later: isRecurring ? laterOf(given, window) : null,
  }
}

function laterOf({ people }: Case, window: Interval): NonNullable<Wish['later']> {
  const required = people.filter(({ role }) => role === 'required')
  const grid = laterGrid(window, required.length)
  const free = required.map(({ id, work, busy }): [string, Int32Array] => {
    const bits = bitsOf(work, grid)
    remove(bits, bitsOf(busy, grid))
    return [id, bits]
  })
  return { grid, reachDays: reachDays(required.length), free: new Map(free) }
}

/** What was asked, with the change made by hand; undefined for those that the search does not know. */
export function relaxedBy(given: Case, change: Change): Case | undefined {
  switch (change.kind) {
    case 'without_person':
      return { ...given, people: given.people.filter(({ id }) => id !== change.userId) }
    case 'without_people':
      return { ...given, people: given.people.filter(({ id }) => !change.userIds.includes(id)) }
    case 'smaller_group':
      return { ...given, k: change.kOf }
    case 'without_group':
      return { ...given, people: given.people.filter(({ role }) => role !== 'member') }
    case 'shorter':
      return { ...given, durationMinutes: change.durationMinutes }
    case 'wider_window':
      return { ...given, minutes: (change.to - at(given.from)) / MINUTE_MS }
    case 'outside_working_hours':
      return { ...given, people: given.people.map((one) => ({ ...one, work: [[-10_000, 500_000]] })) }
    case 'smaller_room':
      return { ...given, capacity: change.capacity }
    case 'without_equipment':
      return { ...given, equipment: given.equipment.filter((name) => name !== change.equipment) }
    case 'without_room':
      return { ...given, wantsRooms: 0 }
    case 'any_floor':
      return undefined
  }
}

export function shifted(given: Case, hours: number): Case {
  const by = hours * HOUR
  const later = (spans: readonly Span[]) => spans.map(([from, until]): Span => [from + by, until + by])
  // `Etc/GMT+3` is three hours west of Greenwich.
  const west = (zone: string) => {
    const offset = zone === 'UTC' ? 0 : -Number(zone.slice(7))
    const moved = offset - hours
    return moved === 0 ? 'UTC' : `Etc/GMT${moved > 0 ? '-' : '+'}${Math.abs(moved)}`
  }
  return {
    ...given,
    from: given.from + by,
    zone: west(given.zone),
    people: given.people.map((one) => ({ ...one, zone: west(one.zone), work: later(one.work), busy: later(one.busy) })),
    places: given.places.map((one) => ({ ...one, busy: later(one.busy) })),
  }
}

export function cases(zones = ZONES): fc.Arbitrary<Case> {
  // In steps of five minutes, so that edges meet often.
  const spans = (most: number, longest: number) =>
    fc.array(
      fc
        .tuple(fc.integer({ min: -40, max: 600 }), fc.integer({ min: 1, max: longest / 5 }))
        .map(([from, length]) => [from * 5, (from + length) * 5] as const),
      { maxLength: most },
    )
  const zone = fc.constantFrom(...zones)
  const person = fc.record({
    zone,
    role: fc.constantFrom('required', 'required', 'optional', 'member'),
    // Mostly at work, or next to nothing would ever fit.
    work: fc.oneof(fc.constant([[-200, 12_000] as const]), spans(3, 900)),
    busy: spans(4, 400),
    noticeMinutes: fc.constantFrom(0, 0, 300),
  })
  const rules = fc.record(
    {
      bufferBeforeMinutes: fc.constantFrom(0, 10),
      bufferAfterMinutes: fc.constantFrom(0, 15),
      maxDurationMinutes: fc.constantFrom(30, 90),
      minNoticeMinutes: fc.constantFrom(0, 500),
    },
    { requiredKeys: [] },
  )
  const place = fc.record({
    capacity: fc.integer({ min: 1, max: 5 }),
    equipment: fc.subarray(['Phone', 'TV']),
    floorId: fc.constantFrom('f', 'g'),
    rules,
    busy: spans(3, 400),
  })
  return fc
    .record({
      people: fc.array(person, { maxLength: 4 }),
      places: fc.array(place, { maxLength: 3 }),
      wantsRooms: fc.constantFrom(0, 1, 2, 2),
      k: fc.integer({ min: 0, max: 2 }),
      from: fc.integer({ min: -60, max: 1_000 }),
      minutes: fc.integer({ min: 30, max: 2_000 }),
      durationMinutes: fc.constantFrom(15, 20, 30, 45, 60, 120, 700),
      granularityMinutes: fc.constantFrom(10, 15, 30, 60),
      capacity: fc.constantFrom(1, 1, 2, 4),
      equipment: fc.subarray(['Phone', 'TV']),
      zone,
      series: fc.option(fc.record({ count: fc.integer({ min: 1, max: 8 }), days: fc.integer({ min: 1, max: 5 }) }), {
        freq: 2,
      }),
    })
    .map(({ people, places, ...rest }) => ({
      ...rest,
      people: people.map((one, i): Person => ({ ...one, id: `p${i}`, work: [...one.work], busy: [...one.busy] })),
      places: places.map((one, i): Place => ({
        ...one,
        id: `r${i}`,
        rules: one.rules as BookingRules,
        busy: [...one.busy],
      })),
    }))
}
