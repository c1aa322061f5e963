import { civilDay, weekdayOf } from '../../domain/time/civil.ts'
import { localTimeOf } from '../../domain/time/local-time.ts'
import { DAY_MS } from '../../domain/time/instant.ts'
import type { Random } from './random.ts'
import type { Rhythm } from './titles.ts'

const BYDAY = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const

/** A rule whose first instance is on that day (as `dayNumber` counts). Bounded, so that the demo stays small. */
export function ruleOf(rhythm: Rhythm, day: number, random: Random): string {
  switch (rhythm) {
    case 'weekly':
      return `FREQ=WEEKLY;COUNT=${random.between(6, 12)}`
    case 'until':
      return `FREQ=WEEKLY;UNTIL=${endOf(day + 7 * random.between(7, 12))}`
    case 'biweekly':
      return `FREQ=WEEKLY;INTERVAL=2;COUNT=${random.between(4, 6)}`
    case 'workdays':
      return `FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=30`
    case 'monthly':
      return `FREQ=MONTHLY;BYDAY=${nthOfMonth(day)}${BYDAY[weekdayOf(day)]};COUNT=4`
    default:
      return rhythm satisfies never
  }
}

/** Midday, UTC, of the day after: whatever the zone, after every meeting of the day and before the next one. */
function endOf(day: number): string {
  return `${localTimeOf((day + 1) * DAY_MS).slice(0, 9)}120000Z`
}

function nthOfMonth(day: number): number {
  const nth = Math.ceil(civilDay(day).day / 7)
  // Few months have a fifth.
  return nth > 4 ? -1 : nth
}
