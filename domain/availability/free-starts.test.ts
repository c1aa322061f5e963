import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WorkingHours } from '../people/user.ts'
import { weekdayOf } from '../time/civil.ts'
import { DAY_MS, MINUTE_MS, type Instant, type Interval, instant } from '../time/instant.ts'
import { formatInstant, parseInstant } from '../time/iso.ts'
import { findZone } from '../time/zone.ts'
import { countMinutes, gridOver, remove, spansOf } from './bitmap.ts'
import { type Attendee, startsForAll, startsForQuorum } from './free-starts.ts'
import type { TimeRules } from './person-rules.ts'
import { blockedBits, startBounds } from './person-time.ts'
import { dayName, workBits } from './work-time.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

interface Person {
  id: string
  zone: string
  required: boolean
  weekly: WorkingHours
  rules: TimeRules
  holidays: string[]
  busy: Interval[]
  absences: Interval[]
}

interface Case {
  people: Person[]
  window: Interval
  durationMinutes: number
  granularityMinutes: number
  quorum: number
  now: Instant
}

describe('free starts', () => {
  test(`are those that a minute-by-minute search finds (seed ${SEED})`, () => {
    let found = 0
    fc.assert(
      fc.property(cases(), (given) => {
        const expected = searched(given)
        const { attendees, grid } = prepared(given)
        const all = given.people.length
        expect(startsForQuorum(attendees, grid, given, given.quorum)).toEqual(
          expected.filter(({ attending }) => attending.length >= given.quorum),
        )
        const together = expected.filter(({ attending }) => attending.length === all).map(({ start }) => start)
        expect(startsForAll(attendees, grid, given)).toEqual(together)
        found += together.length
      }),
      { seed: SEED, numRuns: 150 },
    )
    expect(found).toBeGreaterThan(100)
  })

  test('a wider window loses none of them', () => {
    fc.assert(
      fc.property(
        cases(),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 4_000 }),
        (given, before, after) => {
          const { start, end } = given.window
          const wider = {
            start: instant(start - before * given.granularityMinutes * MINUTE_MS),
            end: instant(end + after * MINUTE_MS),
          }
          const ask = (window: Interval) => {
            const { attendees, grid } = prepared({ ...given, window })
            return startsForAll(attendees, grid, { ...given, window })
          }
          expect(ask(wider)).toEqual(expect.arrayContaining(ask(given.window)))
        },
      ),
      { seed: SEED, numRuns: 50 },
    )
  })

  test('a window that begins within a minute gives starts within minutes, and none that touches busy time', () => {
    const window = spanOf('2026-11-24T09:00:30Z', '2026-11-24T11:00:30Z')
    const person = { id: 'a', zone: 'UTC', required: true, weekly: week('00:00', '24:00'), holidays: [], absences: [] }
    const busy = [spanOf('2026-11-24T10:00:00Z', '2026-11-24T10:30:00Z')]
    const asked = { window, durationMinutes: 30, granularityMinutes: 15 }
    const { attendees, grid } = prepared({ ...asked, people: [{ ...person, rules: {}, busy }], quorum: 1, now: at(0) })
    const starts = startsForAll(attendees, grid, asked).map(formatInstant)
    expect(starts).toEqual(['2026-11-24T09:00:30Z', '2026-11-24T09:15:30Z', '2026-11-24T10:30:30Z'])
  })

  test('busy time without length blocks nothing, not even by its buffers', () => {
    const window = spanOf('2026-11-24T09:00:00Z', '2026-11-24T11:00:00Z')
    const person = { id: 'a', zone: 'UTC', required: true, weekly: week('00:00', '24:00'), holidays: [], absences: [] }
    const rules = { bufferBeforeMinutes: 15, bufferAfterMinutes: 15 }
    const busy = ['10:00:00', '10:10:30'].map((time) => spanOf(`2026-11-24T${time}Z`, `2026-11-24T${time}Z`))
    const asked = { window, durationMinutes: 30, granularityMinutes: 30 }
    const { attendees, grid } = prepared({ ...asked, people: [{ ...person, rules, busy }], quorum: 1, now: at(0) })
    expect(startsForAll(attendees, grid, asked)).toHaveLength(4)
  })

  test('nobody asked is everybody free', () => {
    const window = spanOf('2026-11-24T09:00:00Z', '2026-11-24T10:00:00Z')
    expect(startsForAll([], gridOver(window), { window, durationMinutes: 30, granularityMinutes: 30 })).toHaveLength(2)
  })
})

