import { expect, test } from 'vitest'
import { instantIn } from '../client/zone.ts'
import { dayClock } from './day-clock.ts'

const BERLIN = 'Europe/Berlin'
const ALL_DAY = { first: 0, last: 24 }

test.each(['2026-11-24', '2027-03-28', '2026-10-25'])(
  'on %s noon is in the middle, and midnight at the ends',
  (date) => {
    const { percentOf, instantAt } = dayClock(date, BERLIN, ALL_DAY)
    const noon = instantIn(BERLIN, date, '12:00')
    expect(percentOf(noon)).toBe(50)
    expect(instantAt(50)).toBe(noon)
    expect(percentOf(instantIn(BERLIN, date, '00:00'))).toBe(0)
    expect(percentOf(instantAt(100))).toBe(100)
  },
)

test('what lies outside of the hours that are shown is cut off', () => {
  const { percentOf } = dayClock('2026-11-24', BERLIN, { first: 7, last: 20 })
  expect(percentOf(instantIn(BERLIN, '2026-11-24', '06:00'))).toBe(0)
  expect(percentOf(instantIn(BERLIN, '2026-11-23', '21:00'))).toBe(0)
  expect(percentOf(instantIn(BERLIN, '2026-11-25', '01:00'))).toBe(100)
})
