import { describe, expect, test } from 'vitest'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import { DAY_MS } from '../time/instant.ts'
import { formatInstant, parseInstant } from '../time/iso.ts'
import { parseLocalTime } from '../time/local-time.ts'
import { type RecurrenceInput, type Schedule, type TimeInput, planSchedule } from './plan-schedule.ts'

const NOW = parseInstant('2026-11-23T09:00:00Z')!
const BERLIN = 'Europe/Berlin'

const at = (iso: string): TimeInput => ({ instant: parseInstant(iso)! })
const local = (wall: string, timezone?: string): TimeInput => ({ local: parseLocalTime(wall)!, timezone })

function plan(start: TimeInput, end: TimeInput, timezone = BERLIN, recurrence: RecurrenceInput | string | null = null) {
  const pattern = typeof recurrence === 'string' ? { rrule: recurrence } : recurrence
  return planSchedule({ start, end, timezone, recurrence: pattern }, NOW)
}

function planned(result: Result<Schedule, Refusal>): Schedule {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

function starts(result: Result<Schedule, Refusal>): string[] {
  return planned(result).slots.map((slot) => `${slot.recurrenceId} ${formatInstant(slot.start)}`)
}

const refused = (code: string, pointer?: string) => ({
  ok: false,
  error: expect.objectContaining({
    code,
    ...(pointer && { errors: [expect.objectContaining({ pointer })] }),
  }),
})

describe('the time of a meeting', () => {
  test('is the same said with any offset or as a wall clock of its zone', () => {
    const wanted = planned(plan(at('2026-11-24T09:00:00Z'), at('2026-11-24T10:00:00Z')))
    expect(planned(plan(at('2026-11-24T04:00:00-05:00'), at('2026-11-24T15:30:00+05:30')))).toEqual(wanted)
    expect(planned(plan(local('2026-11-24T10:00'), local('2026-11-24T11:00', BERLIN)))).toEqual(wanted)
    expect(wanted).toMatchObject({ localStart: '20261124T100000', rrule: null, materialisedUntil: Infinity })
    expect(wanted.slots).toEqual([{ recurrenceId: '20261124T100000', start: wanted.start, end: wanted.end }])
  })

  test('contradicting the meeting’s zone is refused, and so is a zone nobody keeps', () => {
    const tokyo = local('2026-11-24T10:00', 'Asia/Tokyo')
    expect(plan(tokyo, local('2026-11-24T11:00'))).toMatchObject(refused('invalid_time', '/startTime'))
    expect(plan(local('2026-11-24T09:00'), tokyo)).toMatchObject(refused('invalid_time', '/endTime'))
    for (const zone of ['Mars/Olympus', 'UTC+1', 'europe/berlin', '', 'PST']) {
      expect(plan(at('2026-11-24T09:00:00Z'), at('2026-11-24T10:00:00Z'), zone)).toMatchObject(
        refused('invalid_timezone'),
      )
    }
  })

  test('ends after it begins, at most 14 days later, between 1970 and 2200', () => {
    const start = at('2026-11-24T09:00:00Z')
    for (const end of ['2026-11-24T09:00:00Z', '2026-11-24T08:59:59Z']) {
      expect(plan(start, at(end))).toMatchObject(refused('invalid_time', '/endTime'))
    }
    expect(plan(start, at('2026-12-08T09:00:00Z'))).toMatchObject({ ok: true })
    expect(plan(start, at('2026-12-08T09:00:01Z'))).toMatchObject(refused('too_large'))
    expect(plan(start, at('2027-12-29T09:00:00Z'))).toMatchObject(refused('too_large'))
    for (const [from, to] of [
      ['0000-01-01T00:00:00Z', '0000-01-01T01:00:00Z'],
      ['1969-12-31T20:00:00Z', '1969-12-31T21:00:00Z'],
      ['9999-12-31T22:00:00Z', '9999-12-31T23:00:00Z'],
    ] as const) {
      expect(plan(at(from), at(to))).toMatchObject(refused('invalid_time', '/startTime'))
    }
    expect(plan(at('2200-12-31T22:00:00Z'), at('2201-01-01T01:00:00Z'))).toMatchObject(
      refused('invalid_time', '/endTime'),
    )
  })

  test('keeps milliseconds, in a series too', () => {
    const single = planned(plan(at('2026-11-24T09:00:00.250Z'), at('2026-11-24T10:00:00.250Z')))
    expect(single).toMatchObject({ start: parseInstant('2026-11-24T09:00:00.250Z'), localStart: '20261124T100000' })
    expect(
      starts(plan(at('2026-11-24T09:00:00.250Z'), at('2026-11-24T10:00:00.250Z'), BERLIN, 'FREQ=DAILY;COUNT=2')),
    ).toEqual(['20261124T100000 2026-11-24T09:00:00.250Z', '20261125T100000 2026-11-25T09:00:00.250Z'])
  })
})

describe('a series', () => {
  test('keeps its wall clock across both changes of the year', () => {
    expect(starts(plan(local('2026-10-24T10:00'), local('2026-10-24T11:00'), BERLIN, 'FREQ=DAILY;COUNT=2'))).toEqual([
      '20261024T100000 2026-10-24T08:00:00Z',
      '20261025T100000 2026-10-25T09:00:00Z',
    ])
  })

  test('lasts the same elapsed time through the night of the change', () => {
    const night = planned(plan(local('2027-03-27T23:00'), local('2027-03-28T04:00'), BERLIN, 'FREQ=WEEKLY;COUNT=2'))
    expect(night.slots.map((slot) => slot.end - slot.start)).toEqual([4 * 3_600_000, 4 * 3_600_000])
  })

  test('that starts inside a gap keeps the wall clock that was meant', () => {
    const gap = plan(local('2027-03-28T02:30'), local('2027-03-28T04:00'), BERLIN, 'FREQ=DAILY;COUNT=2')
    expect(starts(gap)).toEqual(['20270328T023000 2027-03-28T01:30:00Z', '20270329T023000 2027-03-29T00:30:00Z'])
    expect(planned(gap).localStart).toBe('20270328T023000')
  })

  test('takes the first pass of an hour that happens twice; a single meeting may take either', () => {
    const first = [at('2026-10-25T00:30:00Z'), at('2026-10-25T01:00:00Z')] as const
    const second = [at('2026-10-25T01:30:00Z'), at('2026-10-25T02:00:00Z')] as const
    expect(starts(plan(local('2026-10-25T02:30'), at('2026-10-25T01:00:00Z')))).toEqual(starts(plan(...first)))
    expect(starts(plan(...second))).toEqual(['20261025T023000 2026-10-25T01:30:00Z'])
    expect(plan(...first, BERLIN, 'FREQ=DAILY')).toMatchObject({ ok: true })
    expect(plan(...second, BERLIN, 'FREQ=DAILY')).toMatchObject(refused('invalid_time', '/startTime'))
  })

  test('is materialised 13 months ahead of today or of its start, whichever is later', () => {
    const soon = planned(plan(local('2026-11-24T10:00'), local('2026-11-24T11:00'), BERLIN, 'FREQ=DAILY'))
    const far = planned(plan(local('2030-01-07T10:00'), local('2030-01-07T11:00'), BERLIN, 'FREQ=WEEKLY'))
    for (const { start, materialisedUntil, slots } of [soon, far]) {
      expect(materialisedUntil).toBe(start + 396 * DAY_MS)
      expect(slots.at(-1)!.start).toBeGreaterThan(start + 388 * DAY_MS)
    }
    const past = planned(plan(local('2026-01-05T10:00'), local('2026-01-05T11:00'), BERLIN, 'FREQ=WEEKLY'))
    expect(past.materialisedUntil).toBe(NOW + 396 * DAY_MS)
    const ending = planned(plan(local('2026-11-24T10:00'), local('2026-11-24T11:00'), BERLIN, 'FREQ=WEEKLY;COUNT=5'))
    expect([ending.slots.length, ending.materialisedUntil]).toEqual([5, Infinity])
  })

  test('of more than 2,000 occurrences is too large', () => {
    const hourly = 'FREQ=DAILY;BYHOUR=8,9,10,11,12,13'
    expect(plan(local('2026-11-24T08:00'), local('2026-11-24T08:30'), BERLIN, hourly)).toMatchObject(
      refused('too_large'),
    )
    const four = planned(
      plan(local('2026-11-24T08:00'), local('2026-11-24T08:30'), BERLIN, 'FREQ=DAILY;BYHOUR=8,9,10,11,12'),
    )
    expect(four.slots.length).toBe(5 * 396)
  })

  test('answers its rule in canonical form, without what EXDATE takes away and with what RDATE adds', () => {
    const recurrence = {
      rrule: 'RRULE:INTERVAL=1;BYDAY=TH,TU;FREQ=WEEKLY;COUNT=3',
      exdates: ['20261126T100000', '20261126T100000'],
      rdates: ['20261128T120000'],
    }
    const result = plan(local('2026-11-24T10:00'), local('2026-11-24T11:00'), BERLIN, recurrence)
    expect(planned(result)).toMatchObject({ rrule: 'FREQ=WEEKLY;COUNT=3;BYDAY=TU,TH', exdates: ['20261126T100000'] })
    expect(planned(result).slots.map((slot) => slot.recurrenceId)).toEqual([
      '20261124T100000',
      '20261128T120000',
      '20261201T100000',
    ])
  })

  test('is refused by the part of the rule that is wrong, and when its exceptions leave nothing', () => {
    const from = [local('2026-11-24T10:00'), local('2026-11-24T11:00')] as const
    const part = (name: string) => ({ ok: false, error: { code: 'invalid_recurrence', errors: [{ part: name }] } })
    expect(plan(...from, BERLIN, 'FREQ=WEEKLY;BYDAY=MO')).toMatchObject(part('BYDAY'))
    expect(plan(...from, BERLIN, 'FREQ=HOURLY')).toMatchObject(part('FREQ'))
    expect(plan(...from, BERLIN, { rrule: 'FREQ=DAILY', exdates: ['2026-11-24'] })).toMatchObject(part('EXDATE'))
    expect(plan(...from, BERLIN, { rrule: 'FREQ=DAILY', rdates: ['20261324T100000'] })).toMatchObject(part('RDATE'))
    const nothing = { rrule: 'FREQ=DAILY;COUNT=1', exdates: ['20261124T100000'] }
    expect(plan(...from, BERLIN, nothing)).toMatchObject(refused('invalid_recurrence'))
  })
})
