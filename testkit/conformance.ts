import { createInterface } from 'node:readline'
import { answerConflicts } from './conformance/conflicts.ts'
import { answerFreeBusy } from './conformance/freebusy.ts'
import { answerRecurrence } from './conformance/recurrence.ts'

/**
 * `node testkit/conformance.ts <kind>`: cases as JSON lines on standard input, one answer each on standard output, in the same
 * order. It only translates between the corpora's JSON and the domain functions that the product itself calls.
 */
const ANSWERS: Record<string, (line: string) => object> = {
  recurrence: answerRecurrence,
  freebusy: answerFreeBusy,
  conflicts: answerConflicts,
}

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
