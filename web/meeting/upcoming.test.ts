import { expect, test } from 'vitest'
import { foldAgenda, upcoming } from './upcoming.ts'

const entry = (meetingId: string, start: string, status = 'confirmed') => ({
  meetingId,
  recurrenceId: start,
  title: meetingId,
  start: `2026-11-24T${start}Z`,
  end: `2026-11-24T${start.slice(0, 2)}:59Z`,
  status,
})
const ids = (entries: { meetingId: string }[]) => entries.map(({ meetingId }) => meetingId).join(' ')

test('news of a meeting replaces its entries, and an empty list takes it out', () => {
  const before = [entry('a', '10:00'), entry('b', '11:00'), entry('a', '12:00')]
  expect(ids(foldAgenda(before, { meetingId: 'a', entries: [entry('a', '09:00')] }))).toBe('b a')
  expect(ids(foldAgenda(before, { meetingId: 'a', entries: [] }))).toBe('b')
})

test('what is over or cancelled is not shown, and what runs is', () => {
  const entries = [
    entry('next', '12:00'),
    entry('runs', '10:00'),
    entry('over', '09:00'),
    entry('off', '13:00', 'cancelled'),
  ]
  expect(ids(upcoming(entries, Date.parse('2026-11-24T10:30Z')))).toBe('runs next')
})
