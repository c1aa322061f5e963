import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { MeetingsTx } from '../meetings/ports.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { DocRef } from './doc-ref.ts'

/** A document in memory, as it was when it was read. */
export interface Replica {
  readonly ref: DocRef
}

export interface DocumentText {
  /** undefined: there is nothing to read in it. */
  title: string | undefined
  description: string
  /** Everything a person can read in the document. */
  searchText: string
}

/** A document while its row is locked. */
export interface LockedDocument {
  text: DocumentText
  /** When somebody last wrote in it. */
  changedAt: Instant
  /** Who did; undefined: nobody but the server. */
  authorId: string | undefined
  /** Its log since the newest snapshot. */
  log: { count: number; bytes: number }
}

/** What projecting needs of one transaction. Lock order: meeting, document, topic heads last. */
export interface DocumentsTx {
  meetings: MeetingsTx
  /**
   * Brings the replica up to date, puts right what breaks the schema and what only the server writes, and keeps the repair like
   * anybody's update. `emptyTitle(changedAt)` is what stands where the title is empty; undefined leaves it. undefined: there is
   * no such document any more.
   */
  lock(replica: Replica, emptyTitle: (changedAt: Instant) => string | undefined): Promise<LockedDocument | undefined>
  keepSearchText(replica: Replica, text: string): Promise<void>
  /** The whole document as it is; the log before the snapshot before goes. */
  snapshot(replica: Replica): Promise<void>
  /** The documents of single occurrences are to be projected as well. */
  wakeOccurrences(meetingId: string): Promise<void>
}

export interface DocumentsDeps extends Clock, Ids {
  /** undefined: it was never opened. */
  read(organizationId: string, ref: DocRef): Promise<Replica | undefined>
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Actor,
    now: Instant,
    work: (tx: DocumentsTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
