import { DAY, instantOf } from './clock.ts'
import type { RuleChoice } from './edits-arbitrary.ts'
import { DAILY, type Ending, type Rule, dateOf, wallsFrom } from './rules.ts'

/** The rule that was chosen, for a series that starts there. Some shapes name days that may not be the start's: those are refused. */
export function chosenRule(choice: RuleChoice, start: number, zone: string): { rule: Rule } & Ending {
  const shapes = shapesAt(start)
  const shape = shapes[choice.shape % shapes.length] as Partial<Rule>
  const interval = shape.freq === 'YEARLY' ? 1 : choice.interval
  const rule: Rule = { ...DAILY, ...shape, interval, weekStart: choice.isSundayFirst ? 6 : 0 }
  return { rule, ...endingOf(choice, rule, start, zone) }
}

function endingOf({ ending, count }: RuleChoice, rule: Rule, start: number, zone: string): Ending {
  const few = rule.freq === 'YEARLY' ? Math.ceil(count / 3) : count
  if (ending === 'count') return { count: few, until: null }
  // Some hundred rows of a daily series would show nothing more.
  if (ending === 'never' && rule.freq !== 'DAILY') return { count: null, until: null }
  const last = wallsFrom(rule, start)[few - 1] ?? start
  // Of two series one ends with an instance and the other between two.
  return { count: null, until: instantOf(last + (count % 4 === 0 ? 0 : DAY / 2), zone) }
}

function shapesAt(start: number): Partial<Rule>[] {
  const { month, day, fromEnd, weekday, nth, nthFromEnd } = dateOf(start)
  const on = (...weekdays: number[]) => {
    const days = new Set(weekdays.map((one) => one % 7))
    return [...days].toSorted((a, b) => a - b).map((one) => ({ nth: 0, weekday: one }))
  }
  return [
    { freq: 'DAILY' },
    { freq: 'WEEKLY' },
    { freq: 'WEEKLY', byDay: on(weekday, weekday + 1, weekday + 3) },
    { freq: 'WEEKLY', byDay: on(weekday, weekday + 5) },
    { freq: 'WEEKLY', byDay: on(0, 2, 5) },
    { freq: 'MONTHLY' },
    { freq: 'MONTHLY', byMonthDay: [day] },
    { freq: 'MONTHLY', byMonthDay: [fromEnd] },
    { freq: 'MONTHLY', byMonthDay: [day, day > 15 ? day - 10 : day + 10].toSorted((a, b) => a - b) },
    { freq: 'MONTHLY', byMonthDay: [1, 22] },
    { freq: 'MONTHLY', byDay: [{ nth, weekday }] },
    { freq: 'MONTHLY', byDay: [{ nth: nthFromEnd, weekday }] },
    { freq: 'MONTHLY', byDay: [{ nth: 3, weekday: 6 }] },
    { freq: 'YEARLY' },
    { freq: 'YEARLY', byMonth: [month], byMonthDay: [day] },
    { freq: 'YEARLY', byMonth: [month], byDay: [{ nth, weekday }] },
  ]
}
