import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { Entry, MeetingsTx } from '../meetings/ports.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { Hold } from './hold.ts'
import type { HoldEnd } from './hold-news.ts'

/** A resource that was not granted, and what stands there (undefined: it was gone again when we looked). */
export interface LostResource {
  resourceId: string
  blocker: (Interval & { kind: 'booking' | 'hold' }) | undefined
}

/** What commands on holds need of one transaction. Lock order: the owner or the hold, allocations, the rest, topic heads last. */
export interface HoldsTx {
  meetings: MeetingsTx
  /** Nobody places a hold for this person until the transaction ends. His holds, also those that are over. */
  lockOwner(userId: string): Promise<Hold[]>
  /** Locks it; undefined when there is none (any more). */
  load(id: string): Promise<Hold | undefined>
  /**
   * Writes the hold with all its claims and makes its end due. What is over gives way, and so do rooms that its owner holds
   * already: his other hold is left with the rest. Answers what it did not get.
   */
  place(hold: Hold): Promise<LostResource[]>
  /** Writes until when it holds, and how often it was renewed. */
  renew(hold: Pick<Hold, 'id' | 'expiresAt' | 'renewals'>): Promise<Hold>
  /** Takes it away; that is told with whatever is recorded. */
  end(hold: Hold, type: HoldEnd): Promise<void>
  /** Last of all: it locks the topic heads. */
  record(entry: Entry): Promise<void>
}

export interface HoldsDeps extends Clock, Ids {
  tzVersion: string
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: HoldsTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
