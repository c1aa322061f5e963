import { SLOW_MS, type Verdict, fuzzRules } from './fuzz/try-rule.ts'

/**
 * `node testkit/fuzz-rules.ts [count] [seed]`: so many random rules (100,000 unless told) through everything that reads and expands
 * them. Prints what came of them and the slowest; exit code 1 when one crashed, was refused without a reason, or took too long.
 */
const count = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const SHOWN = 5

console.log(`${count} rules, seed ${seed}`)
const slowest: Verdict[] = []
const faults: Verdict[] = []
let [accepted, imported, slow] = [0, 0, 0]
for (const verdict of fuzzRules(seed, count)) {
  accepted += Number(verdict.accepted)
  imported += Number(verdict.imported)
  slow += Number(verdict.ms > SLOW_MS)
  if (verdict.fault !== null) faults.push(verdict)
  slowest.push(verdict)
  slowest.sort((a, b) => b.ms - a.ms)
  slowest.length = Math.min(slowest.length, SHOWN)
}
console.log(
  `${accepted} accepted from a client, ${imported} from an imported calendar, the others refused with a reason`,
)
console.log(`${faults.length} at fault, ${slow} over ${SLOW_MS} ms; the slowest:`)
for (const verdict of slowest) console.log(`  ${verdict.ms.toFixed(1).padStart(6)} ms  ${words(verdict)}`)
for (const verdict of faults.slice(0, SHOWN)) console.log(`FAULT: ${verdict.fault}: ${words(verdict)}`)
process.exitCode = faults.length + slow > 0 ? 1 : 0

function words({ text, start, zone }: Verdict): string {
  return `${start} ${zone} ${JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)}`
}
