import type { Visibility } from '../identity/can.ts'
import { type Instant, type Interval, DAY_MS, plus } from '../time/instant.ts'
import type { LocalTime } from '../time/local-time.ts'

export type MeetingStatus = 'tentative' | 'pending' | 'confirmed' | 'cancelled'
export type OccurrenceStatus = MeetingStatus | 'conflicted'
export type ParticipantRole = 'required' | 'optional' | 'chair'
export type ParticipantResponse = 'needs_action' | 'accepted' | 'tentative' | 'declined'

/** A single meeting or a series. The wall clock (`localStart` in `timezone`) is its truth; instants are derived. */
export interface Meeting extends Interval {
  id: string
  organizerId: string
  title: string
  description: string
  status: MeetingStatus
  visibility: Visibility
  timezone: string
  localStart: LocalTime
  /** Canonical RRULE value; null for a single meeting. */
  rrule: string | null
  exdates: LocalTime[]
  rdates: LocalTime[]
  /** From midnight to midnight where it is, also on days of 23 or 25 hours. */
  allDay: boolean
  /** The occurrence of another series with which this one began; null when it was booked by itself. */
  splitFrom: OccurrenceRef | null
  /** UNTIL came from a split or a DELETE: it shifts with the series, where a client's keeps its instant. */
  endsBySplit: boolean
  /** The rule is expanded up to here, exclusive; Infinity when nothing is left to expand. */
  materialisedUntil: Instant
  tzVersion: string
  roomIds: string[]
  metadata: object
  version: number
  textRevision: number
  createdAt: Instant
  updatedAt: Instant
}

/** When a rule has an instance. */
export interface Slot extends Interval {
  recurrenceId: LocalTime
}

export interface OccurrenceRef {
  meetingId: string
  recurrenceId: LocalTime
}

/** One instance, addressed for ever by the local start its rule gives it (CONTRACT.md, Scopes). Its times and status are as they are, overrides applied. */
export interface Occurrence extends Interval {
  recurrenceId: LocalTime
  status: OccurrenceStatus
  /** What it has otherwise than its series; null: nothing. */
  override: Override | null
}

/** Property by property what one occurrence has of its own: an edit of the series leaves exactly these alone. */
export interface Override {
  /** Cancelled by itself, for the life of the meeting: no edit of the series brings it back. */
  cancelled?: true
  /** Moved: it stays there when the series moves. */
  start?: Instant
  /** An end of its own: its length goes along when the series moves. Milliseconds. */
  durationMs?: number
  title?: string
  description?: string
  visibility?: Visibility
  metadata?: object
  status?: Extract<MeetingStatus, 'tentative' | 'confirmed'>
  roomIds?: string[]
  /** Ids of participants, series-wide or of this occurrence only, with the role they have here. */
  participants?: { id: string; role: ParticipantRole }[]
  /** What participants answered for this occurrence, by their ids. */
  answers?: Record<string, Answer>
}

export interface Answer {
  response: ParticipantResponse
  comment: string | null
}

/** A user of the organisation, or a guest known by e-mail only. */
export interface Participant {
  id: string
  userId: string | null
  email: string | null
  role: ParticipantRole
  response: ParticipantResponse
  /** What he said with his answer. */
  comment: string | null
  /** false: invited to single occurrences only, whose overrides name him. */
  inSeries: boolean
}

/** The claim of one resource by one occurrence; `blocked…` includes the room's buffers. */
export interface Claim extends Interval {
  id: string
  resourceId: string
  resourceKind: 'room' | 'person'
  recurrenceId: LocalTime
  blockedFrom: Instant
  blockedUntil: Instant
  exclusive: boolean
}

/** From which status a meeting takes which step. */
export const ALLOWED = {
  change: ['tentative', 'pending', 'confirmed'],
  cancel: ['tentative', 'pending', 'confirmed'],
  restore: ['cancelled'],
  respond: ['tentative', 'pending', 'confirmed'],
} as const satisfies Record<string, readonly MeetingStatus[]>

/** The contract's bounds of one meeting and one command. */
export const BOUNDS = {
  durationMs: 14 * DAY_MS,
  rooms: 50,
  participants: 500,
  occurrences: 2_000,
  allocations: 20_000,
} as const

/** How far ahead of the later of today and its start a series is materialised: 13 months. */
export function horizonOf(now: Instant, start: Instant): Instant {
  return plus(start > now ? start : now, 396 * DAY_MS)
}

export function isLive(occurrence: Occurrence): boolean {
  return occurrence.status !== 'cancelled' && occurrence.status !== 'conflicted'
}
