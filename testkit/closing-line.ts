import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node'

/**
 * Ends the output of a test run with `N passed, N failed` (and `, N skipped` when there are any) alone on the last
 * line. It is written when the process leaves, so nothing can follow it. A file that does not load, an error outside
 * any test and a run that breaks off or sees nothing count as failed.
 */
export class ClosingLine implements Reporter {
  #tally: Tally = { passed: 0, failed: 0, skipped: 0, reasons: new Map() }

  onInit(vitest: Vitest): void {
    if (vitest.config.watch) return
    process.once('exit', (code) => {
      if (code !== 0 && this.#tally.failed === 0) this.#tally.failed = 1
      writeSync(1, `\n${closingLines(this.#tally).join('\n')}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#tally = tally(modules)
    this.#tally.failed += unhandled.length
  }
}

/** `reasons` counts what skipped tests gave to `context.skip(reason)`. */
interface Tally {
  passed: number
  failed: number
  skipped: number
  reasons: Map<string, number>
}

function tally(modules: readonly TestModule[]): Tally {
  const all: Tally = { passed: 0, failed: 0, skipped: 0, reasons: new Map() }
  for (const module of modules) {
    let failed = 0
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') all.passed += 1
      else if (result.state === 'skipped') {
        all.skipped += 1
        if (result.note) all.reasons.set(result.note, (all.reasons.get(result.note) ?? 0) + 1)
      } else failed += 1 // `pending` too: cut off by a stopped run, which is no pass
    }
    all.failed += failed === 0 && !module.ok() ? 1 : failed
  }
  return all
}

function closingLines({ passed, failed, skipped, reasons }: Tally): string[] {
  return [
    ...[...reasons].map(([reason, count]) => `${count} skipped: ${reason}`),
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ]
}
