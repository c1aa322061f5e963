import type { LocalTime } from '../../time/local-time.ts'

/** What became of one property. Of `description` only that it changed: both are empty. */
export interface PropertyChange {
  before?: unknown
  after?: unknown
}

/** In the order in which an entry names them. */
export const PROPERTIES = [
  ...(['startTime', 'endTime', 'timezone', 'recurrencePattern', 'title', 'description'] as const),
  ...(['status', 'visibility', 'roomIds', 'participants', 'response'] as const),
]
export type ChangedProperty = (typeof PROPERTIES)[number]

/**
 * By property, as the doors name them. `participants` holds those who came, went or got another role: `{ userId | email, role }`;
 * `response` is that of the one who answered; `reason` says why it was cancelled, by who said so.
 */
export type Changes = Partial<Record<ChangedProperty | 'reason', PropertyChange>>

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
}
