import type { LiveRoom } from '../client/floor-watch.ts'
import { roomNow } from '../client/room-now.ts'
import type { Span } from '../client/room-state.ts'
import { isToday, momentWords, spanWords } from '../client/span-words.ts'
import { timeIn } from '../client/zone.ts'

/** `soon`: free, but not for long. */
export type Tone = 'free' | 'soon' | 'busy' | 'unknown'

export interface RoomWords {
  tone: Tone
  headline: string
  /** What comes next. */
  next: string
}

const SOON_MS = 15 * 60_000

/** What a card says about its room at this moment, in the building's own time. */
export function roomWords(room: LiveRoom | undefined, now: number, zone: string): RoomWords {
  if (room === undefined) return { tone: 'unknown', headline: 'Looking…', next: '' }
  if (room.closed) return { tone: 'unknown', headline: 'Not shown any more', next: 'This room may have been removed.' }
  const { current, next, freeAt } = roomNow(room.spans, now)
  if (current !== undefined) {
    const until = `${current.kind === 'hold' ? 'Held' : 'In use'} until ${momentWords(current.end, now, zone)}`
    return { tone: 'busy', headline: until, next: afterCurrent(current, next, freeAt, now, zone) }
  }
  if (next === undefined || !isToday(next.start, now, zone)) {
    const later = next === undefined ? 'Nothing else reserved' : `Reserved ${spanWords(next, now, zone)} next`
    return { tone: 'free', headline: 'Free today', next: later }
  }
  return {
    tone: next.start - now <= SOON_MS ? 'soon' : 'free',
    headline: `Free until ${timeIn(zone, next.start)}`,
    next: `Reserved ${spanWords(next, now, zone)} next`,
  }
}

function afterCurrent(current: Span, next: Span | undefined, freeAt: number, now: number, zone: string): string {
  if (next === undefined || !isToday(next.start, now, zone)) return 'Then free for the rest of the day'
  const reserved = `Reserved ${spanWords(next, now, zone)} next`
  return next.start <= current.end ? `${reserved}, free at ${momentWords(freeAt, now, zone)}` : reserved
}
