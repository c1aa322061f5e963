import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Case,
  EMPTY,
  FIXED_ZONES,
  HOUR,
  MONDAY_9,
  NOW,
  PERSON,
  ROOM,
  type Span,
  cases,
  relaxedBy,
  shifted,
  wishOf,
} from '../../../testkit/suggest-cases.ts'
import { searched } from '../../../testkit/suggest-search.ts'
import { MINUTE_MS, plus } from '../../time/instant.ts'
import { formatInstant } from '../../time/iso.ts'
import { seriesFrom } from './series.ts'
import { explain, suggest } from './suggest.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const checked = { seed: SEED, numRuns: 50 }
/** More than there are. */
const ALL = 100_000

describe('suggestions', () => {
  test(`are those that a search by hand finds, in its order (seed ${SEED})`, () => {
    let found = 0
    fc.assert(
      fc.property(cases(), (given) => {
        const expected = searched(given)
        const { slots, total } = suggest(wishOf(given), ALL)
        const seen = slots.map(({ start, roomIds, attendance, score }) => ({ start, roomIds, ...attendance, score }))
        expect(seen).toEqual(expected)
        expect(total).toBe(expected.length)
        for (const { reasons, parts } of slots) {
          expect(reasons.length).toBeGreaterThan(0)
          for (const part of Object.values(parts)) expect(part >= 0 && part <= 1).toBe(true)
        }
        found += total
      }),
      checked,
    )
    expect(found).toBeGreaterThan(50)
  })

  test('a wider window keeps every slot with its score and reasons', () => {
    fc.assert(
      fc.property(cases(), fc.nat(3_000), fc.nat(3_000), (given, before, after) => {
        const narrow = suggest(wishOf(given), ALL).slots
        const wider = { ...given, from: given.from - before, minutes: given.minutes + before + after }
        expect(suggest(wishOf(wider), ALL).slots).toEqual(expect.arrayContaining(narrow))
      }),
      checked,
    )
  })

  test('it does not matter in which order people and rooms are named', () => {
    fc.assert(
      fc.property(cases(), (given) => {
        const turned = { ...given, people: given.people.toReversed(), places: given.places.toReversed() }
        expect(suggest(wishOf(turned), ALL)).toEqual(suggest(wishOf(given), ALL))
        if (suggest(wishOf(given), 1).total === 0) expect(explain(wishOf(turned))).toEqual(explain(wishOf(given)))
      }),
      checked,
    )
  })

  test('everybody some hours further west gets the same slots so much later', () => {
    fc.assert(
      fc.property(cases(FIXED_ZONES), fc.integer({ min: 1, max: 5 }), (given, hours) => {
        const moved = suggest(wishOf(shifted(given, hours), NOW + hours * HOUR), ALL)
        const back = moved.slots.map((slot) => ({
          ...slot,
          start: plus(slot.start, -hours * HOUR * MINUTE_MS),
          end: plus(slot.end, -hours * HOUR * MINUTE_MS),
        }))
        expect(back).toEqual(suggest(wishOf(given), ALL).slots)
      }),
      checked,
    )
  })

  test('when nothing fits, who is in the way is in the way of every start, and each relaxation gives what it says', () => {
    let [explained, helped] = [0, 0]
    fc.assert(
      fc.property(cases(), (given) => {
        const wish = wishOf(given)
        if (suggest(wish, 1).total > 0) return
        explained += 1
        const { blocking, relaxations } = explain(wish)
        expect(blocking.length).toBeGreaterThan(0)
        const ids = new Set(blocking.flatMap(({ userId }) => userId ?? []))
        if (blocking.every(({ kind }) => kind === 'person')) {
          const onlyThey = given.people
            .filter(({ id }) => ids.has(id))
            .map((one) => ({ ...one, role: 'required' as const }))
          expect(searched({ ...given, people: onlyThey, wantsRooms: 0 })).toEqual([])
        }
        for (const { change, slots, sentence } of relaxations) {
          helped += 1
          const relaxed = relaxedBy(given, change)
          if (relaxed !== undefined) expect([change, slots]).toEqual([change, searched(relaxed).length])
          expect(sentence).toContain(`${slots} slot`)
        }
      }),
      { ...checked, numRuns: 150 },
    )
    expect(explained).toBeGreaterThan(10)
    expect(helped).toBeGreaterThan(10)
  }, 20_000)
})

