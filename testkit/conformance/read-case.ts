import type { Instant } from '../../domain/time/instant.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import { type LocalTime, parseLocalTime } from '../../domain/time/local-time.ts'
import { type Zone, findZone } from '../../domain/time/zone.ts'

/** How the corpora write times. One that these cannot read is a broken corpus, no answer: they throw. */
export function localTime(text: string): LocalTime {
  return known(parseLocalTime(text), text)
}

export function instantOf(text: string): Instant {
  return known(parseInstant(text), text)
}

export function zoneNamed(text: string): Zone {
  return known(findZone(text), text)
}

function known<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`unreadable in this case: ${text}`)
  return value
}
