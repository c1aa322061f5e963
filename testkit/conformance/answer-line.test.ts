import { expect, test } from 'vitest'
import { answerLine } from './answer-line.ts'

type Kind = Parameters<typeof answerLine>[0]

const DAILY = {
  id: 'case-1',
  dtstart: '2026-03-07T02:30:00',
  tzid: 'America/New_York',
  rrule: 'FREQ=DAILY;COUNT=2',
  exdates: [],
  rdates: [],
  window: ['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
}

const OFFICE = {
  id: 'case-2',
  window: ['2026-11-24T09:00:00Z', '2026-11-24T10:00:00Z'],
  duration_min: 30,
  granularity_min: 30,
  quorum: null,
  participants: [],
}

const ALONE = {
  id: 'case-4',
  horizon: ['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
  existing: [],
  candidate: { ...DAILY, resources: ['room'], duration_min: 30, overrides: [] },
}

test('a rule is answered with its instants, and no rule with the start alone', () => {
  expect(answer('recurrence', DAILY)).toEqual({ id: 'case-1', utc: ['2026-03-07T07:30:00Z', '2026-03-08T07:30:00Z'] })
  expect(answer('recurrence', { ...DAILY, rrule: null })).toEqual({ id: 'case-1', utc: ['2026-03-07T07:30:00Z'] })
})

test('a rule that the contract refuses is answered with the refusal', () => {
  const refused = answer('recurrence', { ...DAILY, rrule: 'FREQ=DAILY;BYHOUR=9' })
  expect(refused).toMatchObject({ id: 'case-1', error: { code: 'invalid_recurrence' } })
  expect(refused).not.toHaveProperty('utc')
})

test.each<[string, Kind, unknown]>([
  ['a zone that is none', 'recurrence', { ...DAILY, tzid: 'Europe/Nowhere' }],
  ['a day that is none', 'recurrence', { ...DAILY, dtstart: '2026-02-30T10:00:00' }],
  ['years before the calendar', 'recurrence', { ...DAILY, dtstart: '1969-12-31T10:00:00' }],
  ['a step of no length', 'freebusy', { ...OFFICE, granularity_min: 0 }],
  ['a meeting of no length', 'freebusy', { ...OFFICE, duration_min: 0 }],
  ['a meeting longer than a year', 'conflicts', { ...ALONE, candidate: { ...ALONE.candidate, duration_min: 1e308 } }],
  ['a missing part', 'conflicts', { id: 'case-3' }],
])('%s is answered with an error under its own id', (_, kind, given) => {
  const { id } = given as { id: string }
  expect(answer(kind, given)).toMatchObject({ id, error: { code: 'invalid_input' } })
})

test.each(['{not json', 'null', '[]', '7', ''])('%j, which has no id, is answered as well', (line) => {
  expect(answerLine('recurrence', line)).toMatchObject({ id: null, error: { code: 'invalid_input' } })
})

function answer(kind: Kind, given: unknown): object {
  return answerLine(kind, JSON.stringify(given))
}
