import type { Instant } from '../../domain/time/instant.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import { type LocalTime, parseLocalTime } from '../../domain/time/local-time.ts'
import { type Zone, findZone } from '../../domain/time/zone.ts'

/** How the corpora write their values. Each throws for one that it cannot read: `answerLine` makes that the answer to the case. */
export function localTime(text: string): LocalTime {
  return known(parseLocalTime(text), text)
}

export function instantOf(text: string): Instant {
  return known(parseInstant(text), text)
}

export function zoneNamed(text: string): Zone {
  return known(findZone(text), text)
}

/** `least` to a year's worth. */
export function wholeMinutes(minutes: number, least: 0 | 1): number {
  const isKnown = Number.isInteger(minutes) && minutes >= least && minutes <= MAX_MINUTES
  return known(isKnown ? minutes : undefined, String(minutes))
}

/** Of two endless series whose every occurrence takes much longer than this, nearly all pairs overlap: an answer without end. */
const MAX_MINUTES = 366 * 1_440

function known<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`unreadable in this case: ${text}`)
  return value
}
