import { describe, expect, test } from 'vitest'
import { Heard } from './heard.ts'

const update = (n: number) => [new Uint8Array([n])]

describe('What was heard of other nodes', () => {
  test('is known to be stored when all of it was heard, and must be read when a turn is missing', () => {
    const heard = new Heard()
    for (const count of [4, 5, 6]) expect(heard.add('a', count, update(count), 0)).toBe(true)
    expect(heard.stored('a', 4, 5)).toBe(true)
    expect(heard.stored('a', 3, 6)).toBe(false)
    heard.add('a', 9, update(9), 0)
    expect(heard.stored('a', 7, 9)).toBe(false)
    expect(heard.stored('a', 9, 9)).toBe(true)
    expect(heard.stored('b', 1, 1)).toBe(false)
    expect(heard.stored('a', 0, 0)).toBe(false)
    expect(heard.isEmpty).toBe(true)
  })

  test('is not taken twice', () => {
    const heard = new Heard()
    heard.add('a', 1, update(1), 0)
    heard.add('a', 2, update(2), 0)
    expect([heard.add('a', 1, update(1), 0), heard.add('a', 2, update(2), 0)]).toEqual([false, false])
  })

  test('becomes ours to store two seconds later, unless it was stored', () => {
    const heard = new Heard()
    heard.add('a', 1, update(1), 0)
    heard.add('a', 2, update(2), 500)
    heard.add('b', 1, update(7), 0)
    heard.stored('b', 1, 1)
    expect(heard.overdue(1_999)).toEqual([])
    expect(heard.overdue(2_000)).toEqual(update(1))
    expect(heard.isEmpty).toBe(false)
    expect(heard.overdue(2_500)).toEqual(update(2))
    expect([heard.overdue(9_999), heard.isEmpty]).toEqual([[], true])
  })
})
