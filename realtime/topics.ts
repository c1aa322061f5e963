import type { NewsRow } from '../db/news-log.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { shardOf } from '../domain/news.ts'
import { formatInstant } from '../domain/time/iso.ts'
import type { NewsItem } from './protocol.ts'

/**
 * One socket's interest in one topic.
 * - joining: its state is being read; news is kept in `buffer`.
 * - live: `seq` is the last event the client has or is about to get.
 * - stale: it missed events on purpose (slow) or by accident; the next thing it gets is a snapshot.
 * - gone: unwatched or replaced; nothing may be sent for it.
 */
export interface Watch {
  readonly watcherId: string
  actor: Actor
  readonly topic: string
  mode: 'joining' | 'live' | 'stale' | 'gone'
  seq: number
  buffer: NewsRow[]
  /** While joining: the state that is being read may be too old already. */
  outdated: boolean
}

/** What one socket gets in one tick. Equal `key`s within a tick mean equal items. */
export interface Delivery {
  watches: Watch[]
  key: string
  items: NewsItem[]
}

interface Topic {
  readonly shard: number
  readonly watches: Set<Watch>
  /** Events since the last tick. */
  pending: NewsRow[]
}

/** What a joining watch keeps; reading its state takes milliseconds, so more means that something is stuck. */
const MAX_BUFFERED = 1_000

export interface TopicsHooks {
  /** A topic of this shard has its first watch or lost its last one. */
  onTopic: (shard: number, watched: boolean) => void
  /** Whether this viewer may read the event: one that narrows who may must not reach those it leaves out. */
  mayRead: (actor: Actor, row: NewsRow) => boolean
}

/**
 * Who watches what on this node, and what each has been given. Pure state, no I/O. Invariant: per watch, events go out
 * with consecutive seqs from where its state, replay or cursor ended; otherwise the watch turns stale.
 */
export class Topics {
  readonly #hooks: TopicsHooks
  /** By organisation and topic: an id proves nothing about the wall between tenants. */
  readonly #topics = new Map<string, Topic>()
  readonly #news = new Set<Topic>()
  readonly #stale = new Set<Watch>()
  #watches = 0

  constructor(hooks: TopicsHooks) {
    this.#hooks = hooks
  }

  get size(): number {
    return this.#watches
  }

  get hasNews(): boolean {
    return this.#news.size > 0
  }

  /** Watches that wait for a snapshot. */
  get stale(): ReadonlySet<Watch> {
    return this.#stale
  }

  /** Listens at once; the caller then reads the state and calls `settle`. */
  join(watcherId: string, actor: Actor, topic: string): Watch {
    const watch: Watch = { watcherId, actor, topic, mode: 'joining', seq: 0, buffer: [], outdated: false }
    const key = keyOf(actor.organizationId, topic)
    let entry = this.#topics.get(key)
    if (entry === undefined) {
      entry = { shard: shardOf(topic), watches: new Set(), pending: [] }
      this.#topics.set(key, entry)
      this.#hooks.onTopic(entry.shard, true)
    }
    entry.watches.add(watch)
    this.#watches += 1
    return watch
  }

  leave(watch: Watch): void {
    if (watch.mode === 'gone') return
    watch.mode = 'gone'
    watch.buffer = []
    this.#stale.delete(watch)
    const key = keyOf(watch.actor.organizationId, watch.topic)
    const entry = this.#topics.get(key)
    if (entry === undefined || !entry.watches.delete(watch)) return
    this.#watches -= 1
    if (entry.watches.size > 0) return
    this.#topics.delete(key)
    this.#news.delete(entry)
    this.#hooks.onTopic(entry.shard, false)
  }

  /** A stale watch is about to read its state. */
  rejoin(watch: Watch): void {
    if (watch.mode !== 'stale') return
    this.#stale.delete(watch)
    watch.mode = 'joining'
  }

