import type { Refusal } from '../refusals.ts'
import { ok } from '../result.ts'
import type { Result } from '../result.ts'
import { DAY_MS } from '../time/instant.ts'
import { localTimeOf, wallMs } from '../time/local-time.ts'
import type { LocalTime } from '../time/local-time.ts'
import type { Zone } from '../time/zone.ts'
import { invalidRule, parseRule } from './parse-rule.ts'
import { OVER, RuleWalk } from './rule-walk.ts'
import type { Rule } from './rule.ts'

/**
 * A client's rule for a series that starts there, or a refusal that names the part in the way: the text must parse, the
 * start must be the rule's first instance, and UNTIL may not lie before it. Takes less than a few milliseconds for any text.
 */
export function acceptRule(text: string, start: LocalTime, zone: Zone): Result<Rule, Refusal> {
  const parsed = parseRule(text)
  if (!parsed.ok) return parsed
  const rule = parsed.value
  if (rule.until !== null && rule.until < zone.instantOf(wallMs(start))) {
    return invalidRule([{ part: 'UNTIL', detail: 'UNTIL lies before the start.' }])
  }
  const first = firstWall(rule, start)
  if (first === wallMs(start)) return ok(rule)
  const part = partInTheWay(rule, start)
  if (first === undefined) {
    return invalidRule([{ part, detail: `${part} leaves no instance within ${SEARCH_YEARS} years of the start.` }])
  }
  const detail = `The start must be the first instance of the rule; after ${start} that is ${localTimeOf(first)}.`
  return invalidRule([{ part, detail: part === 'DTSTART' ? detail : `${part} does not fit the start. ${detail}` }])
}

/** A rule that gives nothing for so long is a mistake. (Leap days of a given weekday are up to 40 years apart.) */
const SEARCH_YEARS = 8
const SEARCH_MS = SEARCH_YEARS * 365.25 * DAY_MS

function firstWall(rule: Rule, start: LocalTime): number | undefined {
  const from = wallMs(start)
  const first = new RuleWalk(rule, start, from, from + SEARCH_MS).next()
  return first === OVER ? undefined : first
}

/** The one part without which the start would be an instance; `DTSTART` when it takes more than one. */
function partInTheWay(rule: Rule, start: LocalTime): string {
  for (const [part, without] of Object.entries(WITHOUT)) {
    if (firstWall({ ...rule, ...without }, start) === wallMs(start)) return part
  }
  return 'DTSTART'
}

const WITHOUT: Record<string, Partial<Rule>> = {
  BYSETPOS: { bySetPos: [] },
  BYMONTH: { byMonth: [] },
  BYWEEKNO: { byWeekNo: [] },
  BYYEARDAY: { byYearDay: [] },
  BYMONTHDAY: { byMonthDay: [] },
  BYDAY: { byDay: [] },
  BYHOUR: { byHour: [] },
  BYMINUTE: { byMinute: [] },
}
