import { describe, expect, test } from 'vitest'
import { NOW, aggregate } from '../../../testkit/meeting-facts.ts'
import { HOUR_MS } from '../../time/instant.ts'
import { formatInstant, parseInstant } from '../../time/iso.ts'
import type { LocalTime } from '../../time/local-time.ts'
import type { Occurrence } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'
import { endBefore, startingAt } from './split-series.ts'

const R = '20261126T100000' as LocalTime
const id = (day: number) => `202611${day}T100000`

function cut(before: MeetingAggregate, at = R, keepsCancelled = false) {
  const head = endBefore(before, at, { now: NOW, keepsCancelled })
  const rest = startingAt(before, at, { id: 'rest', now: NOW, isGivenBack: (room) => room === 'given back' })
  return { head, rest }
}

const ids = ({ occurrences }: MeetingAggregate) => occurrences.map((one) => one.recurrenceId)

describe('a series is cut', () => {
  test.each([
    ['FREQ=DAILY;COUNT=5', 'FREQ=DAILY;COUNT=2', 'FREQ=DAILY;COUNT=3', false],
    ['FREQ=DAILY', 'FREQ=DAILY;UNTIL=20261125T090000Z', 'FREQ=DAILY', true],
    [
      'FREQ=DAILY;UNTIL=20261130T120000Z',
      'FREQ=DAILY;UNTIL=20261125T090000Z',
      'FREQ=DAILY;UNTIL=20261130T120000Z',
      true,
    ],
    ['FREQ=DAILY;INTERVAL=2;COUNT=4', 'FREQ=DAILY;INTERVAL=2;COUNT=1', 'FREQ=DAILY;INTERVAL=2;COUNT=3', false],
  ])('%s becomes %s and %s', (rrule, ended, left, isMade) => {
    const { head, rest } = cut(aggregate({ recurrence: { rrule } }))
    expect([head.meeting.rrule, rest.meeting.rrule, head.meeting.endsBySplit]).toEqual([ended, left, isMade])
    expect(rest.meeting).toMatchObject({ localStart: R, splitFrom: { meetingId: 'meeting', recurrenceId: R } })
    expect(ids(head).every((one) => one < R)).toBe(true)
    expect(ids(rest)[0]).toBe(R)
  })

  test('each part takes its own EXDATEs, RDATEs and exceptions, by recurrence id and never by moved time', () => {
    const recurrence = {
      rrule: 'FREQ=DAILY;COUNT=5',
      exdates: [id(25), id(27)],
      rdates: ['20261123T100000', '20261201T100000'],
    }
    const before = aggregate({ recurrence })
    const early = parseInstant('2026-11-24T05:00:00Z')!
    const occurrences = before.occurrences.map((one): Occurrence =>
      one.recurrenceId === id(28)
        ? { ...one, start: early, end: (early + HOUR_MS) as never, override: { start: early, durationMs: HOUR_MS } }
        : one,
    )
    const { head, rest } = cut({ ...before, occurrences })
    expect([head.meeting.exdates, rest.meeting.exdates]).toEqual([recurrence.exdates, [id(27)]])
    expect([head.meeting.rdates, rest.meeting.rdates]).toEqual([['20261123T100000'], ['20261201T100000']])
    expect(ids(head)).toEqual(['20261123T100000', id(24)])
    expect(ids(rest)).toEqual([id(26), id(28), '20261201T100000'])
  })

  test('before its rule begins, dates of their own are left, and the first of them is where it begins', () => {
    const rdates = ['20261121T110000', '20261122T100000', '20261123T100000']
    const { head, rest } = cut(
      aggregate({ recurrence: { rrule: 'FREQ=WEEKLY;COUNT=3;BYDAY=TU', rdates } }),
      rdates[2] as LocalTime,
    )
    expect(head.meeting).toMatchObject({ rrule: 'FREQ=WEEKLY;COUNT=1', localStart: rdates[0], rdates: [rdates[1]] })
    expect(formatInstant(head.meeting.start)).toBe('2026-11-21T10:00:00Z')
    expect(ids(head)).toEqual(rdates.slice(0, 2))
    expect(rest.meeting).toMatchObject({ rrule: 'FREQ=WEEKLY;COUNT=3;BYDAY=TU', rdates: [rdates[2]] })
  })

  test('what was cancelled goes with the rest, or stays known where nobody takes it', () => {
    const before = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=5' }, cancelled: [id(24), id(27)] })
    expect(ids(cut(before).head)).toEqual([id(24), id(25)])
    expect(ids(cut(before, R, true).head)).toEqual([id(24), id(25), id(27)])
  })

  test('a room that an occurrence gave back is none of its rooms any more', () => {
    const before = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=5' }, roomIds: ['given back', 'kept'] })
    expect(cut(before).rest.occurrences[0]?.override).toEqual({ roomIds: ['kept'] })
  })

  test('at a date of its own after the rule’s end only dates are left', () => {
    const recurrence = { rrule: 'FREQ=WEEKLY;COUNT=1;BYDAY=TU', rdates: [id(26), id(28)] }
    const { head, rest } = cut(aggregate({ recurrence }))
    expect(head.meeting).toMatchObject({ rrule: 'FREQ=WEEKLY;COUNT=1;BYDAY=TU', rdates: [], endsBySplit: false })
    expect(rest.meeting).toMatchObject({ rrule: 'FREQ=WEEKLY;COUNT=1', rdates: [id(28)], localStart: R })
    expect(formatInstant(rest.meeting.end)).toBe('2026-11-26T10:00:00Z')
  })
})
