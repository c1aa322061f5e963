import type { Actor } from '../domain/identity/actor.ts'
import type { Refusal } from '../domain/refusals.ts'
import { type Result, ok } from '../domain/result.ts'
import type { Ids } from '../domain/deps.ts'
import type { Newsroom, Watcher } from './newsroom.ts'
import { type NewsItem, SNAPSHOT } from './protocol.ts'
import { formatInstant } from '../domain/time/iso.ts'
import type { Clock } from '../domain/deps.ts'

export interface Cursor {
  epoch: number
  seq: number
}

/** What is not read yet; beyond it the reader gets the state instead. */
const MAX_QUEUED = 256

/**
 * News of one topic for a reader in this process (a GraphQL subscription). It starts like a socket's watch: with the state
 * as an item of type `snapshot`, or with what was missed since `after`. It ends when the topic may not be watched any more, or
 * with `signal`. Refuses like `topic.watch`.
 */
export async function followTopic(
  newsroom: Newsroom,
  deps: Clock & Ids,
  actor: Actor,
  { topic, after, signal }: { topic: string; after?: Cursor | undefined; signal: AbortSignal },
): Promise<Result<AsyncIterableIterator<NewsItem>, Refusal>> {
  const reader = new Reader(deps.newId(), actor)
  newsroom.enter(reader)
  const joined = await newsroom.watch(reader, { topic, ...after })
  if (!joined.ok) {
    newsroom.leave(reader)
    return joined
  }
  const { answer } = joined.value
  if (answer.mode === 'replay') reader.send(answer.events)
  if (answer.mode === 'snapshot') {
    const { epoch, seq, state } = answer
    reader.send([{ topic, epoch, seq, type: SNAPSHOT, at: formatInstant(deps.now()), data: state }])
  }
  joined.value.follow()
  // Also for who never began to read, and so will never come to an end.
  const stop = () => {
    reader.end()
    newsroom.leave(reader)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return ok(readOut(reader, newsroom, () => signal.removeEventListener('abort', stop)))
}

/** What is queued for a reader, as it comes; however it ends, the reader leaves. */
export async function* readOut(
  reader: Reader,
  source: Pick<Newsroom, 'refresh' | 'leave'>,
  onEnd: () => void,
): AsyncIterableIterator<NewsItem> {
  try {
    for (;;) {
      const item = await reader.next()
      if (item === undefined) return
      if (reader.hasCaughtUp()) source.refresh()
      yield item
    }
  } finally {
    onEnd()
    source.leave(reader)
  }
}

/** A watcher that is read at its own pace. Invariant: `queue` holds at most MAX_QUEUED events, snapshots aside. */
export class Reader implements Watcher {
  readonly id: string
  readonly actor: Actor
  readonly watches: Watcher['watches'] = new Map()
  readonly #queue: NewsItem[] = []
  #ended = false
  #wake: (() => void) | undefined

  constructor(id: string, actor: Actor) {
    this.id = id
    this.actor = actor
  }

  send(items: readonly NewsItem[]): void {
    this.#queue.push(...items)
    this.#wake?.()
  }

  closeTopic(): void {
    this.end()
  }

  mayTakeEvents(): boolean {
    return this.#queue.length < MAX_QUEUED
  }

  hasCaughtUp(): boolean {
    return this.#queue.length === 0
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** undefined: it has ended. What is queued is read out before. */
  async next(): Promise<NewsItem | undefined> {
    while (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#queue.shift()
  }
}
