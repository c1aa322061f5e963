import type { NewsRow } from '../db/news-log.ts'
import { shardOf } from '../domain/news.ts'

/** undefined: events were lost, so anything may have happened. */
export type OnNews = (row: NewsRow | undefined) => void

interface Followed {
  readonly shard: number
  readonly hooks: Set<OnNews>
}

/**
 * Who in this process is told at once that something happened on a topic, or may have. For who reads the truth anew whenever it may be
 * another: an event may come again, and after it was read. Pure state, no I/O.
 */
export class Followers {
  /** By organisation and topic. */
  readonly #topics = new Map<string, Followed>()
  readonly #onTopic: (shard: number, followed: boolean) => void

  /** `onTopic`: a topic of this shard has its first follower or lost its last one. */
  constructor(onTopic: (shard: number, followed: boolean) => void) {
    this.#onTopic = onTopic
  }

  /** What it returns ends it. */
  follow(organizationId: string, topic: string, hook: OnNews): () => void {
    const key = keyOf(organizationId, topic)
    let followed = this.#topics.get(key)
    if (followed === undefined) {
      followed = { shard: shardOf(topic), hooks: new Set() }
      this.#topics.set(key, followed)
      this.#onTopic(followed.shard, true)
    }
    const { hooks, shard } = followed
    hooks.add(hook)
    return () => {
      if (!hooks.delete(hook) || hooks.size > 0) return
      this.#topics.delete(key)
      this.#onTopic(shard, false)
    }
  }

  push(row: NewsRow): void {
    const followed = this.#topics.get(keyOf(row.organizationId, row.topic))
    if (followed !== undefined) for (const hook of followed.hooks) hook(row)
  }

  /** Events of these shards were lost: whatever is there may have changed. */
  lost(shards: readonly number[]): void {
    for (const { shard, hooks } of this.#topics.values())
      if (shards.includes(shard)) for (const hook of hooks) hook(undefined)
  }
}

function keyOf(organizationId: string, topic: string): string {
  return `${organizationId} ${topic}`
}
