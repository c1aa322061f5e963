import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expand } from '../recurrence/expand.ts'
import { parseRule } from '../recurrence/parse-rule.ts'
import { HOUR_MS, MINUTE_MS, instant, plus } from '../time/instant.ts'
import { formatInstant, parseInstant } from '../time/iso.ts'
import { type LocalTime, localTimeOf, parseLocalTime } from '../time/local-time.ts'
import { findZone } from '../time/zone.ts'
import { type BookedSeries, findSeriesConflicts } from './series-conflicts.ts'

const WEEK = { start: parseInstant('2026-03-25T00:00:00Z')!, end: parseInstant('2026-04-01T00:00:00Z')! }
const MARCH = { start: parseInstant('2026-03-01T00:00:00Z')!, end: parseInstant('2026-04-01T00:00:00Z')! }

describe('the conflicts of a series', () => {
  const weekly = series('candidate', '2026-03-02T10:00', 'FREQ=WEEKLY', { zone: 'America/New_York' })

  test('are pairs of occurrences, by start, then booking, with the resources they share', () => {
    const one = series('b', '2026-03-09T10:30', null, { zone: 'America/New_York', resources: ['bob', 'ann', 'eve'] })
    const two = series('a', '2026-03-01T14:30', 'FREQ=DAILY;COUNT=10')
    expect(words({ ...weekly, resources: ['ann', 'bob'] }, [one, two])).toEqual([
      // 10:00 in New York is 15:00 UTC on the second and 14:00 UTC on the ninth: the clock went forward in between.
      '2026-03-02T15:00:00Z a 2026-03-02T14:30:00Z ann',
      '2026-03-09T14:00:00Z a 2026-03-09T14:30:00Z ann',
      '2026-03-09T14:00:00Z b 2026-03-09T14:30:00Z ann,bob',
    ])
  })

  test('what touches is no conflict, and neither is another resource', () => {
    const before = series('b', '2026-03-02T09:00', 'FREQ=WEEKLY', { zone: 'America/New_York' })
    const after = series('c', '2026-03-02T11:00', 'FREQ=WEEKLY', { zone: 'America/New_York' })
    const elsewhere = series('d', '2026-03-02T10:00', 'FREQ=WEEKLY', { zone: 'America/New_York', resources: ['bob'] })
    expect(words(weekly, [before, after, elsewhere])).toEqual([])
  })

  test('a long booking that began before the horizon is met', () => {
    const long = series('b', '2026-02-20T00:00', null, { durationMs: 11 * 24 * HOUR_MS })
    expect(words(weekly, [long])).toEqual(['2026-03-02T15:00:00Z b 2026-02-20T00:00:00Z ann'])
  })

  test('a moved occurrence counts where it is, and no longer where it was', () => {
    const here = series('b', '2026-03-02T10:00', 'FREQ=WEEKLY;COUNT=2', { zone: 'America/New_York' })
    const moved = (to: string) => ({ ...here, overrides: [override('20260302T100000', to, 30)] })
    expect(words(weekly, [moved('2026-03-20T00:00:00Z')])).toEqual(['2026-03-09T14:00:00Z b 2026-03-09T14:00:00Z ann'])
    expect(words(weekly, [moved('2026-03-16T14:30:00Z')])).toHaveLength(2)
    expect(words(moved('2026-03-20T00:00:00Z'), [weekly])).toHaveLength(1)
    const outside = { ...weekly, overrides: [override('20260302T100000', '2026-02-28T15:00:00Z', 60)] }
    expect(words(outside, [here])).toEqual(['2026-03-09T14:00:00Z b 2026-03-09T14:00:00Z ann'])
  })

  test('an occurrence that was taken out comes back by no override', () => {
    const gone = series('b', '2026-03-02T10:00', 'FREQ=WEEKLY;COUNT=1', { zone: 'America/New_York' })
    const set = { ...gone.set, exdates: ['20260302T100000' as LocalTime] }
    const overrides = [override('20260302T100000', '2026-03-02T15:00:00Z', 60)]
    expect(words(weekly, [{ ...gone, set, overrides }])).toEqual([])
  })
})

