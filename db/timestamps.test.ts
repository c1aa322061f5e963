import { expect, test } from 'vitest'
import { parseTimestamp } from './timestamps.ts'

test.each([
  ['2026-11-22 07:33:20+00', Date.UTC(2026, 10, 22, 7, 33, 20)],
  ['2026-11-22 07:33:20.1+00', Date.UTC(2026, 10, 22, 7, 33, 20, 100)],
  ['2026-11-22 07:33:20.123+00', Date.UTC(2026, 10, 22, 7, 33, 20, 123)],
  ['2026-11-22 07:33:20.123987+00', Date.UTC(2026, 10, 22, 7, 33, 20, 123)],
  ['1969-12-31 23:59:59+00', -1000],
  ['2024-02-29 00:00:00+00', Date.UTC(2024, 1, 29)],
  ['infinity', Infinity],
  ['-infinity', -Infinity],
])('%s is read as epoch milliseconds', (text, ms) => {
  expect(parseTimestamp(text)).toBe(ms)
})
