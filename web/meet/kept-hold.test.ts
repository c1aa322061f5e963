import { beforeEach, expect, test } from 'vitest'
import { forgetHold, keepHold, keptHold } from './kept-hold.ts'

const items = new Map<string, string>()
const storage = {
  getItem: (key: string) => items.get(key) ?? null,
  setItem: (key: string, value: string) => void items.set(key, value),
  removeItem: (key: string) => void items.delete(key),
} as Storage
const kept = { id: 'h', optional: ['ben'], title: 'Design rev' }

beforeEach(() => items.clear())

test('what is kept of a hold is found again, and not for another one', () => {
  keepHold(kept, storage)
  expect(keptHold('h', storage)).toEqual(kept)
  expect(keptHold('other', storage)).toBeUndefined()
  forgetHold(storage)
  expect(keptHold('h', storage)).toBeUndefined()
})

test('what cannot be read is nothing', () => {
  for (const key of ['convoke.hold']) items.set(key, '{')
  expect(keptHold('h', storage)).toBeUndefined()
})
