import { describe, expect, test } from 'vitest'
import { instantIn } from '../client/zone.ts'
import {
  type Draft,
  bookedWords,
  bookingBody,
  faultsOf,
  newDraft,
  suggested,
  suggestionWords,
  withStart,
} from './booking.ts'

const ZONE = 'Europe/Berlin'
const at = (time: string, date = '2026-11-24') => instantIn(ZONE, date, time)
const iso = (time: string, date?: string) => new Date(at(time, date)).toISOString()
const NOW = at('10:42')

const draft: Draft = {
  title: 'Design review',
  roomId: 'oslo',
  date: '2026-11-24',
  start: '14:00',
  end: '14:30',
  repeat: 'none',
  count: '5',
}
const rooms = ['oslo', 'rome'].map((id) => ({
  id,
  name: id === 'oslo' ? 'Oslo' : 'Rome',
  capacity: 4,
  equipment: [],
  floorId: null,
}))

describe('a new draft', () => {
  test('begins on the next quarter in the building’s own time', () => {
    expect(newDraft('oslo', NOW, ZONE)).toMatchObject({ date: '2026-11-24', start: '10:45', end: '11:15' })
  })

  test('late in the evening it begins the next morning', () => {
    expect(newDraft('oslo', at('23:40'), ZONE)).toMatchObject({ date: '2026-11-25', start: '09:00', end: '09:30' })
  })
})

describe('faults', () => {
  test('a good draft has none', () => {
    expect(faultsOf(draft, NOW, ZONE)).toEqual({})
  })

  test.each<[Partial<Draft>, keyof Draft, string]>([
    [{ title: '  ' }, 'title', 'Give it a title.'],
    [{ date: '' }, 'date', 'Choose a date.'],
    [{ date: '2026-11-23' }, 'date', 'That day is over.'],
    [{ start: '' }, 'start', 'Choose a start.'],
    [{ end: '14:00' }, 'end', 'The end must be after the start.'],
    [{ start: '10:00', end: '10:30' }, 'end', 'That time is over.'],
    [{ repeat: 'weekly', count: '1' }, 'count', 'A whole number from 2 to 100.'],
    [{ repeat: 'weekly', count: '2.5' }, 'count', 'A whole number from 2 to 100.'],
  ])('%j is told at its field', (change, field, sentence) => {
    expect(faultsOf({ ...draft, ...change }, NOW, ZONE)).toEqual({ [field]: sentence })
  })
})

describe('another start', () => {
  test('keeps the length', () => {
    expect(withStart(draft, '16:15')).toMatchObject({ start: '16:15', end: '16:45' })
  })

  test('does not push the end into the next day', () => {
    expect(withStart(draft, '23:45')).toMatchObject({ start: '23:45', end: '14:30' })
  })
})

test('what goes out is wall clock in the building’s zone, and a rule only for what repeats', () => {
  expect(bookingBody(draft, ZONE, 'reject')).toEqual({
    title: 'Design review',
    startTime: { local: '2026-11-24T14:00' },
    endTime: { local: '2026-11-24T14:30' },
    timezone: ZONE,
    roomIds: ['oslo'],
    onConflict: 'reject',
  })
  expect(bookingBody({ ...draft, repeat: 'weekly' }, ZONE, 'skip')).toMatchObject({
    onConflict: 'skip',
    recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=5' },
  })
})

describe('suggestions', () => {
  const suggestion = (roomId: string, start: string, end: string, date?: string) => ({
    start: iso(start, date),
    end: iso(end, date),
    roomIds: [roomId],
    reasons: [],
  })

  test.each([
    [suggestion('rome', '14:00', '14:30'), 'Book Rome instead, same time'],
    [suggestion('oslo', '14:30', '15:00'), 'Book 30 minutes later, 14:30–15:00'],
    [suggestion('oslo', '15:00', '15:30'), 'Book 1 hour later, 15:00–15:30'],
    [suggestion('oslo', '15:30', '16:00'), 'Book 1 h 30 min later, 15:30–16:00'],
    [suggestion('oslo', '13:45', '14:15'), 'Book 15 minutes earlier, 13:45–14:15'],
    [suggestion('oslo', '14:00', '14:30', '2026-11-26'), 'Book Thu 26 Nov 14:00–14:30'],
    [suggestion('rome', '16:00', '16:30'), 'Book Rome, 16:00–16:30'],
  ])('%j is a button that says what it does', (given, words) => {
    expect(suggestionWords(draft, given, rooms, ZONE)).toBe(words)
  })

  test('taking one changes room and time and nothing else', () => {
    expect(suggested(draft, suggestion('rome', '15:00', '15:30'), ZONE)).toEqual({
      ...draft,
      roomId: 'rome',
      start: '15:00',
      end: '15:30',
    })
  })
})

test('after a booking it says what was booked, less what was left out', () => {
  expect(bookedWords(draft, rooms, [])).toBe('Booked: Design review, Oslo, Tue 24 Nov 14:00–14:30.')
  expect(bookedWords({ ...draft, repeat: 'daily' }, rooms, ['left out'])).toBe(
    'Booked: Design review, Oslo, Tue 24 Nov 14:00–14:30, 4 times.',
  )
})
