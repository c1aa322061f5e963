import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time/instant.ts'
import { type LocalTime, localTimeOf, wallMs } from '../time/local-time.ts'
import { parseRule } from './parse-rule.ts'
import { OVER, RuleWalk } from './rule-walk.ts'
import { type Rule, formatRule } from './rule.ts'
import { shiftRule } from './shift-rule.ts'

function ruleOf(text: string): Rule {
  const parsed = parseRule(text)
  if (!parsed.ok) throw new Error(parsed.error.detail)
  return parsed.value
}

function shifted(text: string, start: string, byMs: number): string | undefined {
  const from = wallMs(start as LocalTime)
  const moved = shiftRule(ruleOf(text), from, from + byMs)
  return moved && formatRule(moved)
}

const TUESDAY = '20261124T100000'

describe('a rule moves with its series', () => {
  test.each([
    ['FREQ=DAILY', TUESDAY, 3 * DAY_MS, 'FREQ=DAILY'],
    ['FREQ=WEEKLY;BYDAY=TU', TUESDAY, HOUR_MS, 'FREQ=WEEKLY;BYDAY=TU'],
    ['FREQ=WEEKLY;BYDAY=TU', TUESDAY, DAY_MS, 'FREQ=WEEKLY;BYDAY=WE'],
    ['FREQ=WEEKLY;BYDAY=TU,SA', TUESDAY, DAY_MS, 'FREQ=WEEKLY;BYDAY=WE,SU'],
    ['FREQ=WEEKLY;BYDAY=TU,SU', TUESDAY, DAY_MS, 'FREQ=WEEKLY;BYDAY=MO,WE'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH', TUESDAY, DAY_MS, 'FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR'],
    ['FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR', TUESDAY, DAY_MS, 'FREQ=DAILY;BYDAY=TU,WE,TH,FR,SA'],
    ['FREQ=DAILY;BYHOUR=10,14', TUESDAY, HOUR_MS, 'FREQ=DAILY;BYHOUR=11,15'],
    ['FREQ=DAILY;BYHOUR=10;BYMINUTE=0,30', TUESDAY, 15 * MINUTE_MS, 'FREQ=DAILY;BYHOUR=10;BYMINUTE=15,45'],
    ['FREQ=DAILY;BYHOUR=10', TUESDAY, 13 * HOUR_MS, 'FREQ=DAILY;BYHOUR=23'],
    ['FREQ=MONTHLY;BYMONTHDAY=24', TUESDAY, 2 * DAY_MS, 'FREQ=MONTHLY;BYMONTHDAY=26'],
    ['FREQ=MONTHLY;BYMONTHDAY=10,24', '20261110T100000', 2 * DAY_MS, 'FREQ=MONTHLY;BYMONTHDAY=12,26'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '20261130T100000', -DAY_MS, 'FREQ=MONTHLY;BYMONTHDAY=-2'],
    ['FREQ=MONTHLY;BYDAY=2TU', '20261110T100000', 7 * DAY_MS, 'FREQ=MONTHLY;BYDAY=3TU'],
    ['FREQ=MONTHLY;BYDAY=-1MO;BYSETPOS=1', '20261130T100000', HOUR_MS, 'FREQ=MONTHLY;BYDAY=-1MO;BYSETPOS=1'],
    ['FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31', '20270331T100000', DAY_MS, 'FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1'],
    ['FREQ=MONTHLY', '20270131T100000', -DAY_MS, 'FREQ=MONTHLY'],
    ['FREQ=WEEKLY;COUNT=5;BYDAY=TU', TUESDAY, -DAY_MS, 'FREQ=WEEKLY;COUNT=5;BYDAY=MO'],
  ])('%s from %s by %i ms', (text, start, byMs, wanted) => {
    expect(shifted(text, start, byMs)).toBe(wanted)
  })
})

describe('a move that leaves open what the rule should become is not guessed', () => {
  test.each([
    // The Wednesday after a second Tuesday is the second or the third of its month.
    ['FREQ=MONTHLY;BYDAY=2TU', '20261110T100000', DAY_MS],
    ['FREQ=MONTHLY;BYDAY=4TU', '20261124T100000', 7 * DAY_MS],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU', TUESDAY, DAY_MS],
    ['FREQ=MONTHLY;BYMONTHDAY=31', '20270131T100000', -DAY_MS],
    ['FREQ=MONTHLY;BYMONTHDAY=24', TUESDAY, 10 * DAY_MS],
    ['FREQ=DAILY;BYHOUR=10,22', TUESDAY, 3 * HOUR_MS],
    ['FREQ=DAILY;BYHOUR=10;BYMINUTE=0,50', TUESDAY, 15 * MINUTE_MS],
    ['FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1', TUESDAY, DAY_MS],
    ['FREQ=YEARLY;BYYEARDAY=328', TUESDAY, DAY_MS],
    ['FREQ=YEARLY;BYWEEKNO=48', TUESDAY, DAY_MS],
    ['FREQ=DAILY;BYMONTH=11', TUESDAY, DAY_MS],
  ])('%s from %s by %i ms', (text, start, byMs) => {
    expect(shifted(text, start, byMs)).toBeUndefined()
  })
})

test('whatever is moved, every instance moves by the same', () => {
  const weekday = fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')
  const list = (part: string, values: fc.Arbitrary<unknown>) =>
    fc
      .array(values, { maxLength: 3 })
      .map((items) => (items.length === 0 ? '' : `;${part}=${[...new Set(items)].join(',')}`))
  const text = fc
    .tuple(
      fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
      fc.integer({ min: 1, max: 3 }),
      list('BYMONTH', fc.integer({ min: 1, max: 12 })),
      list('BYMONTHDAY', fc.integer({ min: 1, max: 31 })),
      list('BYDAY', weekday),
      list('BYHOUR', fc.integer({ min: 0, max: 23 })),
    )
    .map(([freq, interval, ...parts]) => `FREQ=${freq};INTERVAL=${interval}${parts.join('')}`)
  const move = fc.integer({ min: -40 * 24, max: 40 * 24 }).map((hours) => hours * HOUR_MS)
  fc.assert(
    fc.property(text, move, (given, byMs) => {
      const parsed = parseRule(given)
      if (!parsed.ok || !/BY/.test(given)) return
      const seed = wallMs(TUESDAY as LocalTime)
      const from = new RuleWalk(parsed.value, TUESDAY as LocalTime, seed, seed + 800 * DAY_MS).next()
      if (from === OVER) return
      const moved = shiftRule(parsed.value, from, from + byMs)
      if (moved === undefined) return
      expect(wallsFrom(moved, from + byMs)).toEqual(wallsFrom(parsed.value, from).map((wall) => wall + byMs))
    }),
    { numRuns: 500, seed: 20_261_124 },
  )
})

function wallsFrom(rule: Rule, at: number): number[] {
  const walk = new RuleWalk(rule, localTimeOf(at), at, at + 700 * DAY_MS)
  const walls: number[] = []
  for (let wall = walk.next(); wall !== OVER; wall = walk.next()) walls.push(wall)
  return walls
}
