import fc from 'fast-check'
import rrule from 'rrule'
import { describe, expect, test } from 'vitest'
import { dayNumber } from '../time/civil.ts'
import { DAY_MS, MINUTE_MS } from '../time/instant.ts'
import { localTimeOf, parseBasicLocalTime, wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import { parseRule } from './parse-rule.ts'
import { OVER, RuleWalk } from './rule-walk.ts'
import { formatRule } from './rule.ts'
import type { Rule } from './rule.ts'
import { randomRules } from '../../testkit/random-rules.ts'

describe('the examples of RFC 5545 3.8.5.3', () => {
  test.each([
    ['19970902', 'FREQ=DAILY;INTERVAL=10;COUNT=5', '19970902 19970912 19970922 19971002 19971012'],
    ['19970902', 'FREQ=WEEKLY;INTERVAL=2;WKST=SU', '19970902 19970916 19970930 19971014 19971028'],
    [
      '19970901',
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE,FR',
      '19970901 19970903 19970905 19970915 19970917 19970919',
    ],
    ['19970902', 'FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH', '19970902 19970904 19970916 19970918 19970930'],
    ['19970905', 'FREQ=MONTHLY;COUNT=10;BYDAY=1FR', '19970905 19971003 19971107 19971205 19980102 19980206'],
    ['19970907', 'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU', '19970907 19970928 19971102 19971130 19980104'],
    ['19970922', 'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO', '19970922 19971020 19971117 19971222 19980119 19980216'],
    ['19970928', 'FREQ=MONTHLY;BYMONTHDAY=-3', '19970928 19971029 19971128 19971229 19980129 19980226'],
    ['19970930', 'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1', '19970930 19971001 19971031 19971101 19971130 19971201'],
    [
      '19970910',
      'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12',
      '19970910 19970911 19970912 19990310 19990311',
    ],
    ['19970902', 'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU', '19970902 19970909 19970916 19970923 19970930 19971104'],
    ['19970610', 'FREQ=YEARLY;COUNT=10;BYMONTH=6,7', '19970610 19970710 19980610 19980710 19990610'],
    ['19970310', 'FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3', '19970310 19990110 19990210 19990310 20010110'],
    [
      '19970101',
      'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200',
      '19970101 19970410 19970719 20000101 20000409 20000718',
    ],
    ['19970519', 'FREQ=YEARLY;BYDAY=20MO', '19970519 19980518 19990517'],
    ['19970512', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '19970512 19980511 19990517'],
    ['19970313', 'FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '19970313 19970320 19970327 19980305 19980312 19980319'],
    ['19970902', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '19980213 19980313 19981113 19990813 20001013'],
    ['19970913', 'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13', '19970913 19971011 19971108 19971213 19980110'],
    ['19961105', 'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8', '19961105 20001107 20041102'],
    ['19970904', 'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '19970904 19971007 19971106'],
    [
      '19970929',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2',
      '19970929 19971030 19971127 19971230 19980129 19980226',
    ],
    ['19970805', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '19970805 19970810 19970819 19970824'],
    ['19970805', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '19970805 19970817 19970819 19970831'],
    ['20070115', 'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '20070115 20070130 20070215 20070315 20070330'],
  ])('%s %s', (start, text, expected) => {
    const days = expected.split(' ')
    expect(first(text, `${start}T090000`, days.length)).toEqual(days.map((day) => `${day}T090000`))
  })

  test('several times a day', () => {
    expect(first('FREQ=DAILY;BYHOUR=9,16;BYMINUTE=0,40', '19970902T090000', 5)).toEqual([
      ...['19970902T090000', '19970902T094000', '19970902T160000', '19970902T164000', '19970903T090000'],
    ])
  })
})

describe('corners of RFC 5545 3.3.10', () => {
  test.each([
    ['a month without the day is left out', '20260131', 'FREQ=MONTHLY', '20260131 20260331 20260531'],
    ['a year without the leap day is left out', '20240229', 'FREQ=YEARLY', '20240229 20280229 20320229'],
    ['a century is no leap year', '20960229', 'FREQ=YEARLY', '20960229 21040229'],
    ['the last day of February', '20240229', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1', '20240229 20250228 20260228'],
    ['the 366th day', '20241231', 'FREQ=YEARLY;BYYEARDAY=366', '20241231 20281231'],
    ['the 366th day from the end', '20240101', 'FREQ=YEARLY;BYYEARDAY=-366', '20240101 20280101'],
    ['BYMONTHDAY alone runs through all months', '20260115', 'FREQ=YEARLY;BYMONTHDAY=15', '20260115 20260215 20260315'],
    ['week 53', '20260103', 'FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA', '20270102 20330101 20380102'],
    [
      'week 1 may begin in December',
      '20251229',
      'FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO',
      '20251229 20270104 20280103 20290101 20291231',
    ],
    [
      'BYWEEKNO without BYDAY keeps the weekday of the start',
      '20260513',
      'FREQ=YEARLY;BYWEEKNO=20',
      '20260513 20270519 20280517',
    ],
    [
      'years that look alike but follow longer ones',
      '20050101',
      'FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA',
      '20050101 20100102 20160102 20210102 20270102',
    ],
    [
      'first weeks of long years',
      '20000101',
      'FREQ=YEARLY;BYWEEKNO=-53;BYDAY=SA',
      '20040103 20090103 20150103 20200104',
    ],
    [
      'a first week counted from the end does not reach back into December',
      '20250101',
      'FREQ=YEARLY;BYWEEKNO=-52;BYDAY=MO',
      '20260105 20270104 20280103 20290101 20320105',
    ],
    ['the last week', '20251222', 'FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO', '20251222 20261228 20271227'],
    ['weeks from Sunday', '20260104', 'FREQ=YEARLY;WKST=SU;BYWEEKNO=1;BYDAY=SU', '20260104 20270103 20280102 20281231'],
    [
      'numbers count in the month beside BYMONTH',
      '20260302',
      'FREQ=YEARLY;BYMONTH=3,10;BYDAY=1MO',
      '20260302 20261005 20270301',
    ],
    ['numbers count in the year without', '20260105', 'FREQ=YEARLY;BYDAY=1MO,-1MO', '20260105 20261228 20270104'],
    ['a fifth from the end', '20260105', 'FREQ=MONTHLY;BYDAY=-4MO', '20260105 20260202 20260309'],
    ['weekdays with and without numbers add up', '20260105', 'FREQ=MONTHLY;BYDAY=MO,1TU', '20260105 20260106 20260112'],
    ['BYYEARDAY and BYDAY limit each other', '20260101', 'FREQ=YEARLY;BYYEARDAY=1,2,3;BYDAY=TH', '20260101 20300103'],
    ['the week of BYSETPOS begins on WKST', '20260107', 'FREQ=WEEKLY;BYDAY=MO,WE,SU;BYSETPOS=2', '20260107 20260114'],
    [
      'and holds days before the start',
      '20260107',
      'FREQ=WEEKLY;WKST=SU;BYDAY=MO,WE,SU;BYSETPOS=-1',
      '20260107 20260114',
    ],
    ['the last of the working week', '20260109', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '20260109 20260116'],
    ['months limit weeks day by day', '20260330', 'FREQ=WEEKLY;BYMONTH=3;BYDAY=MO,WE', '20260330 20270301 20270303'],
    [
      'first and last of a year',
      '20260101',
      'FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1',
      '20260101 20261231 20270101',
    ],
  ])('%s: %s %s', (_, start, text, expected) => {
    const days = expected.split(' ')
    expect(first(text, `${start}T090000`, days.length)).toEqual(days.map((day) => `${day}T090000`))
  })

  test('BYSETPOS chooses among times, too', () => {
    expect(first('FREQ=DAILY;BYHOUR=9,12,17;BYSETPOS=-1', '20260105T170000', 2)).toEqual([
      '20260105T170000',
      '20260106T170000',
    ])
    expect(first('FREQ=MONTHLY;BYDAY=FR;BYHOUR=9,17;BYSETPOS=2,-1', '20260102T170000', 3)).toEqual([
      ...['20260102T170000', '20260130T170000', '20260206T170000'],
    ])
  })

  test('instances keep the second of the start', () => {
    expect(first('FREQ=DAILY;BYHOUR=9', '20260105T090007', 2)).toEqual(['20260105T090007', '20260106T090007'])
  })
})

/** rrule is an independent reading of the same table; `randomRules` says where it is known to differ. */
describe('differences to rrule', () => {
  test('there are none in random rules, windows and starts', () => {
    fc.assert(
      fc.property(randomRules({ all: false }), startDays, fc.nat(1439), fc.nat(4000), (rule, day, minute, skip) => {
        const start = localTimeOf(day * DAY_MS + minute * MINUTE_MS)
        const from = (day + skip) * DAY_MS
        const to = from + WINDOW_DAYS[rule.freq] * DAY_MS
        const ours = walls(rule, start, from, to).map(localTimeOf)
        expect(ours, `${start} ${formatRule(rule)} from ${localTimeOf(from)}`).toEqual(theirs(rule, start, from, to))
      }),
      { numRuns: 100 },
    )
  }, 60_000)
})

const WINDOW_DAYS = { DAILY: 90, WEEKLY: 200, MONTHLY: 800, YEARLY: 3000 } as const

const startDays = fc.integer({ min: dayNumber(1995, 1, 1), max: dayNumber(2035, 1, 1) })

function theirs(rule: Rule, start: LocalTime, from: number, to: number): LocalTime[] {
  const options = { ...rrule.RRule.parseString(formatRule(rule)), dtstart: new Date(wallMs(start)) }
  return new rrule.RRule(options, true)
    .between(new Date(from), new Date(to), true)
    .map((date) => localTimeOf(date.getTime()))
}

function first(text: string, start: string, count: number): LocalTime[] {
  const local = parseBasicLocalTime(start)!
  return walls(parsed(text), local, 0, wallMs(local) + 30 * 366 * DAY_MS)
    .slice(0, count)
    .map(localTimeOf)
}

function walls(rule: Rule, start: LocalTime, from: number, to: number): number[] {
  const walk = new RuleWalk(rule, start, from, to)
  const found: number[] = []
  for (let wall = walk.next(); wall !== OVER; wall = walk.next()) found.push(wall)
  return found
}

function parsed(text: string): Rule {
  const rule = parseRule(text)
  if (!rule.ok) throw new Error(`${text}: ${rule.error.detail}`)
  return rule.value
}
