import fc from 'fast-check'
import rrule from 'rrule'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { randomRules } from '../../testkit/random-rules.ts'
import { dayNumber } from '../time/civil.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, instant } from '../time/instant.ts'
import { formatInstant } from '../time/iso.ts'
import { localTimeOf, wallMs } from '../time/local-time.ts'
import { findZone } from '../time/zone.ts'
import { expand, startsOf } from './expand.ts'
import type { RecurrenceSet } from './expand.ts'
import { formatRule } from './rule.ts'

/**
 * The recipe that is right with rrule: wall times as if they were UTC, never its own zones, UNTIL applied after resolving, a set without
 * cache; and Temporal as the judge of gaps and overlaps.
 */
test('rule, EXDATE, RDATE, UNTIL and zone together agree with rrule resolved by Temporal', () => {
  fc.assert(
    fc.property(sets, fc.integer({ min: -30, max: 900 }), fc.integer({ min: 1, max: 400 }), (set, after, days) => {
      const from = instant(wallMs(set.start) + after * DAY_MS)
      const to = instant(from + days * DAY_MS)
      const words = `${set.start} ${set.zone.name} ${formatRule(set.rule!)} EXDATE ${set.exdates.join()} RDATE ${set.rdates.join()}`
      const starts = startsOf(set, from, to, Infinity)
      expect(starts.map(formatInstant), words).toEqual(theirs(set, from, to).map((at) => formatInstant(instant(at))))
      const instances = expand(set, from, to, 10)
      expect(instances.map(({ start }) => start)).toEqual(starts.slice(0, 10))
      for (const { recurrenceId, start } of instances) expect(resolve(wallMs(recurrenceId), set.zone.name)).toBe(start)
    }),
    { numRuns: 50 },
  )
}, 60_000)

const ZONES = ['UTC', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Apia']

/** Times of day that gaps and overlaps hold, and others; EXDATEs and RDATEs on and beside the days of the rule. */
const sets: fc.Arbitrary<RecurrenceSet> = fc
  .record({
    rule: randomRules({ all: false }),
    zone: fc.constantFrom(...ZONES),
    day: fc.integer({ min: dayNumber(2009, 1, 1), max: dayNumber(2030, 1, 1) }),
    minute: fc.constantFrom(0, 15, 60, 90, 119, 120, 135, 150, 179, 180, 540, 1_439),
    until: fc.option(fc.nat(800), { freq: 2 }),
    exdates: fc.array(fc.nat(900), { maxLength: 12 }),
    rdates: fc.array(fc.nat(900 * 24), { maxLength: 6 }),
    isTakenBack: fc.boolean(),
  })
  .map(({ rule, zone, day, minute, until, exdates, rdates, isTakenBack }) => {
    const wall = day * DAY_MS + minute * MINUTE_MS
    const local = (ms: number) => localTimeOf(wall + ms)
    const added = rdates.map((hours) => local(hours * HOUR_MS))
    const isOpen = rule.count === null && until !== null
    return {
      start: localTimeOf(wall),
      zone: findZone(zone)!,
      rule: isOpen ? { ...rule, until: findZone(zone)!.instantOf(wall + until * DAY_MS) } : rule,
      exdates: [...exdates.map((days) => local(days * DAY_MS)), ...(isTakenBack ? added.slice(0, 1) : [])],
      rdates: added,
    }
  })

function theirs({ start, zone, rule, exdates, rdates }: RecurrenceSet, from: number, to: number): number[] {
  const set = new rrule.RRuleSet(true)
  const options = rrule.RRule.parseString(formatRule({ ...rule!, until: null }))
  set.rrule(new rrule.RRule({ ...options, dtstart: new Date(wallMs(start)) }))
  const given = set
    .between(new Date(from - 2 * DAY_MS), new Date(to + 2 * DAY_MS), true)
    .map((floating) => resolve(floating.getTime(), zone.name))
    .filter((at) => at <= (rule!.until ?? Infinity))
  const added = rdates.map((rdate) => resolve(wallMs(rdate), zone.name))
  const gone = new Set(exdates.map((exdate) => resolve(wallMs(exdate), zone.name)))
  const all = [...new Set([...given, ...added])].filter((at) => at >= from && at < to && !gone.has(at))
  return all.toSorted((a, b) => a - b)
}

function resolve(wall: number, zone: string): number {
  const local = Temporal.PlainDateTime.from(new Date(wall).toISOString().slice(0, 19))
  return local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
}
