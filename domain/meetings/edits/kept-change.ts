import type { Visibility } from '../../identity/can.ts'
import type { LocalTime } from '../../time/local-time.ts'

/** What became of one property. Of `description`, `metadata` and `comment` only that they changed: both are empty. */
export interface PropertyChange {
  before?: unknown
  after?: unknown
}

/** In the order in which an entry names them. */
export const PROPERTIES = [
  ...(['startTime', 'endTime', 'timezone', 'recurrencePattern', 'title', 'description'] as const),
  ...(['status', 'visibility', 'roomIds', 'metadata', 'participants', 'response', 'comment'] as const),
]
export type ChangedProperty = (typeof PROPERTIES)[number]

/**
 * By property, as the doors name them. `participants` holds those who came, went or got another role: `{ userId | email, role }`;
 * `response` and `comment` are those of the one who answered; `reason` says why it was cancelled, by who said so; `leftOut` names
 * the occurrences that were cancelled because something stood in their way.
 */
export type Changes = Partial<Record<ChangedProperty | 'reason' | 'leftOut', PropertyChange>>

/** One entry of a meeting's history, as a command hands it to the store. */
export interface KeptChange {
  meetingId: string
  /** Who did it, and in whose name if he is a delegate. */
  actorId: string
  onBehalfOf: string | null
  /** As in the audit: `meeting.change`, `participant.respond`, … */
  action: string
  scope: 'this' | 'following' | 'all'
  recurrenceId: LocalTime | null
  /** Of the meeting after it. */
  version: number
  changes: Changes
  /** Of one occurrence, who may read what became of it; null: who may read the meeting. */
  sight: Sight | null
}

/** Of an occurrence as it was changed, before and after. */
export interface Sight {
  /** `organization` only if it was open both times. */
  visibility: Visibility
  /** The users who were invited to it while it was not open, or to what it became; null: those of the series. */
  userIds: string[] | null
}
