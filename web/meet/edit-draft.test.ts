import { expect, test } from 'vitest'
import { type Draft, daysOf, draftOf, timesOf, withField } from './edit-draft.ts'

const ZONE = 'Europe/Berlin'
const span = (from: string, until: string) => ({ start: Date.parse(from), end: Date.parse(until) })

function edited(stored: Draft, ...fields: [name: keyof Draft, value: string][]): Draft {
  return fields.reduce((draft, [name, value]) => ({ ...draft, ...withField(draft, name, value) }), stored)
}

test.each([
  ['over midnight', '2026-11-25T23:00+01:00', '2026-11-26T01:00+01:00', '2026-11-28T01:00+01:00'],
  ['until midnight', '2026-11-25T23:00+01:00', '2026-11-26T00:00+01:00', '2026-11-28T00:00+01:00'],
  ['for exactly a day', '2026-11-25T10:00+01:00', '2026-11-26T10:00+01:00', '2026-11-28T10:00+01:00'],
  ['for two days and more', '2026-11-25T10:00+01:00', '2026-11-27T11:00+01:00', '2026-11-29T11:00+01:00'],
])('a meeting %s gets another day as it is', (_, from, until, moved) => {
  const stored = draftOf('Night', span(from, until), ZONE)
  expect(timesOf(stored, stored, ZONE)).toEqual(span(from, until))
  const draft = edited(stored, ['date', '2026-11-27'])
  expect(timesOf(draft, stored, ZONE)).toEqual(span(from.replace('-25T', '-27T'), moved))
})

test('an end that is not after the start is on the next day, and on the same one again when it is', () => {
  const stored = draftOf('Talk', span('2026-11-25T23:00+01:00', '2026-11-26T01:00+01:00'), ZONE)
  const short = edited(stored, ['end', '23:30'])
  expect(timesOf(short, stored, ZONE)).toEqual(span('2026-11-25T23:00+01:00', '2026-11-25T23:30+01:00'))
  const day = draftOf('Talk', span('2026-11-25T10:00+01:00', '2026-11-25T11:00+01:00'), ZONE)
  expect(timesOf(edited(day, ['end', '09:00']), day, ZONE).end).toBe(Date.parse('2026-11-26T09:00+01:00'))
})

test('another first day takes the last one along; a field that is empty gives no time', () => {
  const stored = draftOf(null, span('2026-11-24T00:00+01:00', '2026-11-26T00:00+01:00'), ZONE)
  const moved = edited(stored, ['date', '2026-11-30'])
  expect(daysOf(moved, ZONE)).toEqual(span('2026-11-30T00:00+01:00', '2026-12-02T00:00+01:00'))
  expect(daysOf(edited(stored, ['date', '']), ZONE).end).toBeNaN()
  expect(timesOf(edited(stored, ['start', '']), stored, ZONE).start).toBeNaN()
})
