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
  finished,
  relaxedBy,
  shifted,
  wishOf,
} from '../../../testkit/suggest-cases.ts'
import { searched } from '../../../testkit/suggest-search.ts'
import { MINUTE_MS, plus } from '../../time/instant.ts'
import { formatInstant } from '../../time/iso.ts'
import { seriesFrom } from './series.ts'
import { type SuggestedSlot, explain as explaining, suggest as suggesting } from './suggest.ts'
import { type Wish, reachDays } from './wish.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const checked = { seed: SEED, numRuns: 50 }
const suggest = (wish: Wish, limit: number) => finished(suggesting(wish, limit))
const explain = (wish: Wish) => finished(explaining(wish))

/** More than there are. */
const ALL = 100_000

describe('suggestions', () => {
  /** Compares the answer with what a search by hand finds, in its order. */
  function expectSearched(given: Case): SuggestedSlot[] {
    const expected = searched(given)
    const { slots, total } = suggest(wishOf(given), ALL)
    const seen = slots.map(({ start, roomIds, attendance, score }) => ({ start, roomIds, ...attendance, score }))
    expect(seen).toEqual(expected)
    expect(total).toBe(expected.length)
    for (const { reasons, parts } of slots) {
      expect(reasons.length).toBeGreaterThan(0)
      for (const part of Object.values(parts)) expect(part >= 0 && part <= 1).toBe(true)
    }
    return slots
  }

  test(`are those that a search by hand finds, in its order (seed ${SEED})`, () => {
    let found = 0
    fc.assert(
      fc.property(cases(), (given) => void (found += expectSearched(given).length)),
      checked,
    )
    expect(found).toBeGreaterThan(50)
  })

  test('of a series for few people too, who cannot come to some of its dates', () => {
    let missed = 0
    const series = cases().map((given): Case => {
      const people = given.people.slice(0, 2).map((one) => ({ ...one, role: 'required' as const, noticeMinutes: 0 }))
      return { ...given, people, wantsRooms: 0, durationMinutes: 30, series: given.series ?? { count: 4, days: 2 } }
    })
    fc.assert(
      fc.property(series, (given) => {
        const slots = expectSearched(given)
        missed += slots.filter(({ reasons }) => reasons.some((one) => one.includes('is busy or not at work on'))).length
      }),
      checked,
    )
    expect(missed).toBeGreaterThan(20)
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

  test('on whose later dates somebody required is busy says so, and ranks behind one where nobody is', () => {
    const day = 1_440
    // The clocks of Berlin go forward after the first Monday: 10:00 there is 09:00 UTC once, and 08:00 from then on.
    const monday = (week: number) => MONDAY_9 + week * 7 * day - (week > 0 ? HOUR : 0)
    const ana = {
      ...PERSON,
      id: 'ana',
      zone: 'UTC',
      busy: [1, 2].map((week): Span => [monday(week), monday(week) + HOUR]),
    }
    const bo = { ...PERSON, id: 'bo', zone: 'UTC', busy: [[monday(4) + HOUR, monday(4) + HOUR + 30] as Span] }
    const cy = { ...PERSON, id: 'cy', zone: 'UTC', role: 'optional' as const, busy: ana.busy }
    const asked = { minutes: 3 * HOUR, granularityMinutes: 60, durationMinutes: 60 }
    const ask = (people: Case['people']) => suggest(weekly('FREQ=WEEKLY;COUNT=12', { ...asked, people }), ALL).slots
    const told = (slot: SuggestedSlot | undefined) => slot?.reasons.filter((reason) => reason.includes('dates'))
    const [best, , worst] = ask([ana, bo])
    expect([best, worst].map((slot) => slot && formatInstant(slot.start).slice(11, 16))).toEqual(['11:00', '09:00'])
    expect(told(best)).toEqual(['Everybody required can come on all of 12 dates.'])
    expect(told(worst)).toEqual(['P ana is busy or not at work on 2 of 12 dates.'])
    expect(worst?.parts.attendance).toBeCloseTo(10 / 12, 3)
    const both = [ana, { ...bo, busy: [[monday(4), monday(4) + 30] as Span] }]
    expect(told(ask(both).at(-1))).toEqual([
      'P ana is busy or not at work on 2 of 12 dates.',
      'P bo is busy or not at work on 1 of 12 dates.',
      '9 of 12 dates suit everybody required.',
    ])
    // Whoever may be missing is asked for the first date only.
    expect(ask([cy])[0]?.reasons).toContain('Those who may be missing were asked for the first date only.')
  })

  test('of many people is looked at for a shorter time, and says for how long', () => {
    expect([1, 25, 50, 200].map(reachDays)).toEqual([396, 396, 198, 49])
    const busy: Span[] = [6, 7].map((week) => [MONDAY_9 + week * 7 * 1_440, MONDAY_9 + week * 7 * 1_440 + HOUR])
    const people = Array.from({ length: 200 }, (_, i) => ({ ...PERSON, id: `p${i}`, zone: 'UTC', busy }))
    const asked = { zone: 'UTC', minutes: HOUR, granularityMinutes: 60, people }
    const [slot] = suggest(weekly('FREQ=WEEKLY;COUNT=12', asked), 1).slots
    expect(slot?.reasons).toContain('P p0 is busy or not at work on 1 of the first 7 of 12 dates.')
    expect(slot?.reasons).toContain('So are 197 others on some.')
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
