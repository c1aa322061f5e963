import { describe, expect, test } from 'vitest'
import { aggregate } from '../../../testkit/meeting-facts.ts'
import type { MeetingAggregate } from '../ports.ts'
import { hasEndedBefore, isBeforeAll, targetOf } from './edit-scope.ts'

const id = (day: number) => `202611${day}T100000`
const daily = (given: object = {}, cancelled: string[] = []) =>
  aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=4', ...given }, cancelled })

function aimed(series: MeetingAggregate, scope: 'this' | 'following', recurrenceId: string): string {
  const target = targetOf(series, { scope, recurrenceId })
  if (!target.ok) return target.error.code
  if (target.value.scope === 'all') return `all ${target.value.anchor?.recurrenceId ?? ''}`.trim()
  return `${target.value.scope} ${target.value.occurrence.recurrenceId}`
}

describe('what a scope means', () => {
  test('following is all from the first instance on, and from whatever nothing comes before, whose times are given then', () => {
    expect(aimed(daily(), 'following', id(24))).toBe('all')
    expect(aimed(daily({}, [id(24)]), 'following', id(24))).toBe('all')
    expect(aimed(daily({ rdates: [id(20)] }), 'following', id(20))).toBe(`all ${id(20)}`)
    expect(aimed(daily({ exdates: [id(24)] }), 'following', id(25))).toBe(`all ${id(25)}`)
    expect(aimed(daily({ rdates: [id(19), id(20)] }), 'following', id(20))).toBe(`following ${id(20)}`)
    expect(aimed(daily({}, [id(24)]), 'following', id(25))).toBe(`following ${id(25)}`)
    expect(aimed(daily({}, [id(26)]), 'following', id(26))).toBe(`following ${id(26)}`)
  })

  test('a single meeting is all there is of it, and nothing follows what stays cancelled beside it', () => {
    const series = daily({}, [id(25)])
    const [first, second] = series.occurrences
    const single = { ...series, meeting: { ...series.meeting, rrule: null }, occurrences: [first!, second!] }
    expect(aimed(single, 'following', id(24))).toBe('all')
    expect(aimed(single, 'following', id(25))).toBe(`this ${id(25)}`)
    expect(aimed(single, 'this', id(26))).toBe('not_found')
  })

  test('beyond its end a series has no occurrence, but it is known that it ended before one that its rule would give', () => {
    expect(aimed(daily(), 'following', id(28))).toBe('not_found')
    expect(hasEndedBefore(daily(), id(28))).toBe(true)
    expect(hasEndedBefore(daily({ rrule: 'FREQ=DAILY;UNTIL=20261125T090000Z' }), id(28))).toBe(true)
    expect(hasEndedBefore(daily(), '20261128T110000')).toBe(false)
    expect(hasEndedBefore(daily({ exdates: [id(25)] }), id(25))).toBe(false)
    expect(hasEndedBefore(daily({ rrule: 'FREQ=DAILY' }), id(28))).toBe(false)
    expect(hasEndedBefore(aggregate(), id(25))).toBe(false)
  })

  test('a date of its own comes before the rule’s first instance', () => {
    const { meeting } = daily({ rdates: [id(19), id(20)] })
    expect([id(18), id(19), id(20), id(24)].map((one) => isBeforeAll(meeting, one as never))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
