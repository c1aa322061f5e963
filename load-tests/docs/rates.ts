import type { Report } from '../bench/report.ts'
import { percentile } from '../bench/statistics.ts'
import type { People } from './people.ts'

export interface Rates {
  /** Of each person, per second. */
  keys: number
  cursors: number
}

export const ASKED: Rates = { keys: 6, cursors: 10 }
/** What is tried, of what is asked for. */
const SHARES = [1, 2 / 3, 1 / 2, 1 / 3, 1 / 6]
/** A server that needs longer than this for one letter in a hundred is behind, and the longer the load the more. */
const HELD_P99_MS = 250
const TRIAL_SECONDS = 4
/** What a server that was behind may take to catch up. */
const CATCH_UP_REPORTS = 12

/**
 * The highest rates at which every product keeps up: beyond it only waiting would be measured. Where nothing is held, because others
 * have the machine, the lowest.
 */
export async function highestHeld(report: Report, products: Record<string, People>): Promise<Rates> {
  let rates = ASKED
  for (const share of SHARES) {
    rates = { keys: ASKED.keys * share, cursors: ASKED.cursors * share }
    const behind: string[] = []
    for (const [name, people] of Object.entries(products)) {
      const { near, far, missing } = await people.type({ ...rates, seconds: TRIAL_SECONDS })
      const p99 = percentile([...near, ...far], 99)
      if (missing > 0 || !(p99 < HELD_P99_MS)) behind.push(`${name} (p99 ${p99.toFixed(0)} ms, ${missing} missing)`)
      for (let i = 0; i < CATCH_UP_REPORTS && (await people.report()).missing > 0; i++);
    }
    if (behind.length === 0) break
    report.note(`${words(rates)} is more than this machine holds: ${behind.join(', ')}`)
  }
  return rates
}

export function isAsked({ keys }: Rates): boolean {
  return keys === ASKED.keys
}

export function words({ keys, cursors }: Rates): string {
  return `${keys.toFixed(1)} keys/s and ${cursors.toFixed(1)} cursors/s each`
}
