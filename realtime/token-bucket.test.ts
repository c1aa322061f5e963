import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('a bucket admits its burst at once and then its rate, never saving up more than the burst', () => {
  const bucket = new TokenBucket(10, 3, 0)
  const admitted = (at: number, tries: number) =>
    Array.from({ length: tries }, () => bucket.take(at)).filter(Boolean).length
  expect(admitted(0, 5)).toBe(3)
  expect(admitted(99, 1)).toBe(0)
  expect(admitted(200, 5)).toBe(2)
  expect(admitted(3_600_000, 5)).toBe(3)
})

test('a clock that steps back neither admits nor breaks', () => {
  const bucket = new TokenBucket(10, 1, 1_000)
  expect([bucket.take(1_000), bucket.take(0), bucket.take(100)]).toEqual([true, false, true])
})
