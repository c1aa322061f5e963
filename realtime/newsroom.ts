import type { NewsRow } from '../db/news-log.ts'
import { traceNews } from '../db/trace-news.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { mayReadNews } from '../domain/meetings/may-read-news.ts'
import type { Refusal } from '../domain/refusals.ts'
import { refuse } from '../domain/refusals.ts'
import { type Result, err, ok } from '../domain/result.ts'
import { formatInstant } from '../domain/time/iso.ts'
import { Followers, type OnNews } from './followers.ts'
import { LogReader } from './log-reader.ts'
import type { NewsDeps } from './news-deps.ts'
import { newsMetrics, type NewsMetrics } from './metrics.ts'
import { type NewsItem, type Payload, SNAPSHOT, type TopicClosed, type Watched } from './protocol.ts'
import { createTicker } from './ticker.ts'
import { type TopicRead, TopicReads } from './topic-reads.ts'
import { type Delivery, type Watch, Topics, newsItem } from './topics.ts'

/** Somebody on this node who is given news: a socket, a subscription, a document's door. */
export interface Watcher {
  readonly id: string
  readonly actor: Actor
  readonly watches: Map<string, Watch>
  /** Sends the same items to several watchers that have this very function, encoded once; without it each is sent to. */
  readonly sendToAll?: ((watcherIds: string[], items: readonly NewsItem[]) => void) | undefined
  send(items: readonly NewsItem[]): void
  /** The topic may not be watched any more; no more news of it comes. */
  closeTopic(closed: TopicClosed): void
  /** False: it gets the state when it has caught up, instead of these events. */
  mayTakeEvents(): boolean
  hasCaughtUp(): boolean
}

export interface Companion {
  leave(watcher: Pick<Watcher, 'id'>): void
  judgeAnew(watcher: Pick<Watcher, 'id' | 'actor'>): void
}

/** What a join says, and what must follow it before any other news. */
export interface Joined {
  answer: Watched
  follow: () => void
}

const TICK_MS = 15
/** Clients show a handful of rooms, people and meetings; a floor has dozens. */
const MAX_TOPICS_PER_SOCKET = 200

/** This node's part of the news: from the log through topics to those who watch, one array per tick. */
export class Newsroom implements AsyncDisposable {
  readonly #deps: NewsDeps
  readonly #topics: Topics
  readonly #reader: LogReader
  readonly #reads: TopicReads
  readonly #watchers = new Map<string, Watcher>()
  readonly #followers: Followers
  /** Others who serve the same watchers: told when one leaves, and when his rights are others. */
  readonly companions: Companion[] = []
  /** Of this tick, where traces are made. */
  #traced: { row: NewsRow; startedAt: number }[] = []
  readonly #metrics: NewsMetrics
  readonly #ticker = createTicker(TICK_MS, () => this.#tick())

