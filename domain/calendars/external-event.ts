import type { Interval } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'

/**
 * One instance of an event of somebody else's calendar. It belongs to the person who connected that calendar: nobody else sees
 * more of it than that the time is taken.
 */
export interface ExternalEvent extends Interval {
  /** A UUID made of integration, `uid` and `recurrenceId`: the same at every reading. */
  id: string
  /** As the calendar gives it; a long one is cut to its hash. */
  uid: string
  /** The local start that the event's rule gives it, in its own zone. A moved instance keeps it. */
  recurrenceId: LocalTime
  allDay: boolean
  /** Whether it takes its owner's time: not transparent, and longer than nothing. */
  busy: boolean
  status: 'confirmed' | 'tentative'
  summary: string
}

/** An event, or a part of one, that could not be read. Never a title. */
export interface Poison {
  uid?: string
  /** Of the file, from 1. */
  line?: number
  reason: string
}
