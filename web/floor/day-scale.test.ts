import { expect, test } from 'vitest'
import { instantIn, timeIn } from '../client/zone.ts'
import { dayScale, placeOn } from './day-scale.ts'

const ZONE = 'America/New_York'
const DATE = '2026-11-24'
const at = (time: string, date = DATE) => instantIn(ZONE, date, time)
const span = (start: number, end: number) => ({ id: '', start, end, kind: 'booking' })
const words = ({ start, end }: { start: number; end: number }) => `${timeIn(ZONE, start)}-${timeIn(ZONE, end)}`

test('a day is shown from 7 to 20, wider by whole hours where something lies outside', () => {
  expect(words(dayScale([[span(at('09:00'), at('10:00'))]], DATE, ZONE))).toBe('07:00-20:00')
  expect(words(dayScale([[span(at('05:15'), at('06:00'))], [span(at('20:00'), at('20:05'))]], DATE, ZONE))).toBe(
    '05:00-21:00',
  )
})

test('what belongs to other days does not widen it, what crosses midnight ends there', () => {
  expect(words(dayScale([[span(at('22:00', '2026-11-23'), at('00:00'))]], DATE, ZONE))).toBe('07:00-20:00')
  expect(dayScale([[span(at('19:00'), at('03:00', '2026-11-25'))]], DATE, ZONE).end).toBe(at('00:00', '2026-11-25'))
})

test('instants have their place in percent, cut off at both ends', () => {
  const scale = { start: 100, end: 200, marks: [] }
  expect([0, 100, 150, 200, 300].map((instant) => placeOn(scale, instant))).toEqual([0, 0, 50, 100, 100])
})
