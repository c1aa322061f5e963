import { expect, test } from 'vitest'
import type { Meeting } from '../client/contract.ts'
import { mayChange, pathOf, staleWords, standingAt, timesFor } from './meeting-change.ts'

const HOUR_MS = 3_600_000
/** Daily at 10:00 in Berlin since before its clocks changed. */
const series = {
  timezone: 'Europe/Berlin',
  startTime: '2026-10-20T08:00:00.000Z',
  endTime: '2026-10-20T08:30:00.000Z',
} as Meeting
const start = Date.parse('2026-11-24T09:00:00Z')
const chosen = { meetingId: 'm', recurrenceId: '20261124T100000', start, end: start + HOUR_MS / 2 }
const later = { start: start + HOUR_MS, end: chosen.end + HOUR_MS }

test('a single meeting takes no scope, an occurrence says which it is', () => {
  expect(pathOf(chosen, undefined)).toBe('/meetings/m')
  expect(pathOf(chosen, 'all')).toBe('/meetings/m')
  expect(pathOf(chosen, 'following')).toBe('/meetings/m?scope=following&recurrenceId=20261124T100000')
})

test('one occurrence and the following ones get the time it was moved to', () => {
  const times = { startTime: '2026-11-24T10:00:00.000Z', endTime: '2026-11-24T10:30:00.000Z' }
  expect(timesFor(series, chosen, later, 'this')).toEqual(times)
  expect(timesFor(series, chosen, later, 'following')).toEqual(times)
})

test('all of a series move by as much on its own wall clock, whatever the clocks did since its start', () => {
  expect(timesFor(series, chosen, later, 'all')).toEqual({ startTime: { local: '2026-10-20T11:00' } })
  const longer = { start, end: chosen.end + HOUR_MS }
  expect(timesFor(series, chosen, longer, 'all')).toEqual({
    startTime: { local: '2026-10-20T10:00' },
    endTime: { local: '2026-10-20T11:30' },
  })
})

test('a meeting that was moved meanwhile is changed from where it is, not from where its entry was', () => {
  const moved = { startTime: '2026-11-25T13:00:00Z', endTime: '2026-11-25T14:00:00Z' }
  const standing = { start: Date.parse(moved.startTime), end: Date.parse(moved.endTime) }
  expect(standingAt(chosen, moved)).toEqual({ ...chosen, ...standing })
})

test.each([
  [{ isRecurring: false, status: 'confirmed' }, 'By now it is Tue 20 Oct, 10:00–10:30, Berlin time (UTC+2).'],
  [{ isRecurring: false, status: 'confirmed', allDay: true }, 'By now it is Tue 20 Oct, all day.'],
  [{ isRecurring: false, status: 'cancelled' }, 'It is cancelled.'],
  [{ isRecurring: true, status: 'confirmed' }, 'It is shown as it is by now.'],
])('who was slower is told what it is now: %j', (more, words) => {
  const problem = { status: 412, code: 'stale', detail: '', current: { ...series, ...more } }
  const said = 'Somebody has just changed this meeting, so nothing was saved.'
  expect(staleWords(problem, 'Europe/Berlin')).toBe(`${said} ${words}`)
})

test.each([
  [true, 'its organizer', 'olga', 'member', 'confirmed'],
  [true, 'an admin', 'ana', 'admin', 'confirmed'],
  [false, 'somebody else', 'ben', 'member', 'confirmed'],
  [false, 'its organizer, once it is cancelled,', 'olga', 'member', 'cancelled'],
])('%s: it may be changed by %s', (may, _, id, role, status) => {
  const organizer = { id: 'olga', firstName: 'Olga', lastName: '' }
  expect(mayChange({ ...series, organizer, status }, { id, role })).toBe(may)
})
