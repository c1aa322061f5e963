import { DAY_MS, MINUTE_MS } from '../../domain/time/instant.ts'
import type { Interval } from '../../domain/time/instant.ts'
import { DEMO_SEED } from './demo-ids.ts'
import { Office, type PlannedMeeting, type When } from './office.ts'
import type { DemoPerson } from './people.ts'
import type { DemoRoom } from './places.ts'
import { type Random, createRandom } from './random.ts'
import { roomsFor } from './rooms-for.ts'
import { ruleOf } from './rules.ts'
import { planStandingSeries } from './standing-series.ts'
import { type MeetingKind, SERIES_KINDS, SINGLE_KINDS, type SeriesKind } from './titles.ts'
import { topicOf } from './topic-of.ts'
import { worksDuring } from './working-time.ts'

/** Rows, not occurrences: a series is one meeting. A fifth of all recur. */
const SERIES = 300
const SINGLES = 1_200

/** Three weeks back, three ahead. */
const WEEKS = { first: -3, last: 2 } as const

/** Draws of person and time until a meeting fits; more than this only when the office is full. */
const MAX_DRAWS = 400

/**
 * Six weeks of meetings around the week of that Monday (as `dayNumber` counts): nobody and no room is in two of them at
 * once, all in somebody's working hours. The same for the same people, rooms and Monday. Pure.
 */
export function planMeetings(
  people: readonly DemoPerson[],
  rooms: readonly DemoRoom[],
  monday: number,
): readonly PlannedMeeting[] {
  const office = new Office(people, rooms)
  const random = createRandom(`${DEMO_SEED}/meetings`)
  planStandingSeries(office, random, monday + 7 * WEEKS.first)
  // Series first: they need the same time free week after week.
  while (office.planned.length < SERIES) drawSeries(office, random, monday)
  for (let n = 0; n < SINGLES; n++) drawSingle(office, random, monday)
  return office.planned
}

function drawSeries(office: Office, random: Random, monday: number): void {
  const kind = random.weighted(SERIES_KINDS)
  // Most of what recurs has been going on for a while.
  const week = random.chance(0.6) ? WEEKS.first : random.between(WEEKS.first + 1, WEEKS.last)
  drawUntilItFits(
    office,
    random,
    kind,
    (day) => ruleOf(random.pick(kind.rhythms), day, random),
    () => monday + 7 * week,
  )
}

function drawSingle(office: Office, random: Random, monday: number): void {
  const kind = random.weighted(SINGLE_KINDS)
  drawUntilItFits(
    office,
    random,
    kind,
    () => null,
    () => monday + 7 * random.between(WEEKS.first, WEEKS.last),
  )
}

function drawUntilItFits(
  office: Office,
  random: Random,
  kind: MeetingKind | SeriesKind,
  rule: (day: number) => string | null,
  week: () => number,
): void {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const day = week() + random.weighted(WORKDAYS).weekday
    if (tryMeeting(office, random, kind, day, rule(day))) return
  }
}

function tryMeeting(office: Office, random: Random, kind: MeetingKind, day: number, rrule: string | null): boolean {
  const organizer = random.pick(office.people.filter((person) => mayCall(person, kind)))
  const when: When = {
    wall: day * DAY_MS + startMinute(random) * MINUTE_MS,
    timezone: organizer.timezone,
    minutes: random.pick(kind.minutes),
    rrule,
  }
  // The first meeting alone decides most draws, at a fraction of the cost of expanding the rule.
  if (!worksDuring(organizer, office.spansOf({ ...when, rrule: null })[0]!)) return false
  const spans = office.spansOf(when)
  if (!office.isFree(organizer, spans)) return false
  const others = invite(office, random, kind, organizer, spans)
  if (others.length < kind.others[0]) return false
  const rooms = roomsFor(office, random, [organizer, ...others], spans)
  if (rooms === undefined) return false
  const optional = new Set(others.slice(1).filter(() => random.chance(0.2)))
  office.add({ organizer, others, rooms, when }, topicOf(random, kind, organizer, others), (other) =>
    optional.has(other),
  )
  return true
}

/** Guests and auditors attend, but call no meetings. */
function mayCall({ role, department }: DemoPerson, { departments }: MeetingKind): boolean {
  return role !== 'guest' && role !== 'auditor' && (departments?.includes(department) ?? true)
}

/** Colleagues who work then and are free; those nearest in work and place first, but not always the same ones. */
function invite(
  office: Office,
  random: Random,
  kind: MeetingKind,
  organizer: DemoPerson,
  spans: readonly Interval[],
): DemoPerson[] {
  const wanted = random.between(...kind.others)
  return office.people
    .filter((person) => person !== organizer && worksDuring(person, spans[0]!))
    .map((person) => ({ person, distance: distance(kind, organizer, person) + 4 * random.next() }))
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ person }) => person)
    .filter((person) => office.isFree(person, spans))
    .slice(0, wanted)
}

function distance({ circle }: MeetingKind, a: DemoPerson, b: DemoPerson): number {
  return (a.department === b.department ? 0 : circle === 'department' ? 4 : 1) + (a.timezone === b.timezone ? 0 : 2)
}

/** Fridays are quieter. */
const WORKDAYS = [
  { weekday: 0, weight: 9 },
  { weekday: 1, weight: 11 },
  { weekday: 2, weight: 11 },
  { weekday: 3, weight: 10 },
  { weekday: 4, weight: 7 },
] as const

/** Mornings are busy, noon is not. */
const HOURS = [
  { hour: 7, weight: 3 },
  { hour: 8, weight: 6 },
  { hour: 9, weight: 12 },
  { hour: 10, weight: 12 },
  { hour: 11, weight: 9 },
  { hour: 12, weight: 3 },
  { hour: 13, weight: 6 },
  { hour: 14, weight: 9 },
  { hour: 15, weight: 8 },
  { hour: 16, weight: 6 },
  { hour: 17, weight: 4 },
  { hour: 18, weight: 3 },
  { hour: 19, weight: 2 },
] as const

const MINUTES = [
  { minute: 0, weight: 6 },
  { minute: 30, weight: 4 },
  { minute: 15, weight: 1 },
  { minute: 45, weight: 1 },
] as const

function startMinute(random: Random): number {
  return random.weighted(HOURS).hour * 60 + random.weighted(MINUTES).minute
}
