import { expect, test } from 'vitest'
import { daysWords, whenThere, whenWords } from './when-words.ts'

const BERLIN = 'Europe/Berlin'
const span = { start: Date.parse('2026-11-24T13:00Z'), end: Date.parse('2026-11-24T13:30Z') }

test('a time is told by the viewer’s clock, and by the meeting’s where that differs', () => {
  expect(whenWords(span, BERLIN)).toBe('Tue 24 Nov, 14:00–14:30, Berlin time (UTC+1)')
  expect(whenThere(span, 'America/New_York', BERLIN)).toBe('Tue 24 Nov, 08:00–08:30, New York time (UTC−5)')
  expect(whenThere(span, 'Europe/Paris', BERLIN)).toBeUndefined()
  const night = { start: Date.parse('2026-11-24T22:30Z'), end: Date.parse('2026-11-25T01:00Z') }
  expect(whenWords(night, BERLIN)).toBe('Tue 24 Nov, 23:30–Wed 25 Nov 02:00, Berlin time (UTC+1)')
})

test('whole days are told by their names, also where the clocks change', () => {
  const day = { start: Date.parse('2026-10-24T22:00Z'), end: Date.parse('2026-10-25T23:00Z') }
  expect(daysWords(day, BERLIN)).toBe('Sun 25 Oct, all day')
  expect(daysWords({ ...day, end: Date.parse('2026-10-27T23:00Z') }, BERLIN)).toBe('Sun 25 Oct–Tue 27 Oct, all day')
})
