import type { RoomAt } from './state-at.ts'

/** A number of minutes somebody may take. */
export interface Choice {
  minutes: number
  /** It ends when the next booking begins. */
  isUntilNext: boolean
}

const MINUTE_MS = 60_000
const WALK_UPS = [15, 30, 45, 60]
const EXTENSIONS = [15, 30]
/** Less is not worth a booking. */
const SHORTEST = 5
/** "Until the next one" is a whole day otherwise. */
const LONGEST_UNTIL_NEXT = 120

/** What fits before the next booking; whatever else stands against it, the server says. */
export function walkUpChoices({ status, freeUntil }: RoomAt, now: number): Choice[] {
  if (status !== 'free') return []
  const left = Math.floor((freeUntil - now) / MINUTE_MS)
  const choices = WALK_UPS.filter((minutes) => minutes <= left).map((minutes) => ({ minutes, isUntilNext: false }))
  const isNew = left >= SHORTEST && left <= LONGEST_UNTIL_NEXT && !WALK_UPS.includes(left)
  return isNew ? [...choices, { minutes: left, isUntilNext: true }] : choices
}

export function extensions({ status, current, next }: RoomAt): number[] {
  if (current === null || (status !== 'checked_in' && status !== 'overrun')) return []
  const left = next === null ? Infinity : (Date.parse(next.start) - Date.parse(current.end)) / MINUTE_MS
  return EXTENSIONS.filter((minutes) => minutes <= left)
}
