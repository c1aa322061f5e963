import { describe, expect, test } from 'vitest'
import {
  type Case,
  EMPTY,
  HOUR,
  MONDAY_9,
  PERSON,
  ROOM,
  type Span,
  finished,
  wishOf,
} from '../../../testkit/suggest-cases.ts'
import { explain as explaining } from './suggest.ts'
import type { Wish } from './wish.ts'

const explain = (wish: Wish) => finished(explaining(wish))

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
      ['a', 'At 2 of 3 starts P a is busy, not at work or full for the day.'],
      ['b', 'At 2 of 3 starts P b is busy, not at work or full for the day.'],
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

  test('leaves out together the fewest who are in the way, where nobody alone is', () => {
    const people = [
      person('a', [always!]),
      person('b', [always!]),
      person('c'),
      person('d', [[MONDAY_9, MONDAY_9 + 30]]),
    ]
    const { relaxations } = explain(ask({ people, minutes: 2 * HOUR }))
    expect(relaxations.map(({ change, sentence }) => [change, sentence])).toContainEqual([
      { kind: 'without_people', userIds: ['a', 'b'] },
      'Without P a and P b: 2 slots.',
    ])
  })

  test('says what no question could be, but for what can be asked', () => {
    const away = { ...person('a', [always!]), role: 'member' as const }
    const group = explain(ask({ people: [away, person('b')], k: 1 }))
    expect(group.blocking).toMatchObject([{ kind: 'group', group: 0 }])
    expect(group.relaxations[0]).toMatchObject({
      change: { kind: 'without_group', group: 0 },
      sentence: 'Without a group of 1 person: 3 slots.',
    })
    const quarter = 93 * 1_440
    const kinds = (days: number) => {
      const people = [person('a', [[0, MONDAY_9 + quarter - 1_440]])]
      const asked = ask({ people, granularityMinutes: 60, minutes: days * 1_440 })
      return explain(asked).relaxations.map(({ change }) => change.kind)
    }
    expect([92, 93].map((days) => kinds(days).includes('wider_window'))).toEqual([true, false])
  })

  test('tells what kind of thing is in the way', () => {
    const sentences = (given: Partial<Case>) => explain(ask(given)).blocking.map(({ sentence }) => sentence)
    const late = { ...person('a'), noticeMinutes: MONDAY_9 + 1_440 }
    expect(sentences({ people: [late] })).toEqual([
      'At every start in the window P a takes no meetings so soon or so far ahead.',
    ])
    const two = [
      { ...ROOM, id: 'r1', busy: [always!] },
      { ...ROOM, id: 'r2' },
    ]
    expect(sentences({ places: two, wantsRooms: 2 })).toEqual([
      'At every start in the window fewer than 2 of the 2 rooms that fit can be booked.',
    ])
    const narrow = ['r1', 'r2'].map((id) => ({ ...ROOM, id, capacity: 1 }))
    expect(sentences({ places: narrow, wantsRooms: 2, people: [person('a'), person('b')] })).toEqual([
      'The 2 largest rooms that fit seat 2, and 3 come.',
    ])
    expect(sentences({ from: MONDAY_9 + 5, minutes: 65 })).toEqual([
      'What is left of the window from now on does not hold 60 minutes that begin on a multiple of 30 minutes.',
    ])
  })
})

describe('an explanation that has much to try', () => {
  const day = 1_440
  const places = Array.from({ length: 12 }, (_, i) => ({ ...ROOM, id: `r${i}`, capacity: i + 1 }))
  const ask = (given: Partial<Case>) =>
    wishOf({ ...EMPTY, from: MONDAY_9, minutes: 28 * day, granularityMinutes: 15, ...given })

  test('names the largest of the smaller rooms that would do', () => {
    const busy: Span[] = [[0, 100 * day]]
    const taken = places.map((place) => (place.capacity > 7 || place.capacity === 6 ? { ...place, busy } : place))
    const { relaxations } = explain(ask({ places: taken, wantsRooms: 1, capacity: 10 }))
    expect(relaxations.map(({ change }) => change)).toEqual([
      { kind: 'smaller_room', capacity: 7 },
      { kind: 'without_room' },
    ])
  })

  test('does so in small steps, and names no more than it has looked at', () => {
    // Half of every hour of four weeks somebody is busy, always somebody else.
    const people = Array.from({ length: 200 }, (_, i): Case['people'][number] => ({
      ...{ ...PERSON, id: `p${i}`, zone: 'UTC', role: i % 2 === 0 ? 'required' : 'member' },
      busy: Array.from({ length: 28 }, (__, n): Span => {
        const from = MONDAY_9 + n * day + (i % 24) * HOUR
        return [from, from + HOUR / 2]
      }),
    }))
    const steps = explaining(ask({ people, k: 100 }))
    const looks: number[] = []
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) looks.push(step.value)
    expect(Math.max(...looks)).toBeLessThan(20_000)
    expect(looks.reduce((sum, one) => sum + one)).toBeLessThan(10_000_000)
    expect(step.value.relaxations.map(({ change }) => change)).toMatchObject([
      { kind: 'shorter', durationMinutes: 30 },
      { kind: 'wider_window' },
    ])
  })
})
