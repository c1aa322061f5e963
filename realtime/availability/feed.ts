import type { Clock, Ids } from '../../domain/deps.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Refusal } from '../../domain/refusals.ts'
import { type Result, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { Reader, readOut } from '../news-feed.ts'
import { type NewsItem, SNAPSHOT } from '../protocol.ts'
import type { AvailabilityDesk } from './desk.ts'
import type { AvailabilityQuery } from './query.ts'

/**
 * A standing query for a reader in this process (a GraphQL subscription): the state as an item of type `snapshot`, then what has
 * changed. It ends when one of the subjects may not be seen any more, or with `signal`. Refuses like `availability.watch`.
 */
export async function followAvailability(
  { watches }: AvailabilityDesk,
  deps: Clock & Ids,
  actor: Actor,
  query: AvailabilityQuery,
  signal: AbortSignal,
): Promise<Result<AsyncIterableIterator<NewsItem>, Refusal>> {
  const reader = new Reader(deps.newId(), actor)
  const opened = await watches.open(reader, query)
  if (!opened.ok) return opened
  const { topic, epoch, seq, state } = opened.value.answer
  reader.send([{ topic, epoch, seq, type: SNAPSHOT, at: formatInstant(deps.now()), data: state }])
  opened.value.follow()
  // Also for who never began to read, and so will never come to an end.
  const stop = () => {
    reader.end()
    watches.leave(reader)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return ok(readOut(reader, watches, () => signal.removeEventListener('abort', stop)))
}
