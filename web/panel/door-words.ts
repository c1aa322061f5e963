import type { RoomBooking } from '../client/contract.ts'
import { isToday, momentWords, spanWords } from '../client/span-words.ts'
import { STATUS_WORDS } from '../client/status-words.ts'
import { timeIn } from '../client/zone.ts'
import type { RoomAt } from './state-at.ts'

/** What stands on the screen beside a door. */
export interface DoorWords {
  /** The one word that is read from afar. */
  word: string
  /** `until 14:30`. */
  until: string
  /** What it is about, where that may be read. */
  title: string
  next: string
}

export function doorWords(at: RoomAt, now: number, zone: string): DoorWords {
  const { status, current, next } = at
  return {
    word: STATUS_WORDS[status],
    until: untilWords(at, now, zone),
    title: current === null || status === 'reserved' ? titleOf(current, '') : titleOf(current, 'Reserved'),
    next: next === null ? 'Nothing else reserved' : `Next ${spanOf(next, now, zone)} · ${titleOf(next, 'Reserved')}`,
  }
}

/** What the room is about to do by itself, and may be told not to. */
export interface Warning {
  sentence: string
  /** `keep`: the one veto. `checkin`: somebody who is there says so. */
  answer: 'keep' | 'checkin'
}

export function warningOf({ status, current }: RoomAt, zone: string): Warning | undefined {
  if (current === null || current.warnedAt === null) return undefined
  const { warnedAt, keptAt, checkedInAt, releaseAt } = current
  if (status === 'reserved' && keptAt === null && releaseAt !== null) {
    const sentence = `This room is released at ${timeIn(zone, Date.parse(releaseAt))} unless somebody checks in.`
    return { sentence, answer: 'keep' }
  }
  // A warning from before the check-in is answered by it.
  const isAsked = status === 'checked_in' && checkedInAt !== null && warnedAt > checkedInAt && warnedAt > (keptAt ?? '')
  return isAsked ? { sentence: 'Nobody seems to be here any more. Is the meeting over?', answer: 'checkin' } : undefined
}

function untilWords({ status, current, next, freeUntil }: RoomAt, now: number, zone: string): string {
  if (status === 'overrun') return next ? `next booking ${startWords(next, now, zone)}` : 'the booking is over'
  if (current !== null) {
    return Date.parse(current.start) > now
      ? spanOf(current, now, zone)
      : `until ${momentWords(Date.parse(current.end), now, zone)}`
  }
  if (status !== 'free') return next === null ? '' : `next booking ${startWords(next, now, zone)}`
  return Number.isFinite(freeUntil) && isToday(freeUntil, now, zone) ? `until ${timeIn(zone, freeUntil)}` : 'today'
}

function startWords({ start }: RoomBooking, now: number, zone: string): string {
  const at = Date.parse(start)
  return at <= now ? `since ${timeIn(zone, at)}` : `at ${momentWords(at, now, zone)}`
}

function spanOf({ start, end }: RoomBooking, now: number, zone: string): string {
  return spanWords({ start: Date.parse(start), end: Date.parse(end) }, now, zone)
}

function titleOf(booking: RoomBooking | null, otherwise: string): string {
  if (booking?.title === undefined) return otherwise
  return booking.organizer === undefined ? booking.title : `${booking.title} · ${booking.organizer}`
}
