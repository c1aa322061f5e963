import { describe, expect, test } from 'vitest'
import { instant } from '../time/instant.ts'
import { formatInstant, parseInstant } from '../time/iso.ts'
import { parseLocalTime } from '../time/local-time.ts'
import { findZone } from '../time/zone.ts'
import { expand, lastInstance } from './expand.ts'
import type { RecurrenceSet } from './expand.ts'
import { parseRule } from './parse-rule.ts'

const ALWAYS = [instant(-1e15), instant(1e15)] as const

describe('Promise 6: wall-clock time is stable across DST; gap and overlap follow RFC 5545 3.3.5', () => {
  test('a daily meeting keeps its wall time through the gap and through the overlap', () => {
    expect(starts(series('2026-03-07T02:30', 'America/New_York', 'FREQ=DAILY;COUNT=3'))).toEqual([
      ...['2026-03-07T07:30:00Z', '2026-03-08T07:30:00Z', '2026-03-09T06:30:00Z'],
    ])
    expect(starts(series('2026-10-31T01:30', 'America/New_York', 'FREQ=DAILY;COUNT=3'))).toEqual([
      ...['2026-10-31T05:30:00Z', '2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
    ])
  })

  test('an instance in the gap keeps the recurrence id of its rule', () => {
    const ids = expand(series('2026-03-07T02:30', 'America/New_York', 'FREQ=DAILY;COUNT=2'), ...ALWAYS, 9)
    expect(ids.map(({ recurrenceId }) => recurrenceId)).toEqual(['20260307T023000', '20260308T023000'])
  })

  test('walls that the gap lets overtake each other come in order of their instants', () => {
    const set = series('2026-03-08T02:30', 'America/New_York', 'FREQ=DAILY;COUNT=4;BYHOUR=2,3;BYMINUTE=15,30')
    expect(starts({ ...set, start: parseLocalTime('2026-03-08T02:15')! })).toEqual([
      ...['2026-03-08T07:15:00Z', '2026-03-08T07:30:00Z'],
    ])
    const other = series('2026-03-08T02:30', 'America/New_York', 'FREQ=DAILY;COUNT=3;BYHOUR=2,3;BYMINUTE=0,30')
    expect(starts(other)).toEqual(['2026-03-08T07:00:00Z', '2026-03-08T07:30:00Z'])
    const first = expand(
      series('2026-03-08T02:30', 'America/New_York', 'FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30'),
      ...ALWAYS,
      1,
    )
    expect(first).toEqual([{ recurrenceId: '20260308T030000', start: parseInstant('2026-03-08T07:00:00Z') }])
    const east = series('2026-03-29T01:30', 'Europe/London', 'FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,30')
    expect(starts(east, 2)).toEqual(['2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z'])
    expect(starts(east, 1)).toEqual(['2026-03-29T01:00:00Z'])
  })

  test('the day that Apia never had is held on the next, once', () => {
    const set = series('2011-12-29T10:00', 'Pacific/Apia', 'FREQ=DAILY')
    const expected = ['2011-12-29T20:00:00Z', '2011-12-30T20:00:00Z', '2011-12-31T20:00:00Z']
    expect(starts(set, 3)).toEqual(expected)
    expect(starts({ ...set, rule: rule('FREQ=DAILY;COUNT=4') })).toEqual(expected)
  })

  test.each([
    ['Europe/London', '2026-03-28T01:30', ['2026-03-28T01:30:00Z', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z']],
    [
      'Australia/Lord_Howe',
      '2026-10-03T02:15',
      ['2026-10-02T15:45:00Z', '2026-10-03T15:45:00Z', '2026-10-04T15:15:00Z'],
    ],
    ['Africa/Casablanca', '2017-07-01T02:59', ['2017-07-01T02:59:00Z', '2017-07-02T02:59:00Z', '2017-07-03T01:59:00Z']],
    ['Europe/Dublin', '2025-10-25T01:30', ['2025-10-25T00:30:00Z', '2025-10-26T00:30:00Z', '2025-10-27T01:30:00Z']],
  ])('%s from %s', (zone, start, expected) => {
    expect(starts(series(start, zone, 'FREQ=DAILY'), 3)).toEqual(expected)
  })

  test('UNTIL is an instant: it ends the series in local winter though it was written in summer', () => {
    const set = series('2026-10-23T09:00', 'Europe/Berlin', 'FREQ=DAILY;UNTIL=20261026T080000Z')
    expect(starts(set).at(-1)).toBe('2026-10-26T08:00:00Z')
    const second = { ...set, rule: rule('FREQ=DAILY;UNTIL=20261026T075959Z') }
    expect(starts(second).at(-1)).toBe('2026-10-25T08:00:00Z')
  })
})

describe('what surrounds the rule', () => {
  const daily = series('2026-01-01T09:00', 'UTC', 'FREQ=DAILY;COUNT=4')

  test('COUNT counts before EXDATE takes away', () => {
    expect(starts({ ...daily, exdates: local('2026-01-02T09:00', '2026-01-04T09:00') })).toEqual([
      ...['2026-01-01T09:00:00Z', '2026-01-03T09:00:00Z'],
    ])
  })

  test('EXDATE matches by instant, so it hits the same moment under another wall time, and nothing beside it', () => {
    const gap = series('2026-03-08T02:30', 'America/New_York', 'FREQ=DAILY;COUNT=1')
    expect(starts({ ...gap, exdates: local('2026-03-08T03:30') })).toEqual([])
    expect(starts({ ...gap, exdates: local('2026-03-08T02:31') })).toEqual(['2026-03-08T07:30:00Z'])
  })

  test('RDATE adds beyond COUNT and UNTIL, before the start, once, and EXDATE beats it', () => {
    const rdates = local('2026-05-01T12:00', '2025-12-01T12:00', '2026-05-01T12:00', '2026-01-03T09:00')
    const all = ['2025-12-01T12:00:00Z', '2026-01-01T09:00:00Z', '2026-01-02T09:00:00Z', '2026-01-03T09:00:00Z']
    expect(starts({ ...daily, rdates })).toEqual([...all, '2026-01-04T09:00:00Z', '2026-05-01T12:00:00Z'])
    const until = { ...daily, rule: rule('FREQ=DAILY;UNTIL=20260103T090000Z'), rdates }
    expect(starts(until)).toEqual([...all, '2026-05-01T12:00:00Z'])
    expect(starts({ ...until, exdates: local('2026-05-01T12:00', '2025-12-01T12:00') })).toEqual(all.slice(1))
  })

  test('without a rule the start and the RDATEs are all', () => {
    expect(starts({ ...daily, rule: null, rdates: local('2026-02-01T09:00') })).toEqual([
      ...['2026-01-01T09:00:00Z', '2026-02-01T09:00:00Z'],
    ])
  })

  test('the window is half-open', () => {
    const found = expand(daily, parseInstant('2026-01-02T09:00:00Z')!, parseInstant('2026-01-04T09:00:00Z')!, 9)
    expect(found.map(({ start }) => formatInstant(start))).toEqual(['2026-01-02T09:00:00Z', '2026-01-03T09:00:00Z'])
  })

  test('the limit takes the first, RDATEs included', () => {
    const set = { ...daily, rdates: local('2026-01-01T12:00') }
    expect(starts(set, 2)).toEqual(['2026-01-01T09:00:00Z', '2026-01-01T12:00:00Z'])
    expect(starts(set, 0)).toEqual([])
  })

  test('a window far from the start costs no walk and keeps the rhythm', () => {
    const set = series('1990-01-01T09:00', 'UTC', 'FREQ=DAILY;INTERVAL=7') // Mondays
    expect(expand(set, parseInstant('2190-06-01T00:00:00Z')!, instant(1e15), 1)[0]?.recurrenceId).toBe(
      '21900607T090000',
    )
  })

  test('an endless rule ends with the calendar', () => {
    const found = expand(series('2199-12-30T09:00', 'UTC', 'FREQ=YEARLY'), ...ALWAYS, 9)
    expect(found.map(({ recurrenceId }) => recurrenceId)).toEqual(['21991230T090000', '22001230T090000'])
  })
})

describe('the last instance', () => {
  test.each([
    ['FREQ=DAILY;COUNT=4', '20260104T090000'],
    ['FREQ=DAILY;UNTIL=20300101T000000Z', '20291231T090000'],
    ['FREQ=YEARLY;INTERVAL=4;UNTIL=21000101T000000Z', '20980101T090000'],
    ['FREQ=MONTHLY;UNTIL=20260101T090000Z', '20260101T090000'],
  ])('%s ends at %s', (text, last) => {
    expect(lastInstance(series('2026-01-01T09:00', 'UTC', text))?.recurrenceId).toBe(last)
  })

  test('RDATE may be later, EXDATE takes the end away, an endless rule has none', () => {
    const set = series('2026-01-01T09:00', 'UTC', 'FREQ=DAILY;UNTIL=20260103T100000Z')
    expect(lastInstance({ ...set, rdates: local('2027-01-01T00:00') })?.recurrenceId).toBe('20270101T000000')
    expect(lastInstance({ ...set, exdates: local('2026-01-03T09:00') })?.recurrenceId).toBe('20260102T090000')
    expect(lastInstance({ ...set, rule: null })?.recurrenceId).toBe('20260101T090000')
    expect(lastInstance({ ...set, rule: null, exdates: local('2026-01-01T09:00') })).toBeUndefined()
    expect(lastInstance({ ...set, rule: rule('FREQ=DAILY') })).toBeUndefined()
  })
})

function series(start: string, zone: string, text: string): RecurrenceSet {
  return { start: parseLocalTime(start)!, zone: findZone(zone)!, rule: rule(text), exdates: [], rdates: [] }
}

function rule(text: string) {
  const parsed = parseRule(text)
  if (!parsed.ok) throw new Error(parsed.error.detail)
  return parsed.value
}

function local(...texts: string[]) {
  return texts.map((text) => parseLocalTime(text)!)
}

function starts(set: RecurrenceSet, limit = Infinity): string[] {
  return expand(set, ...ALWAYS, limit).map(({ start }) => formatInstant(start))
}
