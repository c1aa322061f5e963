import { describe, expect, test } from 'vitest'
import { NOW, aggregate } from '../../../testkit/meeting-facts.ts'
import type { Occurrence } from '../meeting.ts'
import type { MeetingAggregate } from '../ports.ts'
import { formatInstant, parseInstant } from '../../time/iso.ts'
import { parseLocalTime } from '../../time/local-time.ts'
import { HOUR_MS } from '../../time/instant.ts'
import { type Rescheduled, type TimeChange, reschedule } from './reschedule.ts'

const at = (iso: string) => ({ instant: parseInstant(iso)! })
const local = (wall: string) => ({ local: parseLocalTime(wall)! })

function after(before: MeetingAggregate, change: TimeChange): Rescheduled {
  const result = reschedule(before, change, NOW)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

const isGone = ({ override }: Occurrence) => override?.cancelled === true
/** What takes place. */
const ids = ({ occurrences }: Rescheduled) => occurrences.filter((one) => !isGone(one)).map((one) => one.recurrenceId)
const gone = ({ occurrences }: Rescheduled) =>
  occurrences.filter(isGone).map((one) => `${one.recurrenceId} ${formatInstant(one.start)}`)
const span = ({ start, end, timezone }: Rescheduled) => [formatInstant(start), formatInstant(end), timezone]

const WEEKLY = { recurrence: { rrule: 'FREQ=WEEKLY;COUNT=3;BYDAY=TU' }, cancelled: ['20261201T100000'] }

describe('a meeting moves', () => {
  test('with a start alone keeping its duration, with an end alone keeping its start', () => {
    const single = aggregate({ durationMs: 2 * HOUR_MS })
    const moved = after(single, { startTime: at('2026-11-25T12:00:00Z') })
    expect(span(moved)).toEqual(['2026-11-25T12:00:00Z', '2026-11-25T14:00:00Z', 'Europe/Berlin'])
    expect(ids(moved)).toEqual(['20261125T130000'])
    const longer = after(single, { endTime: at('2026-11-24T13:00:00Z') })
    expect(span(longer)).toEqual(['2026-11-24T09:00:00Z', '2026-11-24T13:00:00Z', 'Europe/Berlin'])
    expect(ids(longer)).toEqual(['20261124T100000'])
  })

  test('to another zone alone keeping its wall clock', () => {
    const moved = after(aggregate(WEEKLY), { timezone: 'America/New_York' })
    expect(span(moved)).toEqual(['2026-11-24T15:00:00Z', '2026-11-24T16:00:00Z', 'America/New_York'])
    expect(ids(moved)).toEqual(['20261124T100000', '20261208T100000'])
    expect(gone(moved)).toEqual(['20261201T100000 2026-12-01T15:00:00Z'])
  })

  test('and what was cancelled moves along, in every way a series can move', () => {
    const series = aggregate(WEEKLY)
    expect(gone(after(series, { startTime: local('2026-11-24T11:30') }))).toEqual([
      '20261201T113000 2026-12-01T10:30:00Z',
    ])
    const nextDay = after(series, { startTime: local('2026-11-25T10:00') })
    expect(nextDay.rrule).toBe('FREQ=WEEKLY;COUNT=3;BYDAY=WE')
    expect(ids(nextDay)).toEqual(['20261125T100000', '20261209T100000'])
    expect(gone(nextDay)).toEqual(['20261202T100000 2026-12-02T09:00:00Z'])
    expect(gone(after(series, { endTime: at('2026-11-24T11:00:00Z') }))).toEqual([
      '20261201T100000 2026-12-01T09:00:00Z',
    ])
  })

  test('far enough to leave the horizon, and what was cancelled there stays so', () => {
    const series = aggregate({ recurrence: { rrule: 'FREQ=WEEKLY;BYDAY=TU' }, cancelled: ['20271221T100000'] })
    const start = series.meeting.start
    const moved = after(series, { startTime: { instant: (start - 28 * 24 * HOUR_MS) as never } })
    expect(gone(moved)).toEqual(['20271123T100000 2027-11-23T09:00:00Z'])
    const later = after(series, { startTime: at('2027-02-02T09:00:00Z') })
    expect(gone(later)).toEqual(['20280229T100000 2028-02-29T09:00:00Z'])
  })

  test('with its EXDATEs and RDATEs, and with the instant of its UNTIL', () => {
    const recurrence = {
      rrule: 'FREQ=DAILY;UNTIL=20261127T093000Z',
      exdates: ['20261125T100000'],
      rdates: ['20261205T100000'],
    }
    const moved = after(aggregate({ recurrence }), { startTime: local('2026-11-24T11:00') })
    expect(moved).toMatchObject({
      rrule: 'FREQ=DAILY;UNTIL=20261127T093000Z',
      exdates: ['20261125T110000'],
      rdates: ['20261205T110000'],
    })
    // The one of the 27th would begin at 10:00Z, after UNTIL.
    expect(ids(moved)).toEqual(['20261124T110000', '20261126T110000', '20261205T110000'])
  })

  test('nowhere when its own times are sent back, also if it starts inside a gap or in a second pass', () => {
    for (const given of [
      { start: '2027-03-28T02:30', recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } },
      { start: '2026-10-25T02:30', recurrence: { rrule: 'FREQ=DAILY;COUNT=3' } },
    ]) {
      const series = aggregate(given)
      const { start, end, timezone, localStart, rrule } = series.meeting
      const same = after(series, { startTime: { instant: start }, endTime: { instant: end }, timezone })
      expect(same).toMatchObject({ start, end, localStart, rrule })
      expect(ids(same)).toEqual(series.occurrences.map((occurrence) => occurrence.recurrenceId))
      expect(ids(after(series, { endTime: { instant: end } }))).toEqual(ids(same))
    }
    const second = parseInstant('2026-10-25T01:30:00Z')!
    const single = aggregate({ start: '2026-10-25T02:30', meeting: { start: second } })
    expect(after(single, { timezone: 'Europe/Berlin', endTime: at('2026-10-25T03:00:00Z') }).start).toBe(second)
  })

  test('not into the past of its end, a wrong zone, or a rule that stays open', () => {
    const series = aggregate({ ...WEEKLY, recurrence: { rrule: 'FREQ=MONTHLY;COUNT=3;BYDAY=4TU' } })
    const refused = (change: TimeChange) => reschedule(series, change, NOW)
    expect(refused({ endTime: at('2026-11-24T08:00:00Z') })).toMatchObject({
      ok: false,
      error: { code: 'invalid_time' },
    })
    expect(refused({ timezone: 'Nowhere' })).toMatchObject({ ok: false, error: { code: 'invalid_timezone' } })
    expect(refused({ startTime: local('2026-11-25T10:00') })).toMatchObject({
      ok: false,
      error: { code: 'invalid_recurrence', errors: [{ pointer: '/recurrencePattern' }] },
    })
    expect(refused({ startTime: { ...local('2026-11-24T12:00'), timezone: 'Asia/Tokyo' } })).toMatchObject({
      ok: false,
      error: { code: 'invalid_time' },
    })
  })
})

