import { expect, test } from 'vitest'
import { addDays, dateIn, dayIn, instantIn, timeIn, zoneWords } from './zone.ts'

const at = (text: string) => Date.parse(text)
const iso = (instant: number) => new Date(instant).toISOString()

test('an instant is read on the wall of its zone, not of this machine', () => {
  const instant = at('2026-11-23T23:30:00Z')
  expect([dateIn('Europe/Berlin', instant), timeIn('Europe/Berlin', instant)]).toEqual(['2026-11-24', '00:30'])
  expect([dateIn('America/New_York', instant), timeIn('America/New_York', instant)]).toEqual(['2026-11-23', '18:30'])
  expect(dayIn('Europe/Berlin', instant)).toBe('Tue 24 Nov')
  expect(zoneWords('Europe/Berlin', instant)).toBe('Berlin time (UTC+1)')
  expect(zoneWords('America/Sao_Paulo', instant)).toBe('Sao Paulo time (UTC−3)')
  expect(zoneWords('Asia/Kolkata', instant)).toBe('Kolkata time (UTC+5:30)')
})

test('a wall clock finds its instant', () => {
  expect(iso(instantIn('Europe/Berlin', '2026-11-24', '10:00'))).toBe('2026-11-24T09:00:00.000Z')
  expect(iso(instantIn('Europe/Berlin', '2026-07-24', '10:00'))).toBe('2026-07-24T08:00:00.000Z')
  expect(iso(instantIn('Australia/Lord_Howe', '2026-11-24', '10:00'))).toBe('2026-11-23T23:00:00.000Z')
})

test('in a gap the offset before it counts, in an overlap the first pass', () => {
  expect(iso(instantIn('America/New_York', '2026-03-08', '02:30'))).toBe('2026-03-08T07:30:00.000Z')
  expect(iso(instantIn('America/New_York', '2026-11-01', '01:30'))).toBe('2026-11-01T05:30:00.000Z')
  expect(iso(instantIn('Australia/Lord_Howe', '2026-10-04', '02:15'))).toBe('2026-10-03T15:45:00.000Z')
})

test('days follow each other over the end of a year', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
})
