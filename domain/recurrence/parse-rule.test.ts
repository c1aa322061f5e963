import { describe, expect, test } from 'vitest'
import { MAX_RULE_LENGTH, parseRule } from './parse-rule.ts'
import { formatRule } from './rule.ts'

describe('the canonical form of an accepted rule', () => {
  test.each([
    ['FREQ=DAILY', 'FREQ=DAILY'],
    ['RRULE:FREQ=DAILY', 'FREQ=DAILY'],
    ['INTERVAL=1;WKST=MO;FREQ=WEEKLY', 'FREQ=WEEKLY'],
    ['BYDAY=TH,TU,TH;FREQ=WEEKLY;WKST=SU;INTERVAL=02', 'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH'],
    ['FREQ=MONTHLY;BYDAY=+2FR,-1MO,MO', 'FREQ=MONTHLY;BYDAY=-1MO,MO,2FR'],
    ['FREQ=MONTHLY;BYMONTHDAY=31,+1,-1,15', 'FREQ=MONTHLY;BYMONTHDAY=-1,1,15,31'],
    ['FREQ=YEARLY;UNTIL=20271231T235959Z', 'FREQ=YEARLY;UNTIL=20271231T235959Z'],
    ['FREQ=YEARLY;COUNT=1000;INTERVAL=999', 'FREQ=YEARLY;INTERVAL=999;COUNT=1000'],
    [
      'BYSETPOS=-1,1;BYMINUTE=30,00;BYHOUR=14,9;BYDAY=MO;BYMONTHDAY=1;BYYEARDAY=1;BYMONTH=12,1;FREQ=YEARLY',
      'FREQ=YEARLY;BYMONTH=1,12;BYYEARDAY=1;BYMONTHDAY=1;BYDAY=MO;BYHOUR=9,14;BYMINUTE=0,30;BYSETPOS=-1,1',
    ],
    ['FREQ=YEARLY;BYWEEKNO=53,-1;BYDAY=MO', 'FREQ=YEARLY;BYWEEKNO=-1,53;BYDAY=MO'],
    [
      'FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,10,20,30,40,50,55,59',
      'FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,10,20,30,40,50,55,59',
    ],
    ['FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-1', 'FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=-1'],
    ['FREQ=DAILY;BYHOUR=9,17;BYSETPOS=2', 'FREQ=DAILY;BYHOUR=9,17;BYSETPOS=2'],
  ])('%s becomes %s and stays so', (text, canonical) => {
    const rule = parseRule(text)
    expect(rule.ok && formatRule(rule.value)).toBe(canonical)
    const again = parseRule(canonical)
    expect(again.ok && formatRule(again.value)).toBe(canonical)
  })
})

describe('a refused rule names the part', () => {
  const many = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, i) => from + i).join(',')
  test.each([
    ['', 'RRULE'],
    ['FREQ=DAILY;', 'RRULE'],
    [`FREQ=DAILY${';'.repeat(MAX_RULE_LENGTH)}`, 'RRULE'],
    ['INTERVAL=2', 'FREQ'],
    ['FREQ=HOURLY;INTERVAL=2;BYHOUR=1', 'FREQ'],
    ['FREQ=SECONDLY;COUNT=1000000', 'FREQ'],
    ['FREQ=daily', 'FREQ'],
    ['freq=DAILY', 'freq'],
    ['RRULE:RRULE:FREQ=DAILY', 'RRULE:RRULE:FREQ'.slice('RRULE:'.length)],
    ['FREQ=DAILY;FREQ=DAILY', 'FREQ'],
    ['FREQ', 'FREQ'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=1.5', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=1000', 'INTERVAL'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    ['FREQ=DAILY;COUNT=1001', 'COUNT'],
    ['FREQ=DAILY;COUNT=1e2', 'COUNT'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20270101', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20270101T000000', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20270229T000000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=99990101T000000Z', 'UNTIL'],
    ['FREQ=WEEKLY;WKST=XX', 'WKST'],
    ['FREQ=YEARLY;BYMONTH=13', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=-1', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=1,,2', 'BYMONTH'],
    ['FREQ=MONTHLY;BYMONTHDAY=99', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY'],
    ['FREQ=YEARLY;BYWEEKNO=54', 'BYWEEKNO'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYYEARDAY=367', 'BYYEARDAY'],
    ['FREQ=DAILY;BYYEARDAY=366;BYMONTH=1', 'BYYEARDAY'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=54MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=MON', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=mo', 'BYDAY'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
    ['FREQ=DAILY;BYDAY=-1FR', 'BYDAY'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO', 'BYDAY'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR'],
    ['FREQ=DAILY;BYHOUR=25', 'BYHOUR'],
    ['FREQ=DAILY;BYMINUTE=60', 'BYMINUTE'],
    ['FREQ=DAILY;BYHOUR=8,9,10,11,12;BYMINUTE=0,10,20,30,40', 'BYHOUR'],
    [`FREQ=DAILY;BYMINUTE=${many(0, 24)}`, 'BYMINUTE'],
    ['FREQ=DAILY;BYSECOND=0', 'BYSECOND'],
    ['FREQ=DAILY;BYSETPOS=1', 'BYSETPOS'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0', 'BYSETPOS'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367', 'BYSETPOS'],
    ['FREQ=YEARLY;BYEASTER=0', 'BYEASTER'],
    ['RSCALE=GREGORIAN;FREQ=YEARLY', 'RSCALE'],
    ['FREQ=DAILY;__proto__=1', '__proto__'],
    ['FREQ=DAILY\nEXDATE:20270101T000000Z', 'FREQ'],
    ['FREQ=DAILY;X=<script>', 'X'],
    ['FREQ=DAILY;BYHOUR=٣', 'BYHOUR'],
  ])('%j: %s', (text, part) => {
    const rule = parseRule(text)
    if (rule.ok) throw new Error('was accepted')
    expect(rule.error.code).toBe('invalid_recurrence')
    expect(rule.error.errors?.[0]?.part).toBe(part)
    expect(rule.error.detail).toBe(rule.error.errors?.[0]?.detail)
    if (part !== 'RRULE') expect(rule.error.detail).toContain(part)
  })

  test('every wrong part is named, not only the first', () => {
    const rule = parseRule('FREQ=DAILY;BYHOUR=25;BYMINUTE=61;COLOUR=RED')
    expect(!rule.ok && rule.error.errors?.map(({ part }) => part)).toEqual(['COLOUR', 'BYHOUR', 'BYMINUTE'])
  })
})