describe('a new rule', () => {
  test('keeps cancelled what it still gives, and names what it does not', () => {
    const series = aggregate({
      recurrence: { rrule: 'FREQ=DAILY;COUNT=8' },
      cancelled: ['20261126T100000', '20261201T100000'],
    })
    const weekly = after(series, { recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=3' } })
    expect(ids(weekly)).toEqual(['20261124T100000', '20261208T100000'])
    expect(gone(weekly)).toEqual(['20261201T100000 2026-12-01T09:00:00Z', '20261126T100000 2026-11-26T09:00:00Z'])
    expect(weekly.warnings).toEqual([expect.stringContaining('20261126T100000')])
  })

  test('applies after the shift and keeps the exceptions it does not name', () => {
    const recurrence = { rrule: 'FREQ=DAILY;COUNT=9', exdates: ['20261125T100000'], rdates: ['20261224T100000'] }
    const series = aggregate({ recurrence, cancelled: ['20261126T100000'] })
    const startTime = local('2026-11-24T11:00')
    const moved = after(series, { startTime, recurrencePattern: { rrule: 'FREQ=DAILY;COUNT=3', rdates: [] } })
    expect(moved).toMatchObject({ exdates: ['20261125T110000'], rdates: [], warnings: [] })
    expect(ids(moved)).toEqual(['20261124T110000'])
    expect(gone(moved)).toEqual(['20261126T110000 2026-11-26T10:00:00Z'])
  })

  test('makes a single meeting a series', () => {
    const series = after(aggregate(), { recurrencePattern: { rrule: 'FREQ=WEEKLY;COUNT=2' } })
    expect(ids(series)).toEqual(['20261124T100000', '20261201T100000'])
    expect(gone(series)).toEqual([])
  })

  test('of null keeps the first live occurrence as it is', () => {
    const series = aggregate({ ...WEEKLY, cancelled: ['20261124T100000'] })
    const single = after(series, { recurrencePattern: null })
    expect(single).toMatchObject({ rrule: null, localStart: '20261201T100000', warnings: [] })
    expect(single.occurrences.filter((one) => !isGone(one))).toMatchObject([
      {
        recurrenceId: '20261201T100000',
        start: parseInstant('2026-12-01T09:00:00Z'),
        end: parseInstant('2026-12-01T10:00:00Z'),
      },
    ])
    expect(gone(single)).toEqual(['20261124T100000 2026-11-24T09:00:00Z'])
  })
})
