import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, instant } from '../time/instant.ts'
import { type BookingRules, ruleViolation } from './room.ts'

const NOW = instant(1_700_000_000_000)

function booking(inMs: number, lastsMs = HOUR_MS, isRecurring = false) {
  return { start: instant(NOW + inMs), end: instant(NOW + inMs + lastsMs), now: NOW, isRecurring }
}

describe('booking rules', () => {
  test('an empty set asks nothing, not even that it lies ahead', () => {
    expect(ruleViolation({}, booking(-DAY_MS, 14 * DAY_MS, true))).toBeUndefined()
  })

  const edges: [BookingRules, ReturnType<typeof booking>, ReturnType<typeof booking>, RegExp][] = [
    [{ maxDurationMinutes: 60 }, booking(0, HOUR_MS), booking(0, HOUR_MS + 1), /at most 60 minutes/],
    [{ minNoticeMinutes: 1 }, booking(MINUTE_MS), booking(MINUTE_MS - 1), /at least 1 minute ahead/],
    [{ minNoticeMinutes: 0 }, booking(0), booking(-1), /at least 0 minutes ahead/],
    [{ horizonDays: 30 }, booking(30 * DAY_MS), booking(30 * DAY_MS + 1), /at most 30 days ahead/],
    [{ allowRecurring: false }, booking(0, HOUR_MS, false), booking(0, HOUR_MS, true), /no recurring/],
  ]
  test.each(edges)('%j holds up to its edge and no further', (rules, inside, outside, sentence) => {
    expect(ruleViolation(rules, inside)).toBeUndefined()
    expect(ruleViolation(rules, outside)).toMatch(sentence)
  })

  test('buffers and an allowed recurrence forbid nothing', () => {
    const rules = { bufferBeforeMinutes: 120, bufferAfterMinutes: 120, allowRecurring: true }
    expect(ruleViolation(rules, booking(0, HOUR_MS, true))).toBeUndefined()
  })
})
