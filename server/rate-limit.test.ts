import { expect, test } from 'vitest'
import { LocalLimit } from './rate-limit.ts'

const rate = { perSecond: 1 / 6, burst: 10 }

function standing(given: { failsClosed?: boolean; maxKeys?: number } = {}) {
  let at = 1_000_000
  const limit = new LocalLimit({ now: () => at, failsClosed: true, ...given })
  return {
    pass: (ms: number) => void (at += ms),
    take: (...keys: string[]) => limit.take(keys.map((key) => ({ key, rate }))),
  }
}

test('the whole burst at once, then one as often as the rate says, each told what is left', () => {
  const { take, pass } = standing()
  for (let left = 9; left >= 0; left--) {
    expect(take('a')).toEqual({ limit: 10, remaining: left, resetSeconds: (10 - left) * 6 })
  }
  expect(take('a')).toEqual({ limit: 10, remaining: 0, resetSeconds: 60, retryAfterSeconds: 6 })
  expect(take('b').retryAfterSeconds).toBeUndefined()
  pass(5_999)
  expect(take('a').retryAfterSeconds).toBe(1)
  pass(1)
  expect(take('a').retryAfterSeconds).toBeUndefined()
  expect(take('a').retryAfterSeconds).toBe(6)
  pass(3_600_000)
  for (let i = 0; i < 10; i++) expect(take('a').retryAfterSeconds).toBeUndefined()
  expect(take('a').retryAfterSeconds).toBe(6)
})

test('a take of several counts takes from all or from none, and says the one that is nearest to its end', () => {
  const { take } = standing()
  for (let i = 0; i < 10; i++) take('full')
  expect(take('full', 'fresh').retryAfterSeconds).toBe(6)
  expect(take('fresh').remaining).toBe(9)
  expect(take('fresh', 'new').remaining).toBe(8)
})

test('a table full of others refuses unknown ones when it fails closed, and has room again when counts have passed', () => {
  const { take, pass } = standing({ maxKeys: 2 })
  take('a')
  take('b')
  expect(take('c').retryAfterSeconds).toBe(60)
  expect(take('a').retryAfterSeconds).toBeUndefined()
  pass(6_001)
  expect(take('c').retryAfterSeconds).toBeUndefined()
})

test('one that stays open forgets whom it has not seen for longest', () => {
  const { take } = standing({ maxKeys: 2, failsClosed: false })
  for (let i = 0; i < 9; i++) take('a')
  take('b')
  take('a')
  expect(take('c').retryAfterSeconds).toBeUndefined()
  expect(take('a').retryAfterSeconds).toBe(6)
  expect(take('b').remaining).toBe(9)
})