describe('work time', () => {
  test.each([
    ['an hour that passes twice is work twice', 'America/New_York', '2026-11-01', [['01:00', '02:00']], 120],
    ['an hour that is left out is none', 'America/New_York', '2026-03-08', [['02:00', '03:00']], 0],
    ['half an hour that passes twice', 'Australia/Lord_Howe', '2026-04-05', [['01:30', '02:00']], 60],
    ['a whole day of 25 hours', 'Europe/Berlin', '2026-10-25', [['00:00', '24:00']], 1_500],
    ['a whole day that never was', 'Pacific/Apia', '2011-12-30', [['00:00', '24:00']], 0],
  ] as const)('%s', (_, name, day, spans, minutes) => {
    const noon = parseInstant(`${day}T12:00:00Z`)!
    const grid = gridOver({ start: instant(noon - 3 * DAY_MS), end: instant(noon + 3 * DAY_MS) })
    const bits = workBits(grid, { zone: findZone(name)!, weekly: {}, dates: { [day]: spans } })
    expect(countMinutes(bits)).toBe(minutes)
  })

  test('a date of his own stands over a holiday, and a holiday over the week', () => {
    const window = spanOf('2026-12-24T00:00:00Z', '2026-12-27T00:00:00Z')
    const bits = workBits(gridOver(window), {
      zone: findZone('UTC')!,
      weekly: week('09:00', '17:00'),
      dates: { '2026-12-24': [['09:00', '12:00']] },
      holidays: new Set(['2026-12-24', '2026-12-25']),
    })
    expect(
      spansOf(bits, gridOver(window), window).map(({ start, end }) => [formatInstant(start), formatInstant(end)]),
    ).toEqual([
      ['2026-12-24T09:00:00Z', '2026-12-24T12:00:00Z'],
      ['2026-12-26T09:00:00Z', '2026-12-26T17:00:00Z'],
    ])
  })
})

const EPOCH = parseInstant('2026-03-01T00:00:00Z')!

function at(minutes: number): Instant {
  return instant(EPOCH + minutes * MINUTE_MS)
}

function spanOf(start: string, end: string): Interval {
  return { start: parseInstant(start)!, end: parseInstant(end)! }
}

function week(from: string, until: string): WorkingHours {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, [[from, until]]]))
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

function prepared({ people, window, now }: Case) {
  const grid = gridOver(window)
  const attendees = people.map((person): Attendee => {
    const zone = findZone(person.zone)!
    const { weekly, rules, absences } = person
    const free = workBits(grid, { zone, weekly, dates: rules.dates, holidays: new Set(person.holidays) })
    const meetings = person.busy.flatMap(({ start, end }) => [start, end])
    remove(free, blockedBits(grid, { zone, rules, meetings, external: [], absences }))
    return { id: person.id, required: person.required, free, ...startBounds(rules, now) }
  })
  return { attendees, grid }
}

/** Knows no bits, no runs and no stretches: every minute of every candidate is looked at by itself. */
function searched({ people, window, durationMinutes, granularityMinutes, now }: Case) {
  const found: { start: Instant; attending: string[] }[] = []
  for (let k = 0; ; k++) {
    const start = window.start + k * granularityMinutes * MINUTE_MS
    if (start + durationMinutes * MINUTE_MS > window.end) return found
    const attending = people.filter((person) => canAttend(person, start, durationMinutes, now))
    if (people.every((person) => !person.required || attending.includes(person))) {
      found.push({ start: instant(start), attending: attending.map(({ id }) => id) })
    }
  }
}

function canAttend(person: Person, start: number, durationMinutes: number, now: Instant): boolean {
  const { rules, busy } = person
  if (start < now + (rules.minimumNoticeMinutes ?? -Infinity) * MINUTE_MS) return false
  if (start > now + (rules.horizonDays ?? Infinity) * DAY_MS) return false
  const end = start + durationMinutes * MINUTE_MS
  const from = start - (rules.bufferBeforeMinutes ?? 0) * MINUTE_MS
  const until = end + (rules.bufferAfterMinutes ?? 0) * MINUTE_MS
  if (busy.some((span) => span.start < until && from < span.end)) return false
  if (person.absences.some((span) => span.start < end && start < span.end)) return false
  for (let minute = start; minute < end; minute += MINUTE_MS) if (!isWorkable(person, minute)) return false
  return true
}