test('the conflicts of random series are what comparing every pair finds', () => {
  fc.assert(
    fc.property(randomSeries, fc.array(randomSeries, { maxLength: 6 }), (candidate, others) => {
      const bookings = others.map((other, i) => ({ ...other, id: `b${i}` }))
      expect(words(candidate, bookings, WEEK)).toEqual(everyPair(candidate, bookings))
    }),
    { numRuns: 200 },
  )
})

const randomSeries: fc.Arbitrary<BookedSeries> = fc
  .record({
    hours: fc.integer({ min: -100, max: 200 }),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
    rule: fc.constantFrom(null, 'FREQ=DAILY', 'FREQ=WEEKLY;COUNT=3', 'FREQ=DAILY;BYHOUR=1,2,3,9'),
    length: fc.integer({ min: 1, max: 60 }),
    resources: fc.uniqueArray(fc.constantFrom('ann', 'bob', 'aurora'), { minLength: 1 }),
    moves: fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -300, max: 300 }), fc.integer({ min: 1, max: 90 }))),
  })
  .map(({ hours, zone, rule, length, resources, moves }) => {
    const start = localTimeOf(WEEK.start + hours * HOUR_MS)
    const found = series('candidate', '2026-03-01T00:00', rule, {
      zone,
      resources,
      durationMs: length * 30 * MINUTE_MS,
    })
    const set = { ...found.set, start }
    const ids = expand(set, instant(-Infinity), MARCH.end, 10)
    const overrides = moves.flatMap(([i, by, half]) => {
      const at = ids[i]
      if (at === undefined) return []
      const to = plus(at.start, by * 30 * MINUTE_MS)
      return [{ recurrenceId: at.recurrenceId, start: to, end: plus(to, half * 30 * MINUTE_MS) }]
    })
    const unique = new Map(overrides.map((one) => [one.recurrenceId, one]))
    return { ...found, set, overrides: [...unique.values()] }
  })

function everyPair(candidate: BookedSeries, bookings: readonly BookedSeries[]): string[] {
  const inside = occurrences(candidate).filter(({ start }) => start >= WEEK.start && start < WEEK.end)
  const found = bookings.flatMap((booking) =>
    inside.flatMap((ours) =>
      occurrences(booking)
        .filter((theirs) => ours.start < theirs.end && theirs.start < ours.end)
        .map((theirs) => {
          const shared = booking.resources.filter((id) => candidate.resources.includes(id)).toSorted()
          return shared.length === 0 ? '' : line(ours.start, booking.id, theirs.start, shared)
        }),
    ),
  )
  return found.filter((one) => one !== '').toSorted()
}

/** Beyond any move and any length. */
const FAR_MS = 12 * 24 * HOUR_MS

/** All of them, from long before the horizon to long after. */
function occurrences({ set, durationMs, overrides }: BookedSeries) {
  return expand(set, plus(WEEK.start, -FAR_MS), plus(WEEK.end, FAR_MS), Infinity).map(({ recurrenceId, start }) => {
    const moved = overrides.find((one) => one.recurrenceId === recurrenceId)
    return moved ?? { start, end: plus(start, durationMs) }
  })
}

function words(candidate: BookedSeries, bookings: readonly BookedSeries[], horizon = MARCH): string[] {
  return findSeriesConflicts(candidate, bookings, horizon).map((conflict) =>
    line(conflict.candidate.start, conflict.bookingId, conflict.booking.start, conflict.resources),
  )
}

function line(at: number, id: string, booking: number, resources: readonly string[]): string {
  return `${formatInstant(instant(at))} ${id} ${formatInstant(instant(booking))} ${resources.join()}`
}

function override(recurrenceId: string, start: string, minutes: number) {
  const at = parseInstant(start)!
  return { recurrenceId: recurrenceId as LocalTime, start: at, end: plus(at, minutes * MINUTE_MS) }
}

function series(
  id: string,
  start: string,
  rule: string | null,
  { zone = 'UTC', resources = ['ann'], durationMs = HOUR_MS } = {},
): BookedSeries {
  const parsed = rule === null ? null : parseRule(rule)
  if (parsed?.ok === false) throw new Error(parsed.error.detail)
  const local = parseLocalTime(start)!
  const set = { start: local, zone: findZone(zone)!, rule: parsed?.value ?? null, exdates: [], rdates: [] }
  return { id, resources, set, durationMs, overrides: [] }
}
