import fc from 'fast-check'
import { parseRule } from '../domain/recurrence/parse-rule.ts'
import { type Rule, WEEKDAY_NAMES } from '../domain/recurrence/rule.ts'

/**
 * Rules of every frequency, with or without any of the parts that may go together. Never UNTIL: it is an instant, and stands beside a
 * zone. Unless `all` of them are wanted, those that rrule reads otherwise are left out: BYSETPOS (rrule#668, #669), BYWEEKNO without another day
 * part (it takes all seven days), and week numbers that may belong to the days around New Year (it gets the length of the year before
 * wrong: 1 January 2011 lies in the 52nd week of 2010).
 */
export function randomRules({ all }: { all: boolean }): fc.Arbitrary<Rule> {
  return fc
    .record({
      freq: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
      INTERVAL: fc.option(fc.integer({ min: 1, max: 6 })),
      COUNT: fc.option(fc.integer({ min: 1, max: 300 }), { freq: 4 }),
      WKST: fc.option(fc.constantFrom(...WEEKDAY_NAMES)),
      BYMONTH: sometimes(fc.integer({ min: 1, max: 12 })),
      BYWEEKNO: sometimes(fc.constantFrom(2, 10, 20, 50, -3, -40, ...(all ? [1, 51, 52, 53, -1, -2, -52, -53] : []))),
      BYYEARDAY: sometimes(fc.oneof(fc.integer({ min: 1, max: 366 }), fc.integer({ min: -366, max: -1 }))),
      BYMONTHDAY: sometimes(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -31, max: -1 }))),
      BYDAY: sometimes(fc.constantFrom(...WEEKDAY_NAMES)),
      nth: fc.option(fc.constantFrom(1, 2, 3, 5, -1, -2, 20, 53)),
      BYHOUR: sometimes(fc.nat(23)),
      BYMINUTE: sometimes(fc.nat(59)),
      BYSETPOS: all ? sometimes(fc.constantFrom(1, 2, 3, 7, 20, -1, -2, -3, -30)) : fc.constant(null),
    })
    .map(({ freq, nth, BYDAY, BYWEEKNO, BYYEARDAY, BYMONTHDAY, ...rest }) => {
      const yearly = freq === 'YEARLY'
      const numbered = (yearly && BYWEEKNO === null) || freq === 'MONTHLY'
      const others = [rest.BYMONTH, BYDAY, rest.BYHOUR, rest.BYMINUTE, freq === 'WEEKLY' ? null : BYMONTHDAY]
      const parts = {
        ...rest,
        BYSETPOS: others.some((part) => part !== null) ? rest.BYSETPOS : null,
        BYWEEKNO: yearly && (all || (BYDAY ?? BYYEARDAY ?? BYMONTHDAY) !== null) ? BYWEEKNO : null,
        BYYEARDAY: yearly ? BYYEARDAY : null,
        BYMONTHDAY: freq === 'WEEKLY' ? null : BYMONTHDAY,
        BYDAY: nth !== null && numbered && BYDAY !== null ? BYDAY.map((day) => `${nth}${day}`) : BYDAY,
      }
      const given = Object.entries(parts).filter(([, value]) => value !== null)
      return parsed([`FREQ=${freq}`, ...given.map(([name, value]) => `${name}=${String(value)}`)].join(';'))
    })
}

/** In a third of the rules: with most of them in every rule nearly none would have an instance. */
function sometimes<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[] | null> {
  const given = fc.uniqueArray(item, { minLength: 1, maxLength: 4 })
  return fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: given })
}

function parsed(text: string): Rule {
  const rule = parseRule(text)
  if (!rule.ok) throw new Error(`${text}: ${rule.error.detail}`)
  return rule.value
}
