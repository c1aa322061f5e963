import { describe, expect, test } from 'vitest'
import { parseLocalTime } from '../time/local-time.ts'
import { findZone } from '../time/zone.ts'
import { acceptRule } from './accept-rule.ts'
import { parseRule } from './parse-rule.ts'

const zone = findZone('America/New_York')!

describe('a rule for a start', () => {
  test.each([
    ['2026-11-24T10:00', 'FREQ=WEEKLY;BYDAY=TU,TH'], // a Tuesday
    ['2026-11-24T10:00', 'FREQ=DAILY;BYHOUR=10,14'],
    ['2026-11-24T10:00', 'FREQ=MONTHLY;BYDAY=-1TU'],
    ['2026-11-24T10:00', 'FREQ=YEARLY;INTERVAL=999'],
    ['2026-11-24T10:00', 'FREQ=DAILY;UNTIL=20261124T150000Z'],
    ['2024-02-29T10:00', 'FREQ=YEARLY'],
    ['2026-03-08T02:30', 'FREQ=DAILY'],
    ['2026-11-27T10:00', 'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=-1'],
    ['2200-12-31T10:00', 'FREQ=DAILY'],
  ])('%s, %s is accepted', (start, text) => {
    expect(acceptRule(text, parseLocalTime(start)!, zone)).toEqual(parseRule(text))
  })

  test.each([
    ['2026-11-24T10:00', 'FREQ=WEEKLY;BYDAY=MO', 'BYDAY', '20261130T100000'],
    ['2026-11-24T10:00', 'FREQ=DAILY;BYHOUR=9', 'BYHOUR', '20261125T090000'],
    ['2026-11-24T10:00', 'FREQ=DAILY;BYMINUTE=30', 'BYMINUTE', '20261124T103000'],
    ['2026-11-24T10:00', 'FREQ=MONTHLY;BYMONTHDAY=31', 'BYMONTHDAY', '20261231T100000'],
    ['2026-11-24T10:00', 'FREQ=YEARLY;BYMONTH=3', 'BYMONTH', '20270324T100000'],
    ['2026-11-24T10:00', 'FREQ=YEARLY;BYWEEKNO=1', 'BYWEEKNO', '20270105T100000'],
    ['2026-11-24T10:00', 'FREQ=YEARLY;BYYEARDAY=-1', 'BYYEARDAY', '20261231T100000'],
    ['2026-11-24T10:00', 'FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1', 'BYSETPOS', '20261130T100000'],
    ['2026-11-24T10:00', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', 'DTSTART', '20270813T100000'],
  ])('%s, %s names %s and the first instance', (start, text, part, first) => {
    const result = acceptRule(text, parseLocalTime(start)!, zone)
    if (result.ok) throw new Error('was accepted')
    expect(result.error.code).toBe('invalid_recurrence')
    expect(result.error.errors?.[0]?.part).toBe(part)
    expect(result.error.detail).toContain(first)
  })

  test.each([
    ['FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31', 'BYMONTH'],
    ['FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6', 'DTSTART'],
    ['FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6', 'DTSTART'],
    ['FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO', 'DTSTART'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=366', 'BYSETPOS'],
    ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY'],
  ])('%s gives nothing in eight years and is refused', (text, part) => {
    const result = acceptRule(text, parseLocalTime('2026-08-31T10:00')!, zone)
    expect(!result.ok && result.error.errors?.[0]?.part).toBe(part)
    expect(!result.ok && result.error.detail).toContain('8 years')
  })

  test('UNTIL before the start is refused, compared as instants', () => {
    // 10:00 in New York is 15:00 UTC.
    const result = acceptRule('FREQ=DAILY;UNTIL=20261124T145959Z', parseLocalTime('2026-11-24T10:00')!, zone)
    expect(!result.ok && result.error.errors?.[0]?.part).toBe('UNTIL')
  })

  test('every hostile rule is refused, and none walks without an end', () => {
    const start = parseLocalTime('2026-08-31T10:00')!
    const days = 'MO,TU,WE,TH,FR,SA,SU'
    const rules = [
      'FREQ=MONTHLY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=31;COUNT=1000',
      'FREQ=DAILY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=30',
      `FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=${days};BYHOUR=0,1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23`,
      `FREQ=YEARLY;BYDAY=${days};BYHOUR=0,1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23;BYSETPOS=366,-366`,
      'FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1',
      'FREQ=WEEKLY;INTERVAL=999;BYMONTH=2;BYDAY=MO;BYSETPOS=7',
      `FREQ=DAILY;BYMONTH=2;BYMONTHDAY=${'30,31,'.repeat(70)}30`,
    ]
    // A walk without an end would never come to its answer: the runner's own limit is the judge of that.
    expect(rules.filter((text) => acceptRule(text, start, zone).ok)).toEqual([])
  })
})
