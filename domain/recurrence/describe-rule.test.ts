import { describe, expect, test } from 'vitest'
import { findZone } from '../time/zone.ts'
import { describeRule } from './describe-rule.ts'
import { parseRule } from './parse-rule.ts'

describe('a rule in words', () => {
  test.each([
    ['FREQ=DAILY', 'every day'],
    ['FREQ=DAILY;INTERVAL=3;COUNT=1', 'every 3 days, once'],
    ['FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10', 'every week on Tuesday, Thursday, 10 times'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'every weekday'],
    [
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU',
      'every 2 weeks on Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday',
    ],
    ['FREQ=DAILY;INTERVAL=2;BYDAY=MO,FR', 'every 2 days on Monday and Friday'],
    ['FREQ=MONTHLY;BYDAY=2TU,-1FR', 'every month on the 2nd Tuesday and last Friday'],
    ['FREQ=MONTHLY;BYMONTHDAY=1,15,-1', 'every month on the last, the 1st and the 15th day of the month'],
    [
      'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1',
      'every month on Monday and Tuesday (of these only the last in each month)',
    ],
    ['FREQ=YEARLY;BYMONTH=3,11;BYDAY=1SU', 'every year on the 1st Sunday in March and November'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', 'every year on Monday in the 20th week of the year'],
    ['FREQ=YEARLY;BYYEARDAY=100,-2', 'every year on the 2nd last and the 100th day of the year'],
    ['FREQ=DAILY;BYHOUR=9,14;BYMINUTE=0,30', 'every day at 09:00, 09:30, 14:00 and 14:30'],
    ['FREQ=DAILY;BYHOUR=9', 'every day in the hour of 9'],
    ['FREQ=DAILY;BYMINUTE=0,30', 'every day at minute 0 and 30 of the hour'],
    [
      'FREQ=MONTHLY;BYMONTHDAY=11,12,13,21,22,23',
      'every month on the 11th, the 12th, the 13th, the 21st, the 22nd and the 23rd day of the month',
    ],
  ])('%s is "%s"', (text, words) => {
    expect(describeRule(parsed(text))).toBe(words)
  })

  test('the end is the last day where the meeting is', () => {
    const rule = parsed('FREQ=WEEKLY;UNTIL=20280101T035959Z')
    expect(describeRule(rule)).toBe('every week, until 1 January 2028')
    expect(describeRule(rule, findZone('America/New_York'))).toBe('every week, until 31 December 2027')
  })
})

function parsed(text: string) {
  const rule = parseRule(text)
  if (!rule.ok) throw new Error(rule.error.detail)
  return rule.value
}
