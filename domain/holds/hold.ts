import type { Claim } from '../meetings/meeting.ts'
import { formatInstant } from '../time/iso.ts'
import { type Instant, type Interval, MINUTE_MS, instant, plus } from '../time/instant.ts'

/** What a hold claims of one resource: rooms exclusively with their buffers, like a booking; people without exclusiveness. */
export interface HoldClaim extends Omit<Claim, 'recurrenceId'> {
  /** Where the room is; null: on no floor, or a person. */
  floorId: string | null
}

/**
 * A claim of one span of rooms and people for a few minutes, while somebody makes up his mind. It keeps others out, never
 * its owner, and is over at `expiresAt`, whether or not anybody has removed it by then.
 */
export interface Hold extends Interval {
  id: string
  /** Whose it is. */
  userId: string
  /** Since when he keeps the slot: of a hold that took over from one of his own there, when that one began. */
  createdAt: Instant
  expiresAt: Instant
  renewals: number
  claims: HoldClaim[]
}

export const HOLD_BOUNDS = {
  ttlMs: 10 * MINUTE_MS,
  defaultTtlMs: 5 * MINUTE_MS,
  renewals: 2,
  /** How long one person keeps a slot, renewed or placed anew: long enough to ask somebody, too short to sit on a room. */
  longestMs: 30 * MINUTE_MS,
  /** A handful of proposals side by side. More would be a way to keep a floor from everybody. */
  perPerson: 5,
  resources: 50,
} as const

export function isOver({ expiresAt }: Pick<Hold, 'expiresAt'>, now: Instant): boolean {
  return expiresAt <= now
}

/** Until when it holds if it is placed or renewed now. */
export function heldUntil(createdAt: Instant, now: Instant, ttlMs: number): Instant {
  return instant(Math.min(plus(now, ttlMs), plus(createdAt, HOLD_BOUNDS.longestMs)))
}

/** A hold as everybody sees it who may know of its resources: never whose it is. Times are ISO 8601. */
export interface HoldView {
  id: string
  resourceIds: string[]
  start: string
  end: string
  expiresAt: string
}

/** The same as its owner sees it. */
export interface OwnHoldView extends HoldView {
  renewalsLeft: number
}

export function holdView(hold: Hold, claims: readonly HoldClaim[] = hold.claims): HoldView {
  return {
    id: hold.id,
    resourceIds: claims.map(({ resourceId }) => resourceId).toSorted(),
    start: formatInstant(hold.start),
    end: formatInstant(hold.end),
    expiresAt: formatInstant(hold.expiresAt),
  }
}

/**
 * Moves with every renewal. Of its ETag the other half is how many resources it has: it may lose rooms, and never gains any, so
 * that each of its states has a tag of its own.
 */
export function holdVersion({ renewals }: Pick<Hold, 'renewals'>): number {
  return 1 + renewals
}

export function holdEtag({ renewalsLeft, resourceIds }: OwnHoldView): string {
  return `${holdVersion({ renewals: HOLD_BOUNDS.renewals - renewalsLeft })}.${resourceIds.length}`
}

export function ownHoldView(hold: Hold): OwnHoldView {
  return { ...holdView(hold), renewalsLeft: HOLD_BOUNDS.renewals - hold.renewals }
}
