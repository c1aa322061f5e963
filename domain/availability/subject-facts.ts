import type { RoomFacts } from '../meetings/ports.ts'
import type { WorkingHours } from '../people/user.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { Absence, TimeRules } from './person-rules.ts'

/** All that a standing query has to know of one person or room in some windows: times and kinds, nothing of what they are about. */
export type SubjectFacts = PersonFacts | RoomTimeFacts

export interface PersonFacts extends Taken {
  kind: 'person'
  hours: Hours
  rules: TimeRules
  absences: Absence[]
  /** Of each calendar he has connected elsewhere: when it was read last; null: never. */
  calendars: (Instant | null)[]
}

export interface RoomTimeFacts extends Taken {
  kind: 'room'
  room: RoomFacts
}

/** When a person works. The same object as long as it says the same, so that what is made of it is made once. */
export interface Hours {
  /** IANA name. */
  timezone: string
  weekly: WorkingHours
  dates: TimeRules['dates']
  /** Local days `YYYY-MM-DD`. */
  holidays: readonly string[]
}

interface Taken {
  id: string
  /** In no order. Those of the windows asked for, and somewhat beyond. */
  spans: TakenSpan[]
  holds: HeldSpan[]
}

export interface TakenSpan extends Interval {
  source: 'meeting' | 'external'
  /** Of a person; a room is taken all the same. */
  isTentative: boolean
  /** With the buffers that a room was claimed with. */
  blocked: Interval
  meetingId: string | null
  recurrenceId: string | null
}

export interface HeldSpan extends Interval {
  blocked: Interval
  /** Never told to anybody. */
  holderId: string
  expiresAt: Instant
}

/** By whom and when it is looked at: his own holds are free to him, and what is over is to everybody. */
export interface Viewer {
  userId: string
  now: Instant
}

export function standingHolds({ holds }: SubjectFacts, { userId, now }: Viewer): HeldSpan[] {
  return holds.filter(({ holderId, expiresAt }) => holderId !== userId && expiresAt > now)
}
