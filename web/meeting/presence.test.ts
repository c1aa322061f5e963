import { expect, test } from 'vitest'
import { presentIn } from './presence.ts'

const states = (...given: unknown[]) => new Map(given.map((state, i) => [i + 1, state]))

test('a person in two windows is there once, oneself first', () => {
  const bea = { user: { id: 'b', name: 'Bea', color: '#123456' }, part: 'Notes' }
  const ana = { user: { id: 'a', name: 'Ana' } }
  const present = presentIn(states(bea, ana, bea, { user: { id: 'z', name: 'Zoe' } }), 'z')
  expect(present.map(({ name, isSelf, part }) => [name, isSelf, part])).toEqual([
    ['Zoe', true, undefined],
    ['Ana', false, undefined],
    ['Bea', false, 'Notes'],
  ])
})

test('a client that knows only names is shown by name, and one that says nonsense is not shown', () => {
  const present = presentIn(
    states({ user: { name: ' Typist ' } }, { user: { name: 7 } }, null, { user: null }, {}),
    'a',
  )
  expect(present).toEqual([expect.objectContaining({ key: 'Typist', name: 'Typist' })])
})

test('a person has the same colour for everybody', () => {
  const [one] = presentIn(states({ user: { id: 'b', name: 'Bea' } }), 'a')
  const [other] = presentIn(states({}, { user: { id: 'b', name: 'Bea' } }), 'c')
  expect(one?.ink).toBe(other?.ink)
})
