import { expect, test } from 'vitest'
import { nearestEntry } from './nearest-entry.ts'
import type { CalendarEntry } from './shapes.ts'

const at = (time: string) => `2026-11-24T${time}:00Z`
const entry = (meetingId: string, time: string) =>
  ({ id: `${meetingId} ${time}`, meetingId, start: at(time) }) as CalendarEntry
const day = [entry('a', '09:00'), entry('b', '10:00'), entry('a', '15:00'), entry('c', '16:00')]

test.each([
  ['that is there is itself', 'b', '10:00', 'b 10:00'],
  ['that was moved is the one of its meeting that is nearest', 'a', '14:00', 'a 15:00'],
  ['whose meeting is gone is the one nearest in time', 'd', '10:45', 'b 10:00'],
])('an entry %s', (_, meetingId, time, found) => {
  expect(nearestEntry(day, entry(meetingId, time))?.id).toBe(found)
})

test('nobody has looked anywhere, or there is nothing', () => {
  expect(nearestEntry(day, undefined)).toBeUndefined()
  expect(nearestEntry([], entry('a', '09:00'))).toBeUndefined()
})
