import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTicker } from './ticker.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('after a quiet time it ticks at once, then once per period, and never without being due', () => {
  const ticks: number[] = []
  const start = performance.now()
  const ticker = createTicker(15, () => ticks.push(performance.now() - start))
  vi.advanceTimersByTime(100)
  ticker.due()
  ticker.due()
  vi.advanceTimersByTime(0)
  expect(ticks).toEqual([100])
  vi.advanceTimersByTime(5)
  ticker.due()
  ticker.due()
  vi.advanceTimersByTime(100)
  expect(ticks).toEqual([100, 115])
})

test('stopped, it does not tick', () => {
  let ticks = 0
  const ticker = createTicker(15, () => (ticks += 1))
  ticker.due()
  ticker.stop()
  vi.advanceTimersByTime(100)
  expect(ticks).toBe(0)
})
