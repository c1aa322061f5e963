import type { Actor } from '../../domain/identity/actor.ts'
import type { Passwords } from '../../domain/identity/ports.ts'
import type { Refusal } from '../../domain/refusals.ts'
import type { Result } from '../../domain/result.ts'
import type { Interval } from '../../domain/time/instant.ts'
import type { ApiDeps } from '../deps.ts'

/** What GraphQL is given by the composition root, beside what the whole HTTP tier has. */
export interface GraphDeps extends ApiDeps {
  identity: { passwords: Passwords }
  /** Nobody may ask for the schema, nor is told what he might have meant. */
  production: boolean
  /** News of one topic; undefined on a node that has none. */
  follow: () => FollowTopic | undefined
  /** Standing queries; absent or undefined on a node that has none. */
  standing?: () => FollowAvailability | undefined
}

/**
 * The state as an item of type `snapshot`, or what was missed since `after`; then everything that happens. It ends with `signal`,
 * and by itself when the topic may not be watched any more.
 */
export type FollowTopic = (
  actor: Actor,
  watch: { topic: string; after?: Cursor | undefined; signal: AbortSignal },
) => Promise<Result<AsyncIterableIterator<LiveItem>, Refusal>>

/** The state as an item of type `snapshot`, then what has changed; it ends like a followed topic. */
export type FollowAvailability = (
  actor: Actor,
  query: AvailabilityAsked,
  signal: AbortSignal,
) => Promise<Result<AsyncIterableIterator<LiveItem>, Refusal>>

export interface AvailabilityAsked {
  subjects: { id: string; kind: 'person' | 'room' }[]
  window: Interval
  granularityMinutes: number
  durationMinutes?: number | undefined
  required?: string[] | undefined
}

export interface Cursor {
  epoch: number
  seq: number
}

/** One fact of the log, as on the socket. The same object is given to everybody who watches the topic. */
export interface LiveItem extends Cursor {
  topic: string
  type: string
  /** ISO 8601. */
  at: string
  data: unknown
}
