import { type Instant, DAY_MS, HOUR_MS, MINUTE_MS, plus } from '../time/instant.ts'

const INTERVAL_MS = 15 * MINUTE_MS
/** The first retry comes soon, for most failures are short; each later one waits twice as long. */
const FIRST_RETRY_MS = MINUTE_MS
const LONGEST_RETRY_MS = 6 * HOUR_MS
/** A source that asks for more than a day is asked again after a day. */
const LONGEST_RETRY_AFTER_MS = DAY_MS
/** Spread over a fifth to either side, so that feeds of one host do not come together. */
const SPREAD = 0.4

/** When to ask a source again. `random` is from [0, 1); `retryAfterMs` is what the source itself asked for. */
export function nextPull(
  now: Instant,
  { failures, retryAfterMs = 0, random }: { failures: number; retryAfterMs?: number | undefined; random: number },
): Instant {
  const wanted =
    failures === 0 ? INTERVAL_MS : Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20), LONGEST_RETRY_MS)
  const spread = wanted * (1 - SPREAD / 2 + SPREAD * random)
  return plus(now, Math.round(Math.max(spread, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))))
}

/** Whoever asks for a pull now gets one this long after the last at the earliest. */
const SHORTEST_GAP_MS = 30_000

/** When a pull that is asked for now may happen: not sooner than the source allows. */
export function soonestPull(
  now: Instant,
  { lastAttemptAt, notBefore }: { lastAttemptAt: Instant | null; notBefore: Instant | null },
): Instant {
  const gap = lastAttemptAt === null ? now : plus(lastAttemptAt, SHORTEST_GAP_MS)
  return Math.max(now, gap, notBefore ?? now) as Instant
}