function isWorkable({ zone: name, weekly, rules, holidays, busy }: Person, minute: number): boolean {
  const zone = findZone(name)!
  const wall = zone.wallAt(instant(minute))
  const day = Math.floor(wall / DAY_MS)
  const perDay = busy.filter(({ start }) => Math.floor(zone.wallAt(start) / DAY_MS) === day).length
  if (perDay >= (rules.meetingsPerDay ?? Infinity)) return false
  const date = dayName(day)
  const time = new Date(wall).toISOString().slice(11, 16)
  const spans = rules.dates?.[date] ?? (holidays.includes(date) ? [] : (weekly[WEEKDAYS[weekdayOf(day)]!] ?? []))
  return spans.some(([from, until]) => from <= time && time < until)
}

function cases(): fc.Arbitrary<Case> {
  return fc
    .record({
      people: fc.array(person(), { minLength: 1, maxLength: 4 }),
      // 6 to 10 March and 24 October to 3 November 2026 change clocks somewhere; any day does for the rest.
      startMinute: fc.oneof(fc.integer({ min: 7_000, max: 13_000 }), fc.integer({ min: 341_000, max: 356_000 })),
      lengthMinutes: fc.integer({ min: 60, max: 3 * 1_440 }),
      durationMinutes: fc.integer({ min: 1, max: 150 }),
      granularityMinutes: fc.constantFrom(5, 7, 15, 30, 60),
      quorum: fc.integer({ min: 0, max: 4 }),
    })
    .map(({ people, startMinute, lengthMinutes, ...rest }) => ({
      ...rest,
      people: people.map((one, i) => ({
        ...one,
        id: `p${i}`,
        busy: one.busy.map((span) => moved(span, startMinute)),
        absences: one.absences.map((span) => moved(span, startMinute)),
        rules: { ...one.rules, ...(one.ownDay && { dates: { [dateOf(startMinute)]: one.ownDay } }) },
        holidays: one.holiday ? [dateOf(startMinute + 1_440)] : [],
      })),
      window: { start: at(startMinute), end: at(startMinute + lengthMinutes) },
      now: at(startMinute - 60),
    }))
}

function moved({ start, end }: Interval, minutes: number): Interval {
  return { start: instant(start + minutes * MINUTE_MS), end: instant(end + minutes * MINUTE_MS) }
}

function dateOf(minute: number): string {
  return formatInstant(at(minute)).slice(0, 10)
}

function person() {
  const seconds = fc.constantFrom(0, 0, 0, 30_000)
  const span = fc
    .record({ from: fc.integer({ min: -600, max: 4_300 }), minutes: fc.integer({ min: 1, max: 300 }), seconds })
    .map(({ from, minutes, seconds: ms }): Interval => ({
      start: instant(EPOCH + from * MINUTE_MS + ms),
      end: instant(EPOCH + (from + minutes) * MINUTE_MS + ms),
    }))
  const hours = fc
    .uniqueArray(fc.integer({ min: 0, max: 48 }), { minLength: 2, maxLength: 4 })
    .map((marks) =>
      marks.toSorted((a, b) => a - b).map((half) => `${String(half >> 1).padStart(2, '0')}:${half & 1 ? '30' : '00'}`),
    )
    .map(
      (marks) =>
        (marks.length < 4
          ? [[marks[0]!, marks[1]!]]
          : [
              [marks[0]!, marks[1]!],
              [marks[2]!, marks[3]!],
            ]) as [string, string][],
    )
  const buffer = fc.constantFrom(undefined, undefined, 5, 15, 90)
  return fc.record({
    zone: fc.constantFrom(
      'UTC',
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
    ),
    required: fc.boolean(),
    weekly: fc.record(
      Object.fromEntries(
        WEEKDAYS.map((day) => [day, fc.oneof(hours, fc.constant([['00:00', '24:00']] as [string, string][]))]),
      ),
    ) as fc.Arbitrary<WorkingHours>,
    rules: fc
      .record({
        bufferBeforeMinutes: buffer,
        bufferAfterMinutes: buffer,
        minimumNoticeMinutes: fc.constantFrom(undefined, undefined, 120, 600),
        horizonDays: fc.constantFrom(undefined, undefined, 1),
        meetingsPerDay: fc.constantFrom(undefined, undefined, 1, 3),
      })
      .map(
        (rules) => Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as TimeRules,
      ),
    ownDay: fc.option(hours, { nil: undefined, freq: 3 }),
    holiday: fc.boolean(),
    busy: fc.array(span, { maxLength: 6 }),
    absences: fc.array(span, { maxLength: 1 }),
  })
}
