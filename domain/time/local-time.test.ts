import { describe, expect, test } from 'vitest'
import { localTimeOf, parseBasicLocalTime, parseLocalTime, wallMs } from './local-time.ts'

describe('local times', () => {
  test.each([
    ['2026-11-24T10:00', '20261124T100000'],
    ['2026-11-24T10:00:07', '20261124T100007'],
    ['2024-02-29T23:59:59', '20240229T235959'],
  ])('%s is %s, and survives the way to a wall and back', (iso, basic) => {
    const local = parseLocalTime(iso)!
    expect(local).toBe(basic)
    expect(parseBasicLocalTime(basic)).toBe(basic)
    expect(localTimeOf(wallMs(local))).toBe(basic)
  })

  test('a wall is the clock face read as UTC', () => {
    expect(wallMs(parseLocalTime('2026-03-08T02:30')!)).toBe(1_772_937_000_000)
    expect(localTimeOf(1_772_937_000_999)).toBe('20260308T023000')
  })

  test.each([
    ...['2023-02-29T10:00', '2026-13-01T10:00', '2026-00-10T10:00', '2026-04-31T10:00', '2026-01-00T10:00'],
    ...['2026-01-01T24:00', '2026-01-01T10:60', '2026-01-01T10:00:60', '1969-12-31T10:00', '2201-01-01T00:00'],
    ...[
      '2026-01-01T10:00Z',
      '2026-01-01 10:00',
      '2026-1-1T10:00',
      '2026-01-01',
      '2026-01-01T10:00:00.5',
      '',
      ' 2026-01-01T10:00',
    ],
    '2026-01-01T10:00\n',
  ])('%j is refused', (text) => {
    expect(parseLocalTime(text)).toBeUndefined()
  })

  test.each(['20260101T1000', '20260230T100000', '20260101T100000Z', '2026-01-01T10:00:00', '20260101t100000'])(
    '%j is refused as basic form',
    (text) => {
      expect(parseBasicLocalTime(text)).toBeUndefined()
    },
  )
})
