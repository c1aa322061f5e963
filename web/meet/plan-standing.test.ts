import { expect, test } from 'vitest'
import type { Room } from '../client/contract.ts'
import { counting, heldIn, isAsLong, isHeldFor } from './plan-standing.ts'
import { MAX_ROWS, type Plan, isFull, withPerson, withRoom, withRooms } from './plan.ts'
import type { VerdictWord } from './shapes.ts'

const room = (id: string, capacity = 6) => ({ id, capacity, name: id, equipment: [], floorId: null }) satisfies Room
const person = (id: string) => ({ id, firstName: id, lastName: '', timezone: 'UTC' })
const [ash, birch, nook] = [room('ash'), room('birch'), room('nook', 1)]

function planOf(rooms: readonly Room[], isAnyRoom: boolean): Plan {
  const invited = ['ana', 'ben'].map((id) => ({ person: person(id), isOptional: false }))
  return { invited, rooms, isAnyRoom, minutes: 30 }
}

function verdicts(words: Record<string, VerdictWord>) {
  return Object.entries(words).map(([id, verdict]) => ({ id, verdict }))
}

test('where one of several rooms will do, the first that is free and has seats for all is held, and no other counts', () => {
  const said = verdicts({ ana: 'free', ben: 'busy', ash: 'hold', nook: 'free', birch: 'free' })
  const plan = planOf([ash, nook, birch], true)
  expect(heldIn(plan, said)).toEqual(['ana', 'ben', 'birch'])
  expect(counting(plan, said).map(({ id }) => id)).toEqual(['ana', 'ben', 'birch'])
  expect(heldIn(planOf([ash, nook], true), said)).toEqual(['ana', 'ben', 'nook'])
})

test('where none of them is free, all of them are in the way, and the first is asked for', () => {
  const said = verdicts({ ana: 'free', ben: 'free', ash: 'hold', birch: 'busy' })
  const plan = planOf([ash, birch], true)
  expect(counting(plan, said)).toEqual(said)
  expect(heldIn(plan, said)).toEqual(['ana', 'ben', 'ash'])
})

test('where all rooms are needed, every one is held and counts', () => {
  const said = verdicts({ ana: 'free', ben: 'free', ash: 'free', birch: 'busy' })
  const plan = planOf([ash, birch], false)
  expect(counting(plan, said)).toEqual(said)
  expect(heldIn(plan, said)).toEqual(['ana', 'ben', 'ash', 'birch'])
  expect(heldIn(planOf([ash], true), said)).toEqual(['ana', 'ben', 'ash'])
})

test.each([
  [['ana', 'ben', 'birch'], true, true],
  [['ana', 'ben', 'ash', 'birch'], true, false],
  [['ana', 'ben', 'ash', 'birch'], false, true],
  [['ana', 'ben', 'birch'], false, false],
  [['ana', 'birch'], true, false],
  [['ana', 'ben', 'birch', 'eve'], true, false],
] as const)('a hold of %j, where one room is enough: %s, is for the plan: %s', (ids, isAnyRoom, isFor) => {
  expect(isHeldFor(ids, planOf([ash, birch], isAnyRoom))).toBe(isFor)
})

test('a suggested room that is one of those that would do leaves the others chosen', () => {
  const all = [ash, birch, nook]
  expect(withRooms(planOf([ash, birch], true), ['birch'], all).rooms).toEqual([ash, birch])
  expect(withRooms(planOf([ash, birch], true), ['nook'], all).rooms).toEqual([nook])
  expect(withRooms(planOf([], true), ['birch'], all).rooms).toEqual([birch])
})

test('a hold of another length than the plan’s is not for it', () => {
  const times = { start: '2026-11-24T10:00:00Z', end: '2026-11-24T10:30:00Z' }
  expect(isAsLong(times, planOf([], false))).toBe(true)
  expect(isAsLong(times, { ...planOf([], false), minutes: 60 })).toBe(false)
})

test('a plan that is full says so, and takes nobody more', () => {
  const people = Array.from({ length: MAX_ROWS - 2 }, (_, i) => person(`p${i}`))
  const full = people.reduce(withPerson, planOf([], false))
  expect(isFull(planOf([ash], false))).toBe(false)
  expect(isFull(full)).toBe(true)
  expect(withRoom(withPerson(full, person('one more')), ash)).toBe(full)
})
