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

/** One instance, addressed for ever by the local start its rule gives it (CONTRACT.md, Scopes). */
export interface Occurrence extends Interval {
  recurrenceId: LocalTime
  status: OccurrenceStatus
}

/** A user of the organisation, or a guest known by e-mail only. */
export interface Participant {
  id: string
  userId: string | null
  email: string | null
  role: ParticipantRole
  response: ParticipantResponse
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

/** From which status a meeting may be changed or cancelled. */
export const ALLOWED = {
  change: ['tentative', 'pending', 'confirmed'],
  cancel: ['tentative', 'pending', 'confirmed'],
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
