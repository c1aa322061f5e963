import { describe, expect, test } from 'vitest'
import { NOW, ORGANIZER, aggregate, guest, user } from '../../testkit/meeting-facts.ts'
import { DAY_MS, MINUTE_MS, plus } from '../time/instant.ts'
import { preferencesOf } from './preferences.ts'
import { remind } from './remind.ts'

const single = aggregate({
  participants: [user('ana'), guest('gil@example.net'), user('dora', { response: 'declined' })],
})
const { start } = single.meeting
const none = new Map()

function at(minutes: number, preferences = none, meeting = single) {
  const { messages, next } = remind(meeting, preferences, plus(start, minutes * MINUTE_MS))
  return {
    told: messages.map((message) => `${message.channel} ${message.recipient}`),
    next: next && (next - start) / MINUTE_MS,
  }
}

describe('reminders', () => {
  test('come ten minutes before, to who organises and whoever has not declined', () => {
    expect(at(-11)).toEqual({ told: [], next: -10 })
    const all = [`inbox ${ORGANIZER}`, `email ${ORGANIZER}`, 'inbox ana', 'email ana', 'email gil@example.net']
    expect(at(-10)).toEqual({ told: all, next: undefined })
  })

  test('come late rather than not, but not when the meeting has long begun', () => {
    expect(at(9).told).toHaveLength(5)
    expect(at(10)).toEqual({ told: [], next: undefined })
  })

  test('come when each person wants, and by mail only to who wants mail', () => {
    const wishes = new Map([
      ['ana', preferencesOf({ reminderMinutes: 60 })],
      [ORGANIZER, preferencesOf({ email: false })],
    ])
    expect(at(-60, wishes)).toEqual({ told: ['inbox ana', 'email ana'], next: -10 })
    expect(at(-10, wishes).told).toContain(`inbox ${ORGANIZER}`)
    expect(at(-10, wishes).told).not.toContain(`email ${ORGANIZER}`)
  })

  test('are of live occurrences only, each by its own start', () => {
    const series = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, cancelled: ['20261125T100000'] })
    const { messages, next } = remind(series, none, start)
    expect(new Set(messages.map((message) => message.eventKey))).toEqual(new Set([`reminder.meeting.${start}`]))
    expect(next).toBe(start + 2 * DAY_MS - 10 * MINUTE_MS)
    expect(remind(aggregate({ cancelled: ['20261124T100000'] }), none, NOW)).toEqual({ messages: [], next: undefined })
  })

  test('are not of what began as it was booked', () => {
    const walkUp = aggregate({ meeting: { createdAt: start } })
    expect(at(0, none, walkUp)).toEqual({ told: [], next: undefined })
  })

  test('wishes that make no sense count as none', () => {
    for (const reminderMinutes of [-1, 1.5, 10_081, '5', null, NaN]) {
      expect(preferencesOf({ reminderMinutes })).toEqual({ email: true, reminderMinutes: 10 })
    }
    expect(preferencesOf({ reminderMinutes: 0, email: 'no' })).toEqual({ email: true, reminderMinutes: 0 })
  })
})
