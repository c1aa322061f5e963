import { expect, test } from 'vitest'
import type { CalendarEntry } from './shapes.ts'
import { wholeDaysOf } from './whole-days.ts'

function entry(start: string, end: string, recurrenceId = ''): CalendarEntry {
  return { id: '1', kind: 'meeting', start, end, status: 'confirmed', allDay: true, busy: true, recurrenceId }
}

test.each([
  ['Berlin', '2026-11-23T23:00Z', '2026-11-24T23:00Z'],
  ['New York', '2026-11-24T05:00Z', '2026-11-25T05:00Z'],
  ['Kathmandu', '2026-11-23T18:15Z', '2026-11-24T18:15Z'],
  ['Auckland', '2026-11-23T11:00Z', '2026-11-24T11:00Z'],
  ['Honolulu', '2026-11-24T10:00Z', '2026-11-25T10:00Z'],
])('all of 24 November in %s is that day for everybody', (_, start, end) => {
  for (const zone of ['America/New_York', 'Europe/Berlin', 'Pacific/Auckland', 'Pacific/Honolulu']) {
    expect(wholeDaysOf(entry(start, end, '20261124T000000'), zone)).toEqual(['2026-11-24', '2026-11-24'])
  }
})

test('days of which one has 23 hours are as many', () => {
  const days = ['2027-03-27', '2027-03-29']
  expect(wholeDaysOf(entry('2027-03-26T23:00Z', '2027-03-29T22:00Z'), 'America/New_York')).toEqual(days)
  expect(wholeDaysOf(entry('2027-03-26T23:00Z', '2027-03-29T22:00Z'), 'Europe/Berlin')).toEqual(days)
})