  /** The join ended at `seq`. Returns the events since, which the client must get before any other. */
  settle(watch: Watch, seq: number): NewsRow[] {
    if (watch.mode !== 'joining') return []
    const since = watch.buffer.filter((row) => row.seq > seq)
    const { outdated } = watch
    watch.mode = 'live'
    watch.seq = seq
    watch.buffer = []
    watch.outdated = false
    if (outdated || since.some((row, i) => row.seq !== seq + 1 + i)) {
      this.spoil(watch)
      return []
    }
    watch.seq = since.at(-1)?.seq ?? seq
    return since
  }

  /** The state could not be read. */
  fail(watch: Watch): void {
    if (watch.mode !== 'joining') return
    watch.mode = 'live'
    watch.buffer = []
    watch.outdated = false
    this.spoil(watch)
  }

  /** The watch lost its place: it gets the state instead of events. */
  spoil(watch: Watch): void {
    if (watch.mode === 'joining') watch.outdated = true
    if (watch.mode !== 'live') return
    watch.mode = 'stale'
    this.#stale.add(watch)
  }

  /** The rights of who watches are others: no more events until a state was read with them, or refused. */
  judgeAnew(watch: Watch, actor: Actor): void {
    watch.actor = actor
    this.spoil(watch)
  }

  /** Events of these shards were lost. */
  spoilShards(shards: readonly number[]): void {
    for (const topic of this.#topics.values()) {
      if (!shards.includes(topic.shard)) continue
      topic.pending = []
      this.#news.delete(topic)
      for (const watch of topic.watches) this.spoil(watch)
    }
  }

  /** Whether somebody here watches the topic. */
  push(row: NewsRow): boolean {
    const topic = this.#topics.get(keyOf(row.organizationId, row.topic))
    if (topic === undefined) return false
    topic.pending.push(row)
    this.#news.add(topic)
    // Whose right ended is asked for his state next, and is told there that the topic is closed to him.
    for (const watch of topic.watches) if (!this.#hooks.mayRead(watch.actor, row)) this.spoil(watch)
    return true
  }

  /** Takes everything since the last tick, by socket. Sockets that `mayTake` refuses get snapshots later. */
  drain(epoch: number, mayTake: (watcherId: string) => boolean): Map<string, Delivery> {
    const deliveries = new Map<string, Delivery>()
    let index = 0
    for (const topic of this.#news) {
      const rows = topic.pending
      topic.pending = []
      const items = rows.map((row) => newsItem(row, epoch))
      for (const watch of topic.watches) {
        const from = this.#advance(watch, rows)
        if (from === undefined) continue
        if (!mayTake(watch.watcherId)) this.spoil(watch)
        else add(deliveries, watch, `${index}.${from} `, from === 0 ? items : items.slice(from))
      }
      index += 1
    }
    this.#news.clear()
    return deliveries
  }

  /** Moves the watch to the end of `rows` and returns the index of the first one that is new to it. */
  #advance(watch: Watch, rows: readonly NewsRow[]): number | undefined {
    if (watch.mode === 'joining') {
      if (watch.buffer.length + rows.length > MAX_BUFFERED) watch.outdated = true
      else watch.buffer.push(...rows)
    }
    if (watch.mode !== 'live') return undefined
    const from = rows.findIndex((row) => row.seq > watch.seq)
    if (from === -1) return undefined
    for (let i = from; i < rows.length; i++) {
      if (rows[i]?.seq !== watch.seq + 1 + i - from) {
        this.spoil(watch)
        return undefined
      }
    }
    watch.seq += rows.length - from
    return from
  }
}

export function newsItem(row: NewsRow, epoch: number): NewsItem {
  const { topic, seq, type, at, data } = row
  return { topic, epoch, seq, type, at: formatInstant(at), data }
}

function add(deliveries: Map<string, Delivery>, watch: Watch, key: string, items: readonly NewsItem[]): void {
  const delivery = deliveries.get(watch.watcherId)
  if (delivery === undefined) deliveries.set(watch.watcherId, { watches: [watch], key, items: [...items] })
  else {
    delivery.watches.push(watch)
    delivery.key += key
    delivery.items.push(...items)
  }
}

function keyOf(organizationId: string, topic: string): string {
  return `${organizationId} ${topic}`
}
