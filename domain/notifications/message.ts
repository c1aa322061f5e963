import type { Meeting, Participant } from '../meetings/meeting.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'

export type MessageKind = 'invitation' | 'change' | 'cancellation' | 'reminder' | 'conflict'

/** `inbox` is what clients are told live; `email` what is handed in. */
export type Channel = 'email' | 'inbox'

/** `dropped`: no longer true when its turn came. `unknown`: handed in, and nobody can say whether it arrived. */
export type MessageStatus = 'queued' | 'sending' | 'sent' | 'failed' | 'unknown' | 'dropped'

/** What one person is told of one meeting. One message per (event, recipient, channel), ever. */
export interface Message {
  eventKey: string
  /** A user's id, or the e-mail address of a guest. */
  recipient: string
  channel: Channel
  kind: MessageKind
  meetingId: string
  content: MessageContent
}

/** The occurrences it is about and no others; the rest is read again when it is written. */
export interface MessageContent {
  /** What the recipient knew it as; only of what he is not expected at any more. */
  title?: string
  occurrences: TellOccurrence[]
  /** How many more there are. */
  more: number
}

export interface TellOccurrence extends Interval {
  recurrenceId: LocalTime
  /** Its own, where that is not its series'. */
  title?: string
  /** Where it was before. */
  was?: Interval
  /** It does not take place any more. */
  isGone?: true
}

/** Enough to know what happened; a long series is not listed in a mail. */
const MAX_TOLD = 10

export function contentOf(occurrences: readonly TellOccurrence[]): MessageContent {
  const inOrder = occurrences.toSorted((a, b) => a.start - b.start)
  return { occurrences: inOrder.slice(0, MAX_TOLD), more: Math.max(0, inOrder.length - MAX_TOLD) }
}

/** Who is told about a meeting: who organises it and who was invited and has not declined, each once. */
export function recipientsOf(meeting: Pick<Meeting, 'organizerId'>, participants: readonly Participant[]): string[] {
  const declined = new Set(participants.filter((p) => p.response === 'declined').map(recipientOf))
  return [...new Set([meeting.organizerId, ...participants.map(recipientOf)])].filter((who) => !declined.has(who))
}

export function isGuest(recipient: string): boolean {
  return recipient.includes('@')
}

function recipientOf(participant: Participant): string {
  return participant.userId ?? (participant.email as string)
}

/** Late is worse than never: who needed it is there by then. */
export function isTooLate(start: Instant, now: Instant): boolean {
  return now >= start + REMINDER_GRACE_MS
}
export const REMINDER_GRACE_MS = 600_000
