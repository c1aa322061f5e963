import { expect, test } from 'vitest'
import { nextChange } from './clock-change.ts'
import { quantile } from './figures.ts'
import { overlapsIn } from './live-office.ts'

const NOW = Date.parse('2026-11-22T12:00Z')

test('the next change of the clocks is found in each zone, not before the day it is wanted after', () => {
  expect(nextChange('Europe/Berlin', NOW, 0)).toBe('2027-03-28')
  expect(nextChange('America/New_York', NOW, 0)).toBe('2027-03-14')
  expect(nextChange('Australia/Sydney', NOW, 0)).toBe('2027-04-04')
  expect(nextChange('Europe/Berlin', Date.parse('2027-03-20T12:00Z'), 12)).toBe('2027-10-31')
  expect(nextChange('Asia/Tokyo', NOW, 0)).toBeUndefined()
})

test('bookings of a room that follow each other do not overlap; one inside another is counted', () => {
  const span = (start: number, end: number) => ({ id: `${start}`, start, end, kind: 'booking' })
  expect(overlapsIn([span(0, 10), span(10, 20), span(25, 30)])).toBe(0)
  expect(overlapsIn([span(0, 30), span(5, 10), span(29, 40)])).toBe(2)
})

test('a median of nothing is nothing', () => {
  expect(quantile([], 0.5)).toBeUndefined()
  expect(quantile([3, 1, 2], 0.5)).toBe(2)
  expect(quantile([3, 1, 2], 1)).toBe(3)
})