describe('an explanation', () => {
  const person = (id: string, busy: readonly Span[] = []) => ({ ...PERSON, id, zone: 'UTC', busy: [...busy] })
  const ask = (given: Partial<Case>) => wishOf({ ...EMPTY, from: MONDAY_9, minutes: 2 * HOUR, ...given })
  const [early, late, always]: Span[] = [
    [MONDAY_9, MONDAY_9 + HOUR + 30],
    [MONDAY_9 + HOUR, MONDAY_9 + 2 * HOUR],
    [MONDAY_9, MONDAY_9 + 2 * HOUR],
  ]

  test('names two where neither alone is always in the way, and one where he is', () => {
    // Starts are 9:00, 9:30 and 10:00. The first is free for the last half hour only.
    const two = [person('a', [early!]), person('b', [late!])]
    expect(explain(ask({ people: two, durationMinutes: 60 })).blocking).toMatchObject([{ userId: 'a' }])
    const apart = [person('a', [[MONDAY_9, MONDAY_9 + HOUR]]), person('b', [late!])]
    const { blocking } = explain(ask({ people: apart }))
    expect(blocking.map(({ userId, sentence }) => [userId, sentence])).toEqual([
      ['a', 'P a is busy or not at work at 2 of 3 starts.'],
      ['b', 'P b is busy or not at work at 2 of 3 starts.'],
    ])
    expect(explain(ask({ people: [...apart, person('c', [always!])] })).blocking).toMatchObject([{ userId: 'c' }])
  })

  test('leaves out an optional person whose seat is one too many', () => {
    const people = [person('a'), { ...person('b'), role: 'optional' as const }]
    const places = [{ ...ROOM, id: 'r1', capacity: 2 }]
    const { blocking, relaxations } = explain(ask({ people, places, wantsRooms: 1 }))
    expect(blocking).toEqual([{ kind: 'rooms', sentence: 'There are not enough rooms of that size and equipment.' }])
    expect(relaxations.map(({ sentence }) => sentence)).toEqual([
      'Without optional P b: 3 slots.',
      'Without a room: 3 slots.',
    ])
  })
})

describe('a series', () => {
  const weekly = (rrule: string, given: Partial<Case> = {}) => {
    const wish = wishOf({ ...EMPTY, from: MONDAY_9, minutes: 8 * HOUR, zone: 'Europe/Berlin', ...given }, NOW, true)
    return { ...wish, series: seriesFrom({ rrule }, wish.zone, wish.now) }
  }

  test('is offered only where its rule can begin and its room is free for all of it', () => {
    // The clocks go forward in between: the second 10:00 in Berlin is 08:00 in UTC.
    const second = MONDAY_9 + 7 * 1_440 - HOUR
    const place = { ...ROOM, id: 'r1', busy: [[second, second + 30] as const] }
    const { slots } = suggest(weekly('FREQ=WEEKLY;COUNT=3', { places: [place], wantsRooms: 1 }), ALL)
    expect(slots.map(({ start }) => formatInstant(start).slice(11, 16)).toSorted()[0]).toBe('09:30')
    expect(slots[0]!.reasons.join(' ')).toContain('free for all 3 occurrences')
    expect(suggest(weekly('FREQ=WEEKLY;BYDAY=TU', { places: [place], wantsRooms: 1 }), ALL).slots).toEqual([])
    expect(explain(weekly('FREQ=WEEKLY;BYDAY=TU')).blocking).toMatchObject([{ kind: 'recurrence' }])
  })

  test('is scored by the hours of both halves of the year', () => {
    // 09:00 in Sydney is 23:00 in Berlin while it is summer there: in the other half of the year 07:00 there.
    const sydney = { ...PERSON, id: 'syd', zone: 'Australia/Sydney' }
    const night = { people: [sydney], from: MONDAY_9 + 13 * HOUR, minutes: HOUR }
    const once = suggest(wishOf({ ...EMPTY, zone: 'Europe/Berlin', ...night }), 1).slots[0]!
    const always = suggest(weekly('FREQ=WEEKLY', night), 1).slots[0]!
    expect(once.parts.fairness).toBe(1)
    expect(always.parts.fairness).toBeLessThan(always.parts.comfort)
    expect(always.reasons.join(' ')).toContain('At worst it begins at')
  })
})
