import { expect, test } from 'vitest'
import { instantIn } from '../client/zone.ts'
import { dayAxis, hourMarks, hoursFor, partsOn, placeOf, weekOf, workdayFrom } from './day-axis.ts'

const BERLIN = 'Europe/Berlin'
const DAY = '2026-11-24'

function span(from: string, until: string, zone = BERLIN, date = DAY) {
  return { start: instantIn(zone, date, from), end: instantIn(zone, date, until) }
}

test('a day reaches from 7 to 20, and as far as somebody elsewhere works', () => {
  expect(hoursFor([DAY], BERLIN, [])).toEqual({ first: 7, last: 20 })
  expect(hoursFor([DAY], BERLIN, [span('09:00', '17:00', 'America/New_York')])).toEqual({ first: 7, last: 23 })
  expect(hoursFor([DAY], BERLIN, [span('09:00', '17:00', 'Asia/Tokyo')])).toEqual({ first: 1, last: 20 })
})

test('work past midnight reaches the end of its day and does not begin the next one at midnight', () => {
  const late = span('11:00', '20:00', 'America/New_York')
  expect(hoursFor([DAY], BERLIN, [late])).toEqual({ first: 7, last: 24 })
  expect(hoursFor(['2026-11-25'], BERLIN, [late])).toEqual({ first: 7, last: 20 })
})

test('a meeting over midnight is in sight on both of its days', () => {
  const night = { start: instantIn(BERLIN, DAY, '23:00'), end: instantIn(BERLIN, '2026-11-25', '01:00') }
  const hoursOn = (...days: string[]) => hoursFor(days, BERLIN, partsOn(days, BERLIN, [night]))
  expect(hoursOn(DAY)).toEqual({ first: 7, last: 24 })
  expect(hoursOn('2026-11-25')).toEqual({ first: 0, last: 20 })
  expect(hoursOn('2026-11-26')).toEqual({ first: 7, last: 20 })
})

test('a day of 25 hours has columns for each quarter of them', () => {
  const { columns, end } = dayAxis('2026-10-25', BERLIN, { first: 0, last: 24 })
  expect(columns).toHaveLength(100)
  expect(end).toBe(instantIn(BERLIN, '2026-10-26', '00:00'))
})

test('each row has the hours of its own clock, also where that is off by half an hour', () => {
  const axis = dayAxis(DAY, BERLIN, { first: 7, last: 20 })
  expect(hourMarks(axis, BERLIN).map(({ hour }) => hour)).toEqual([9, 12, 15, 18])
  expect(hourMarks(axis, 'America/New_York').map(({ hour }) => hour)).toEqual([3, 6, 9, 12])
  expect(hourMarks(axis, 'Asia/Kolkata')[0]).toEqual({ at: instantIn('Asia/Kolkata', DAY, '12:00'), hour: 12 })
})

test('what lies outside the axis is cut off', () => {
  const axis = dayAxis(DAY, BERLIN, { first: 10, last: 20 })
  expect(placeOf(axis, span('09:00', '15:00'))).toEqual({ left: '0%', width: '50%' })
})

test('a week begins on Monday', () => {
  expect(weekOf('2026-11-22')[0]).toBe('2026-11-16')
  expect(weekOf('2026-11-23')[0]).toBe('2026-11-23')
})

test.each([
  ['on a Friday morning that day', '2026-11-20T08:00:00Z', '2026-11-20'],
  ['on a Friday evening Monday', '2026-11-20T16:30:00Z', '2026-11-23'],
  ['on a Sunday Monday', '2026-11-22T08:00:00Z', '2026-11-23'],
])('the first day that is shown is %s', (_, now, day) => {
  expect(workdayFrom(Date.parse(now), BERLIN)).toBe(day)
})
