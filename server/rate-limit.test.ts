import { describe, expect, test } from 'vitest'
import { RateLimit } from './rate-limit.ts'

describe('a rate limit', () => {
  test('lets so many through in any window, and says how long to wait', () => {
    let now = 0
    const limit = new RateLimit({ limit: 3, windowMs: 60_000, now: () => now })
    const takes: (number | undefined)[] = []
    for (now of [0, 20_000, 40_000, 59_999, 60_000, 60_001, 80_000]) takes.push(limit.take('a'))
    expect(takes).toEqual([undefined, undefined, undefined, 1, undefined, 20, undefined])
  })

  test('counts keys apart', () => {
    const limit = new RateLimit({ limit: 1, windowMs: 1_000, now: () => 0 })
    expect(limit.take('a')).toBeUndefined()
    expect(limit.take('b')).toBeUndefined()
    expect(limit.take('a')).toBe(1)
  })

  test('refuses unknown keys when it is full, and goes on when the window has passed', () => {
    let now = 0
    const limit = new RateLimit({ limit: 2, windowMs: 1_000, maxKeys: 2, now: () => now })
    expect([limit.take('a'), limit.take('b'), limit.take('c')]).toEqual([undefined, undefined, 1])
    now = 900
    // Known keys go on; what was taken later stays longer.
    expect(limit.take('a')).toBeUndefined()
    now = 1_000
    expect([limit.take('c'), limit.take('d')]).toEqual([undefined, 1])
  })
})
