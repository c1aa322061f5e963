import { describe, expect, test } from 'vitest'
import type { RoomFacts } from '../meetings/ports.ts'
import { MINUTE_MS, instant } from '../time/instant.ts'
import { standingStarts } from './standing-starts.ts'
import type { PersonFacts, RoomTimeFacts } from './subject-facts.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const ALWAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', '24:00']]])
const hours = { timezone: 'UTC', weekly: Object.fromEntries(ALWAYS), dates: undefined, holidays: [] }
const free = { spans: [], holds: [] }
const person = (id: string): PersonFacts => {
  return { kind: 'person', id, ...free, hours, rules: {}, absences: [], calendars: [] }
}
const room = (id: string, capacity: number, given: Partial<RoomFacts> = {}): RoomTimeFacts => {
  const facts = { id, name: id, capacity, floorId: null, equipment: [], bookingRules: {}, isActive: true }
  return { kind: 'room', id, ...free, room: { ...facts, ...given } }
}

/** At noon, as it is told to Ana. */
function noon(subjects: (PersonFacts | RoomTimeFacts)[], required = subjects.map(({ id }) => id)) {
  const window = { start: instant(NOON), end: instant(NOON + 30 * MINUTE_MS) }
  const wanted = { window, durationMinutes: 30, granularityMinutes: 30 }
  const [first] = standingStarts(subjects, new Set(required), wanted, { userId: 'ana', now: instant(0) })
  return first && { free: first.free, missing: first.missing }
}

const [ANA, BO, CY] = ['ana', 'bo', 'cy'].map(person) as [PersonFacts, PersonFacts, PersonFacts]

describe('a standing start', () => {
  test('has seats for who asks and everybody asked for in the required rooms together', () => {
    expect(noon([ANA, BO, room('small', 1)])).toBeUndefined()
    expect(noon([BO, CY, room('two', 2)])).toBeUndefined()
    expect(noon([ANA, BO, room('two', 2)])).toEqual({ free: ['ana', 'bo', 'two'], missing: [] })
    expect(noon([BO, CY, room('two', 2), room('one', 1)])?.missing).toEqual([])
  })

  test('seats the optional as well, for they are invited', () => {
    expect(noon([ANA, BO, CY, room('two', 2)], ['ana', 'two'])).toBeUndefined()
    expect(noon([ANA, BO, CY, room('three', 3)], ['ana', 'three'])?.free).toEqual(['ana', 'bo', 'cy', 'three'])
  })

  test('misses optional rooms that are too small beside the required ones', () => {
    const rooms = [room('one', 1), room('two', 2)]
    expect(noon([ANA, BO, ...rooms], ['ana', 'bo'])).toEqual({ free: ['ana', 'bo', 'two'], missing: ['one'] })
    expect(noon([ANA, BO, ...rooms], ['ana', 'bo', 'two'])?.missing).toEqual([])
    expect(noon([ANA, BO, ...rooms], ['ana', 'bo', 'one'])).toBeUndefined()
  })

  test('misses rooms that are not in use', () => {
    expect(noon([ANA, room('closed', 5, { isActive: false })], ['ana'])?.missing).toEqual(['closed'])
  })
})
