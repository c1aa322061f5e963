import { describe, expect, test } from 'vitest'
import { NOW, ORGANIZER, aggregate, idMaker, roomFacts } from '../../testkit/meeting-facts.ts'
import { isLive } from './meeting.ts'
import { planWhatFits } from './plan-what-fits.ts'
import type { RoomFacts } from './ports.ts'
import type { OnConflict } from './settle-lost.ts'

function planned(rooms: RoomFacts[], onConflict: OnConflict, given: Parameters<typeof aggregate>[0] = {}) {
  const meeting = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=600' }, timezone: 'UTC', ...given })
  const { occurrences } = meeting
  const request = { now: NOW, organizerId: ORGANIZER, participants: [], occurrences, rooms, isRecurring: true }
  const fitting = planWhatFits(idMaker(), { aggregate: meeting, request }, onConflict)
  if (!fitting.ok) return { code: fitting.error.code, named: fitting.error.conflicts?.length }
  const { leftOut, change, aggregate: rest } = fitting.value
  const claimed = new Set(change.added.map(({ recurrenceId }) => recurrenceId)).size
  return { live: rest.occurrences.filter(isLive).length, claimed, leftOut: leftOut.size }
}

const near = roomFacts({ id: 'near', bookingRules: { horizonDays: 30 } })
const nearer = roomFacts({ id: 'nearer', bookingRules: { horizonDays: 10 } })

describe('with "skip" a meeting claims what fits', () => {
  test('of however many occurrences and rooms, and the rest is left out', () => {
    expect(planned([near, nearer], 'skip')).toEqual({ live: 9, claimed: 9, leftOut: 387 })
    expect(planned([roomFacts()], 'skip')).toEqual({ live: 396, claimed: 396, leftOut: 0 })
    expect(planned([near], 'reject')).toEqual({ code: 'rule_violation', named: 200 })
  })

  test('and is refused where nothing is left, or where it is in its own way', () => {
    expect(planned([roomFacts({ capacity: 0 })], 'skip')).toEqual({ code: 'capacity', named: 200 })
    const long = { durationMs: 30 * 3_600_000, recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } }
    expect(planned([roomFacts()], 'skip', long)).toEqual({ code: 'slot_conflict', named: 2 })
  })
})
