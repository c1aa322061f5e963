import { createInterface } from 'node:readline'
import { acceptRule } from '../domain/recurrence/accept-rule.ts'
import { expand } from '../domain/recurrence/expand.ts'
import { formatInstant, parseInstant } from '../domain/time/iso.ts'
import { parseLocalTime } from '../domain/time/local-time.ts'
import { findZone } from '../domain/time/zone.ts'

/**
 * `node testkit/conformance.ts <kind>`: cases as JSON lines on standard input, one answer each on standard output, in the same
 * order. It only translates between the corpora's JSON and the domain functions that the product itself calls.
 */
const ANSWERS: Record<string, (line: string) => object> = { recurrence: answerRecurrence }

const kind = process.argv[2] ?? ''
const answer = Object.hasOwn(ANSWERS, kind) ? ANSWERS[kind] : undefined
if (answer === undefined) {
  process.stderr.write(`Unknown kind "${kind}". Usage: node testkit/conformance.ts ${Object.keys(ANSWERS).join('|')}\n`)
  process.exitCode = 2
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answer(line))}\n`)
  }
}

interface RecurrenceCase {
  id: string
  dtstart: string
  tzid: string
  rrule: string
  exdates: string[]
  rdates: string[]
  window: [string, string]
}

function answerRecurrence(line: string): object {
  const { id, dtstart, tzid, rrule, exdates, rdates, window } = JSON.parse(line) as RecurrenceCase
  const zone = known(findZone(tzid), tzid)
  const start = localTime(dtstart)
  const accepted = acceptRule(rrule, start, zone)
  if (!accepted.ok) return { id, error: accepted.error }
  const set = { start, zone, rule: accepted.value, exdates: exdates.map(localTime), rdates: rdates.map(localTime) }
  const [from, to] = [instant(window[0]), instant(window[1])]
  return { id, utc: expand(set, from, to, Infinity).map((instance) => formatInstant(instance.start)) }
}

function localTime(text: string) {
  return known(parseLocalTime(text), text)
}

function instant(text: string) {
  return known(parseInstant(text), text)
}

/** A corpus that this cannot read is a broken corpus, no answer. */
function known<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`unreadable in this case: ${text}`)
  return value
}
