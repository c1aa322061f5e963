import { KINDS, answerLine } from './conformance/answer-line.ts'
import { linesOf } from './conformance/lines.ts'

/**
 * `node testkit/conformance.ts <kind>`: cases as JSON lines on standard input, one answer each on standard output, in the same
 * order. It only translates between the corpora's JSON and the domain functions that the product itself calls.
 */
const given = process.argv[2] ?? ''
const kind = KINDS.find((name) => name === given)
if (kind === undefined) {
  process.stderr.write(`Unknown kind "${given}". Usage: node testkit/conformance.ts ${KINDS.join('|')}\n`)
  process.exitCode = 2
} else {
  for await (const line of linesOf(process.stdin)) {
    if (line.trim() !== '') process.stdout.write(`${JSON.stringify(answerLine(kind, line))}\n`)
  }
}
