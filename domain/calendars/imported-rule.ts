import { parseRule } from '../recurrence/parse-rule.ts'
import type { Rule } from '../recurrence/rule.ts'
import { type Result, err, ok } from '../result.ts'
import { DAY_MS, SECOND_MS, instant } from '../time/instant.ts'
import type { Instant } from '../time/instant.ts'
import { parseBasicLocalTime, wallMs } from '../time/local-time.ts'
import type { Zone } from '../time/zone.ts'

/** Beyond any instance that is ever looked at, and still a whole number. */
const MOST = 1_000_000_000
/** Nobody meets that often; what stands in calendars so are alarms and mistakes. */
const FINER = /^FREQ=(?:HOURLY|MINUTELY|SECONDLY)$/
/** Parts that other calendars write and that change nothing we show: instances keep the second of their start. */
const IGNORED = /^(?:X-.*|BYSECOND|SKIP)$/

/**
 * Reads the rule of an imported event: as `parseRule`, and beside it what real calendars write: any case, blanks, foreign
 * parts, COUNT and INTERVAL without a small bound, COUNT beside UNTIL, and UNTIL as a date (its last second) or a local time. The
 * error is a sentence for the list of what could not be read.
 */
export function readImportedRule(text: string, zone: Zone): Result<Rule, string> {
  const strict: string[] = []
  let count: number | null = null
  let interval = 1
  let until: Instant | null = null
  for (const piece of text.toUpperCase().replaceAll(/\s/g, '').split(';')) {
    const [name = '', value = ''] = piece.split('=', 2)
    if (FINER.test(piece)) return err(`Rules that repeat within a day (${piece}) are not expanded.`)
    if (name === 'COUNT') count = readNumber(value)
    else if (name === 'INTERVAL') interval = readNumber(value) ?? 1
    else if (name === 'UNTIL') until = readUntil(value, zone)
    else if (name === 'RSCALE' && value !== 'GREGORIAN') return err('The rule counts in another calendar system.')
    else if (name !== 'RSCALE' && piece !== '' && !IGNORED.test(name)) strict.push(piece)
    if (name === 'UNTIL' && until === null) return err('The end of the rule (UNTIL) is no time.')
    // Without its end it would fill its owner's days for ever.
    if (name === 'COUNT' && count === null) return err('The length of the rule (COUNT) is no number from 1.')
  }
  const rule = parseRule(strict.join(';'))
  return rule.ok ? ok({ ...rule.value, count, interval, until }) : err(rule.error.detail ?? 'The rule is not known.')
}

function readNumber(value: string): number | null {
  const n = /^\d{1,15}$/.test(value) ? Number(value) : 0
  return n < 1 ? null : Math.min(n, MOST)
}

function readUntil(value: string, zone: Zone): Instant | null {
  const m = /^(\d{4})(\d{4})(?:T(\d{6})(Z?))?$/.exec(value)
  if (m === null) return null
  const year = Math.min(Math.max(Number(m[1]), 1970), 2200)
  const local = parseBasicLocalTime(`${year}${m[2]}T${m[3] ?? '000000'}`)
  if (local === undefined) return null
  if (m[4] === 'Z') return instant(wallMs(local))
  return zone.instantOf(m[3] === undefined ? wallMs(local) + DAY_MS - SECOND_MS : wallMs(local))
}