  constructor(deps: NewsDeps) {
    this.#deps = deps
    const { log, logPool, redisUrl, pool, now, topicSources } = deps
    this.#metrics = newsMetrics(deps.metrics, { topicListeners: () => this.#topics.size })
    this.#reader = new LogReader({
      log,
      logPool,
      redisUrl,
      onRow: (row) => {
        this.#followers.push(row)
        if (!this.#topics.push(row)) return
        if (this.#deps.tracing !== undefined) this.#traced.push({ row, startedAt: this.#deps.now() })
        this.#ticker.due()
      },
      onLost: (shards) => {
        this.#topics.spoilShards(shards)
        this.#followers.lost(shards)
        this.refresh()
      },
      onFilled: (count) => this.#metrics.fills.inc(count),
    })
    const onTopic = (shard: number, watched: boolean) =>
      watched ? this.#reader.listen(shard) : this.#reader.unlisten(shard)
    this.#followers = new Followers(onTopic)
    this.#topics = new Topics({
      onTopic,
      mayRead: mayReadNews,
    })
    this.#reads = new TopicReads({
      pool,
      now,
      sources: topicSources,
      onError: (error) => log.error({ event: 'topic.read_failed', err: error }),
    })
  }

  /** Resolves when joins can be answered. */
  get ready(): Promise<void> {
    return this.#reader.seen
  }

  /** Of the log; undefined until it was seen. */
  get epoch(): number | undefined {
    return this.#reader.epoch
  }

  get hasStale(): boolean {
    return this.#topics.stale.size > 0
  }

  /** Calls back when something happened on a topic, or may have, for the node itself: no rights are asked. What it returns ends it. */
  follow(organizationId: string, topic: string, onNews: OnNews): () => void {
    return this.#followers.follow(organizationId, topic, onNews)
  }

  /** Lets somebody watch; `leave` ends it. */
  enter(watcher: Watcher): void {
    this.#watchers.set(watcher.id, watcher)
  }

  /** Joins at the client's cursor if the log still reaches back to it, else with the state. */
  async watch(watcher: Watcher, { topic, epoch, seq }: Payload<'topic.watch'>): Promise<Result<Joined, Refusal>> {
    const known = this.#reader.epoch
    if (known === undefined) return err(refuse('unavailable'))
    this.unwatch(watcher, topic)
    if (watcher.watches.size >= MAX_TOPICS_PER_SOCKET) {
      return err(refuse('too_large', `A socket watches at most ${MAX_TOPICS_PER_SOCKET} topics.`))
    }
    const watch = this.#topics.join(watcher.id, watcher.actor, topic)
    watcher.watches.set(topic, watch)
    const read = await this.#read(watch, epoch === known ? seq : undefined)
    if (watch.mode === 'gone') return err(refuse('stale', 'A later message about this topic, or the end, came before.'))
    if (!read.ok) {
      this.unwatch(watcher, topic)
      return read
    }
    const since = this.#topics.settle(watch, read.value.seq)
    return ok({
      answer: this.#answer(read.value),
      follow: () => {
        watcher.send(this.#items(since))
        this.refresh()
      },
    })
  }

  unwatch(watcher: Watcher, topic: string): void {
    const watch = watcher.watches.get(topic)
    if (watch === undefined) return
    watcher.watches.delete(topic)
    this.#topics.leave(watch)
  }

  /** The watcher's actor has other rights: each of its topics gets the state he may see by them, or is closed. */
  judgeAnew(watcher: Watcher): void {
    for (const watch of watcher.watches.values()) this.#topics.judgeAnew(watch, watcher.actor)
    for (const companion of this.companions) companion.judgeAnew(watcher)
    this.refresh()
  }

  leave(watcher: Watcher): void {
    this.#watchers.delete(watcher.id)
    for (const companion of this.companions) companion.leave(watcher)
    for (const watch of watcher.watches.values()) this.#topics.leave(watch)
    watcher.watches.clear()
  }

  /** Brings the state to watches that lost their place, as far as their sockets have caught up. */
  refresh(): void {
    for (const watch of this.#topics.stale) {
      const watcher = this.#watchers.get(watch.watcherId)
      if (watcher?.hasCaughtUp()) void this.#refreshOne(watcher, watch)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ticker.stop()
    await this.#reader[Symbol.asyncDispose]()
  }

  async #refreshOne(watcher: Watcher, watch: Watch): Promise<void> {
    this.#topics.rejoin(watch)
    const read = await this.#read(watch)
    if (watch.mode === 'gone') return
    if (read.ok && read.value.mode === 'snapshot') {
      const { seq, state } = read.value
      const since = this.#topics.settle(watch, seq)
      const at = formatInstant(this.#deps.now())
      const snapshot = { topic: watch.topic, epoch: this.#epoch, seq, type: SNAPSHOT, at, data: state }
      watcher.send([snapshot, ...this.#items(since)])
    } else if (!read.ok && read.error.code === 'not_found') {
      this.unwatch(watcher, watch.topic)
      watcher.closeTopic({ topic: watch.topic })
    } else this.#topics.fail(watch)
  }

  /** By the rights he has when the answer is there. */
  async #read(watch: Watch, after?: number): Promise<Result<TopicRead, Refusal>> {
    for (;;) {
      const { actor } = watch
      const read = await this.#reads.read(actor, watch.topic, after)
      if (watch.actor === actor) return read
    }
  }

  #tick(): void {
    const deliveries = this.#topics.drain(this.#epoch, (id) => this.#watchers.get(id)?.mayTakeEvents() ?? false)
    const now = this.#deps.now()
    for (const [watcherIds, items] of groups(deliveries)) {
      this.#sendToAll(watcherIds, items)
      for (const item of items) this.#metrics.delivery.observe(Math.max(0, now - Date.parse(item.at)) / 1000)
    }
    for (const { row, startedAt } of this.#traced) {
      traceNews(this.#deps.tracing, 'news delivery', [row], { kind: 'consumer', startedAt })
    }
    this.#traced = []
    if (this.#topics.stale.size > 0) this.refresh()
  }

  #sendToAll(watcherIds: readonly string[], items: readonly NewsItem[]): void {
    const watchers = watcherIds.flatMap((id) => this.#watchers.get(id) ?? [])
    for (const [sendToAll, same] of Map.groupBy(watchers, (watcher) => watcher.sendToAll)) {
      if (sendToAll === undefined) for (const watcher of same) watcher.send(items)
      else {
        sendToAll(
          same.map((watcher) => watcher.id),
          items,
        )
      }
    }
  }

  #answer(read: TopicRead): Watched {
    const { seq } = read
    const common = { epoch: this.#epoch, seq, node: this.#deps.nodeId }
    switch (read.mode) {
      case 'live':
        return { mode: 'live', ...common }
      case 'replay':
        return { mode: 'replay', ...common, events: this.#items(read.events) }
      case 'snapshot':
        return { mode: 'snapshot', ...common, state: read.state }
      default:
        return read satisfies never
    }
  }

  #items(rows: readonly NewsRow[]): NewsItem[] {
    return rows.map((row) => newsItem(row, this.#epoch))
  }

  get #epoch(): number {
    return this.#reader.epoch ?? 0
  }
}

/** Watchers that get the same items in this tick, together. */
function groups(deliveries: ReadonlyMap<string, Delivery>): Iterable<[string[], NewsItem[]]> {
  const byKey = new Map<string, [string[], NewsItem[]]>()
  for (const [watcherId, { key, items }] of deliveries) {
    const group = byKey.get(key)
    if (group === undefined) byKey.set(key, [[watcherId], items])
    else group[0].push(watcherId)
  }
  return byKey.values()
}
