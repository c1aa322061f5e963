import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../bench/statistics.ts'

export interface LoopResult {
  /** Answered, per second of the whole run. */
  perSecond: number
  /** Milliseconds from when a request was due until its answer: what waits for a slow server is counted. */
  p50: number
  p95: number
  p99: number
  /** Of all, those that were not answered as they should. */
  errorShare: number
  count: number
}

/** Beyond so many unanswered requests the server has lost, and the rest of the run says nothing new. */
const MAX_OPEN = 3_000

/** Sends at a steady rate, whether the ones before were answered or not. `send` answers whether it went well. */
export async function openLoop(
  rate: number,
  seconds: number,
  send: (n: number) => Promise<boolean>,
): Promise<LoopResult> {
  const times: number[] = []
  const all: Promise<void>[] = []
  const total = Math.round(rate * seconds)
  const started = performance.now()
  let open = 0
  let errors = 0
  for (let n = 0; n < total; n++) {
    const due = started + (n * 1_000) / rate
    const wait = due - performance.now()
    if (wait > 1) await delay(wait)
    if (open > MAX_OPEN) {
      errors += total - n
      break
    }
    open += 1
    all.push(
      send(n).then((isGood) => {
        open -= 1
        if (!isGood) errors += 1
        times.push(performance.now() - due)
      }),
    )
  }
  await Promise.all(all)
  const perSecond = (times.length * 1_000) / (performance.now() - started)
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(times, percent)) as [number, number, number]
  return { perSecond, p50, p95, p99, errorShare: errors / total, count: total }
}

export interface Bound {
  p95Ms: number
  errorShare: number
}

/**
 * The highest rate that keeps within the bound, found by doubling and halving between `low` and `high`, each step a run of its own; 0 when
 * not even `low` does.
 */
export async function highestRate(
  run: (rate: number) => Promise<LoopResult>,
  bound: Bound,
  { low, high, steps }: { low: number; high: number; steps: number },
): Promise<number> {
  let [good, bad] = [0, high]
  let rate = low
  for (let step = 0; step < steps; step++) {
    const { p95, errorShare, perSecond } = await run(rate)
    const holds = p95 < bound.p95Ms && errorShare < bound.errorShare && perSecond > rate * 0.95
    if (holds) good = rate
    else bad = rate
    rate = bad === high && holds ? Math.min(rate * 1.5, high) : (good + bad) / 2
    if (good > 0 && bad - good < good * 0.05) break
  }
  return good
}
