import { describe, expect, test } from 'vitest'
import { NOW, aggregate, user } from '../../../testkit/meeting-facts.ts'
import { HOUR_MS } from '../../time/instant.ts'
import { formatInstant, parseInstant } from '../../time/iso.ts'
import { parseLocalTime } from '../../time/local-time.ts'
import type { Answer, Override, Participant } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'
import { type Edit, editAll } from './edit-all.ts'

const local = (wall: string) => ({ local: parseLocalTime(wall)! })
const people = [user('ana'), user('ben')]
const series = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3' }, participants: people })
const NO: Answer = { response: 'declined', comment: null }

function edited(before: MeetingAggregate, edit: Edit, invited?: Participant[]) {
  return editAll(before, edit, { now: NOW, tzVersion: 'test', invited })
}

function after(before: MeetingAggregate, edit: Edit, invited?: Participant[]): MeetingAggregate {
  const result = edited(before, edit, invited)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value.aggregate
}

function withOwn({ occurrences, ...rest }: MeetingAggregate, index: number, override: Override): MeetingAggregate {
  const status = override.cancelled ? ('cancelled' as const) : ('confirmed' as const)
  return { ...rest, occurrences: occurrences.map((one, i) => (i === index ? { ...one, status, override } : one)) }
}

describe('the whole of a meeting', () => {
  test('who is not invited any more takes along what he said to single occurrences, and is asked anew when he is back', () => {
    const before = withOwn(withOwn(series, 1, { answers: { ana: NO, ben: NO } }), 2, { answers: { ana: NO } })
    const without = after(before, {}, [user('ben')])
    expect(without.occurrences.map(({ override }) => override)).toEqual([null, { answers: { ben: NO } }, null])
    const listed = { participants: [{ id: 'ana', role: 'required' as const }], answers: { ana: NO } }
    expect(after(withOwn(series, 1, listed), {}, [user('ben')]).occurrences[1]?.override).toEqual(listed)
  })

  test('becomes a single meeting that is its first occurrence, with whom what stays cancelled names', () => {
    const eve = user('eve', { inSeries: false })
    const gone = { cancelled: true as const, participants: [{ id: 'eve', role: 'required' as const }] }
    const own = { title: 'Own', participants: [{ id: 'ben', role: 'required' as const }] }
    const before = withOwn(withOwn({ ...series, participants: [...people, eve] }, 0, gone), 1, own)
    const single = after(before, { recurrencePattern: null })
    expect(single.meeting).toMatchObject({ rrule: null, title: 'Own', localStart: '20261125T100000' })
    expect(single.participants.map(({ id, inSeries }) => [id, inSeries])).toEqual([
      ['ben', true],
      ['eve', false],
    ])
    expect(single.occurrences.map(({ recurrenceId }) => recurrenceId)).toEqual(['20261125T100000', '20261124T100000'])
  })

  test('becomes one that has no row yet where all that have one are cancelled, and is refused where none is left', () => {
    const gone = { cancelled: true as const }
    const yearly = aggregate({ recurrence: { rrule: 'FREQ=YEARLY;COUNT=3' } })
    const before = withOwn(withOwn(yearly, 0, gone), 1, gone)
    expect(before.occurrences).toHaveLength(2)
    expect(after(before, { recurrencePattern: null }).meeting.localStart).toBe('20281124T100000')
    const none = withOwn(withOwn(withOwn(series, 0, gone), 1, gone), 2, gone)
    expect(edited(none, { recurrencePattern: null })).toMatchObject({
      ok: false,
      error: { code: 'invalid_recurrence', errors: [{ pointer: '/recurrencePattern' }] },
    })
  })

  test('becomes whole days, but for an occurrence that was moved: that keeps its time, also as what is left', () => {
    const start = parseInstant('2026-11-23T12:00:00Z')!
    const before = withOwn(series, 0, { start, durationMs: HOUR_MS })
    const times = { startTime: local('2026-11-24T00:00'), endTime: local('2026-11-25T00:00'), allDay: true }
    const days = after(before, times)
    expect(days.occurrences.map((one) => `${formatInstant(one.start)} ${formatInstant(one.end)}`)).toEqual([
      '2026-11-23T12:00:00Z 2026-11-23T13:00:00Z',
      '2026-11-24T23:00:00Z 2026-11-25T23:00:00Z',
      '2026-11-25T23:00:00Z 2026-11-26T23:00:00Z',
    ])
    const single = after(days, { recurrencePattern: null }).meeting
    expect([single.allDay, single.start, single.end - single.start]).toEqual([false, start, HOUR_MS])
  })

  test('of whole days takes whole days as dates of its own', () => {
    const times = { startTime: local('2026-11-24T00:00'), endTime: local('2026-11-25T00:00'), allDay: true }
    const dated = aggregate({ recurrence: { rrule: 'FREQ=DAILY;COUNT=3', rdates: ['20261201T120000'] } })
    expect(edited(dated, times)).toMatchObject({
      ok: false,
      error: { code: 'invalid_recurrence', errors: [{ part: 'RDATE' }] },
    })
  })
})
