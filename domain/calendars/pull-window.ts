import { type Instant, type Interval, DAY_MS, instant } from '../time/instant.ts'

const BEHIND_MS = 30 * DAY_MS
/** As far as our own series are materialised: 13 months. */
const AHEAD_MS = 396 * DAY_MS
/** How much of what lies ahead may be missing before a source is asked for everything again, changed or not. */
const SLACK_MS = 7 * DAY_MS

/** The span that imported calendars are expanded in. Whole days, so that a day's pulls compare like with like. */
export function pullWindow(now: Instant): Interval {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  return { start: instant(today - BEHIND_MS), end: instant(today + AHEAD_MS) }
}

/** Whether "not changed since" would do: rules that were expanded too long ago have to be expanded on. */
export function coversEnough(coveredUntil: Instant | null, now: Instant): boolean {
  return coveredUntil !== null && coveredUntil >= pullWindow(now).end - SLACK_MS
}
