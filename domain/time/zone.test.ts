import { getTimezoneOffset } from 'date-fns-tz'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, instant } from './instant.ts'
import { formatInstant, parseInstant } from './iso.ts'
import { localTimeOf, parseLocalTime, wallMs } from './local-time.ts'
import { findZone } from './zone.ts'

describe('Promise 6: wall-clock time is stable across DST; gap and overlap follow RFC 5545 3.3.5', () => {
  test.each([
    ['a gap takes the offset before it', 'America/New_York', '2026-03-08T02:30', '2026-03-08T07:30:00Z'],
    ['the second before a gap', 'America/New_York', '2026-03-08T01:59:59', '2026-03-08T06:59:59Z'],
    ['the first second after a gap', 'America/New_York', '2026-03-08T03:00', '2026-03-08T07:00:00Z'],
    ['an overlap takes its first pass', 'America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00Z'],
    ['the last second of an overlap', 'America/New_York', '2026-11-01T01:59:59', '2026-11-01T05:59:59Z'],
    ['the first second after an overlap', 'America/New_York', '2026-11-01T02:00', '2026-11-01T07:00:00Z'],
    ['a gap at UTC midnight plus one', 'Europe/London', '2026-03-29T01:30', '2026-03-29T01:30:00Z'],
    ['an overlap in a zone whose winter offset is zero', 'Europe/London', '2026-10-25T01:30', '2026-10-25T00:30:00Z'],
    ['a gap of half an hour', 'Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45:00Z'],
    ['an overlap of half an hour', 'Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45:00Z'],
    ['after the overlap of half an hour', 'Australia/Lord_Howe', '2026-04-05T02:00', '2026-04-04T15:30:00Z'],
    ['the end of Ramadan time', 'Africa/Casablanca', '2017-07-02T02:59', '2017-07-02T02:59:00Z'],
    ['a summer that is the standard time', 'Europe/Dublin', '2026-10-25T01:30', '2026-10-25T00:30:00Z'],
    ['a gap at midnight', 'America/Sao_Paulo', '2018-11-04T00:30', '2018-11-04T03:30:00Z'],
    ['an overlap across midnight', 'America/Sao_Paulo', '2018-02-17T23:30', '2018-02-18T01:30:00Z'],
    ['a whole day that never was', 'Pacific/Apia', '2011-12-30T10:00', '2011-12-30T20:00:00Z'],
    ['the day after it', 'Pacific/Apia', '2011-12-31T10:00', '2011-12-30T20:00:00Z'],
    ['an overlap of two hours', 'Antarctica/Troll', '2026-10-25T02:30', '2026-10-25T00:30:00Z'],
    ['a year far ahead', 'Europe/Berlin', '2090-07-01T12:00', '2090-07-01T10:00:00Z'],
    ['an offset with seconds', 'Africa/Monrovia', '1971-06-01T00:00', '1971-06-01T00:44:30Z'],
  ])('%s: %s %s is %s', (_, name, local, expected) => {
    expect(formatInstant(findZone(name)!.instantOf(wallMs(parseLocalTime(local)!)))).toBe(expected)
  })

  test('a change falls on its second, also where it is odd', () => {
    // Newfoundland changed its clocks one minute after midnight until 2011.
    const zone = findZone('America/St_Johns')!
    const change = parseInstant('2010-03-14T03:31:00Z')!
    expect(zone.offsetAt(instant(change - 1))).toBe(-3.5 * HOUR_MS)
    expect(zone.offsetAt(change)).toBe(-2.5 * HOUR_MS)
  })

  test.each([
    ['America/Recife', -3],
    ['America/Boa_Vista', -4],
    ['America/Noronha', -2],
  ])('%s, which had summer time for one week of 2000, had it', (name, usual) => {
    const zone = findZone(name)!
    const offsets = ['07', '09', '13', '16'].map((day) => zone.offsetAt(parseInstant(`2000-10-${day}T12:00:00Z`)!))
    expect(offsets.map((ms) => ms / HOUR_MS)).toEqual([usual, usual + 1, usual + 1, usual])
  })

  test('away from changes every zone has the offset that date-fns-tz gives, and the wall leads back to the instant', () => {
    const names = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const check = (name: string, at: number): void => {
      const zone = findZone(name)!
      const offset = zone.offsetAt(instant(at))
      fc.pre(zone.offsetAt(instant(at - DAY_MS)) === offset && zone.offsetAt(instant(at + DAY_MS)) === offset)
      expect(offset).toBe(getTimezoneOffset(name, at + offset))
      expect(zone.instantOf(zone.wallAt(instant(at)))).toBe(at)
    }
    const minutes = fc.integer({ min: 0, max: (131 * 365 * DAY_MS) / 60_000 })
    fc.assert(
      fc.property(
        names,
        minutes.map((n) => n * 60_000),
        check,
      ),
      { numRuns: 150 },
    )
  })

  test('outside the years of the tables the nearest offset holds', () => {
    const zone = findZone('Asia/Tokyo')!
    expect(zone.offsetAt(instant(-1e15))).toBe(9 * HOUR_MS)
    expect(localTimeOf(zone.wallAt(instant(0)))).toBe('19700101T090000')
    expect(zone.offsetAt(instant(1e15))).toBe(9 * HOUR_MS)
  })
})

describe('zone names', () => {
  test.each([
    'Europe/Berlin',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'US/Eastern',
    'UTC',
    'Etc/GMT+5',
    'America/Argentina/Buenos_Aires',
    'Europe/Kyiv',
  ])('%s is a zone', (name) => {
    expect(findZone(name)?.name).toBe(name)
    expect(findZone(name)).toBe(findZone(name))
  })

  test.each([
    ...[
      '',
      'local',
      'localtime',
      'europe/berlin',
      'EUROPE/BERLIN',
      '+01:00',
      '-0500',
      'Z',
      'PST',
      'IST',
      'Europe/Atlantis',
      'Etc/Unknown',
    ],
    ...['Factory', 'Europe/Berlin ', '../etc/passwd', '__proto__', 'constructor', 'SystemV/EST5', 'UTC+1', 'Europe'],
  ])('%j is none', (name) => {
    expect(findZone(name)).toBeUndefined()
  })
})
