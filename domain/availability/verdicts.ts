import { bufferMs } from '../meetings/claims.ts'
import { ruleViolation } from '../rooms/room.ts'
import { type Interval, overlaps, plus } from '../time/instant.ts'
import { zoneOrUtc } from '../time/zone.ts'
import { fillSpan, gridOver, spansOf } from './bitmap.ts'
import { blockedBits, startBounds } from './person-time.ts'
import { takenOf } from './subject-entry.ts'
import {
  type PersonFacts,
  type RoomTimeFacts,
  type SubjectFacts,
  type TakenSpan,
  type Viewer,
  standingHolds,
} from './subject-facts.ts'
import { workBits } from './work-time.ts'

/** What a person or room says to one span. Of a room everything but `free` means that booking it would be refused. */
export interface Verdict {
  id: string
  kind: 'person' | 'room'
  verdict: 'free' | 'busy' | 'tentative' | 'hold' | 'outside_hours' | 'absent' | 'rule' | 'unknown'
  /** A sentence without a title or a name of another. */
  reason: string
}

export interface JudgedSpan extends Interval {
  viewer: Viewer
  /** The meeting that is being moved, or one occurrence of it: it is never in its own way. */
  moved?: { meetingId: string; recurrenceId?: string | undefined } | undefined
  /** One of a series. */
  isRecurring: boolean
  /** People who want a seat, and seats in all rooms together; rooms are judged by both. */
  heads: number
  seats: number
}

/** Judges as a booking would be judged now: rooms by their rules, seats and claims (domain/meetings/claims.ts), people by what they have told of their time. */
export function verdictOf(facts: SubjectFacts, span: JudgedSpan): Verdict {
  const [verdict, reason] = facts.kind === 'room' ? roomVerdict(facts, span) : personVerdict(facts, span)
  return { id: facts.id, kind: facts.kind, verdict, reason }
}

type Said = readonly [verdict: Verdict['verdict'], reason: string]

const FREE: Said = ['free', 'Free then.']

function roomVerdict(facts: RoomTimeFacts, span: JudgedSpan): Said {
  const { room } = facts
  const { heads, seats, viewer } = span
  if (!room.isActive) return ['rule', 'This room is not in use.']
  if (heads > seats) return ['rule', `${heads} people need seats; there are ${seats}.`]
  const broken = ruleViolation(room.bookingRules, { ...span, now: viewer.now })
  if (broken !== undefined) return ['rule', broken]
  const blocked = {
    start: plus(span.start, -bufferMs(room, 'bufferBeforeMinutes')),
    end: plus(span.end, bufferMs(room, 'bufferAfterMinutes')),
  }
  const inTheWay = others(facts, span).filter((other) => overlaps(other.blocked, blocked))
  if (inTheWay.length > 0) {
    const isBuffer = inTheWay.every((other) => !overlaps(other, span))
    return ['busy', isBuffer ? 'It needs time between two bookings.' : 'Already booked then.']
  }
  const isHeld = standingHolds(facts, viewer).some((hold) => overlaps(hold.blocked, blocked))
  return isHeld ? ['hold', 'Somebody else holds it at the moment.'] : FREE
}

function personVerdict(facts: PersonFacts, span: JudgedSpan): Said {
  const { rules, absences } = facts
  const { viewer } = span
  const taken = others(facts, span)
  const inTheWay = taken.filter((other) => overlaps(other, span))
  if (inTheWay.some(({ source, isTentative }) => source === 'meeting' && !isTentative))
    return ['busy', 'In a meeting then.']
  if (inTheWay.some(({ isTentative }) => !isTentative)) return ['busy', 'Busy by another calendar then.']
  if (absences.some((absence) => overlaps(absence, span))) return ['absent', 'Away then.']
  if (standingHolds(facts, viewer).some((hold) => overlaps(hold, span)))
    return ['hold', 'Held by somebody else at the moment.']
  if (inTheWay.length > 0) return ['tentative', 'Tentatively in a meeting then.']
  const { notBefore, notAfter } = startBounds(rules, viewer.now)
  if (notBefore !== undefined && span.start < notBefore) return ['rule', 'Wants to know of meetings earlier.']
  if (notAfter !== undefined && span.start > notAfter) return ['rule', 'Takes no meetings that far ahead.']
  const grid = gridOver(span)
  const zone = zoneOrUtc(facts.hours.timezone)
  const kept = blockedBits(grid, { ...takenOf({ rules, absences, spans: taken }), zone })
  if (spansOf(kept, grid, span).length > 0) return ['rule', 'Keeps that time free, or has enough meetings that day.']
  const { weekly, dates, holidays } = facts.hours
  const working = workBits(grid, { zone, weekly, dates, holidays: new Set(holidays) })
  // What lies in the grid's last minutes but outside the span is nobody's question.
  fillSpan(working, grid, grid.firstWord * 32 * 60_000, span.start)
  const [first] = spansOf(working, grid, span)
  const isWithin = first !== undefined && first.start === span.start && first.end === span.end
  return isWithin ? FREE : ['outside_hours', 'Outside working hours.']
}

/** Without what is being moved. */
function others({ spans }: SubjectFacts, { moved }: JudgedSpan): TakenSpan[] {
  if (moved === undefined) return spans
  const { meetingId, recurrenceId } = moved
  return spans.filter(
    (span) => span.meetingId !== meetingId || (recurrenceId !== undefined && span.recurrenceId !== recurrenceId),
  )
}
