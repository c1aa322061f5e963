import type { NewsRow } from '../db/news-log.ts'
import { mayReadNews } from '../domain/meetings/may-read-news.ts'
import type { Refusal } from '../domain/refusals.ts'
import { refuse } from '../domain/refusals.ts'
import { type Result, err, ok } from '../domain/result.ts'
import { formatInstant } from '../domain/time/iso.ts'
import type { Connection } from './connection.ts'
import type { RealtimeDeps } from './deps.ts'
import { LogReader } from './log-reader.ts'
import type { RealtimeMetrics } from './metrics.ts'
import { type NewsItem, type Payload, SNAPSHOT, type Watched } from './protocol.ts'
import { createTicker } from './ticker.ts'
import { type TopicRead, TopicReads } from './topic-reads.ts'
import { type Delivery, type Watch, Topics, newsItem } from './topics.ts'

export interface NewsroomDeps extends Pick<
  RealtimeDeps,
  'pool' | 'logPool' | 'redisUrl' | 'log' | 'nodeId' | 'now' | 'topicSources'
> {
  connections: ReadonlyMap<string, Connection>
  metrics: () => RealtimeMetrics
  /** Sends the items to all these sockets, encoded once. */
  emit: (socketIds: string[], items: readonly NewsItem[]) => void
}

/** What a join says, and what must follow it before any other news. */
export interface Joined {
  answer: Watched
  follow: () => void
}

const TICK_MS = 15
/** Clients show a handful of rooms, people and meetings; a floor has dozens. */
const MAX_TOPICS_PER_SOCKET = 200

/** This node's part of the news: from the log through topics to sockets, one array event per tick. */
export class Newsroom implements AsyncDisposable {
  readonly #deps: NewsroomDeps
  readonly #topics: Topics
  readonly #reader: LogReader
  readonly #reads: TopicReads
  readonly #ticker = createTicker(TICK_MS, () => this.#tick())

  constructor(deps: NewsroomDeps) {
    this.#deps = deps
    const { log, logPool, redisUrl, pool, now, topicSources } = deps
    this.#reader = new LogReader({
      log,
      logPool,
      redisUrl,
      onRow: (row) => {
        if (this.#topics.push(row)) this.#ticker.due()
      },
      onLost: (shards) => {
        this.#topics.spoilShards(shards)
        this.refresh()
      },
      onFilled: (count) => deps.metrics().fills.inc(count),
    })
    this.#topics = new Topics({
      onTopic: (shard, watched) => (watched ? this.#reader.listen(shard) : this.#reader.unlisten(shard)),
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

  get listeners(): number {
    return this.#topics.size
  }

  get hasStale(): boolean {
    return this.#topics.stale.size > 0
  }

  /** Joins at the client's cursor if the log still reaches back to it, else with the state. */
  async watch(connection: Connection, { topic, epoch, seq }: Payload<'topic.watch'>): Promise<Result<Joined, Refusal>> {
    const known = this.#reader.epoch
    if (known === undefined) return err(refuse('unavailable'))
    this.unwatch(connection, topic)
    if (connection.watches.size >= MAX_TOPICS_PER_SOCKET) {
      return err(refuse('too_large', `A socket watches at most ${MAX_TOPICS_PER_SOCKET} topics.`))
    }
    const watch = this.#topics.join(connection.id, connection.actor, topic)
    connection.watches.set(topic, watch)
    const read = await this.#reads.read(connection.actor, topic, epoch === known ? seq : undefined)
    if (watch.mode === 'gone') return err(refuse('stale', 'A later message about this topic, or the end, came before.'))
    if (!read.ok) {
      this.unwatch(connection, topic)
      return read
    }
    const since = this.#topics.settle(watch, read.value.seq)
    return ok({
      answer: this.#answer(read.value),
      follow: () => {
        connection.send(this.#items(since))
        this.refresh()
      },
    })
  }

  unwatch(connection: Connection, topic: string): void {
    const watch = connection.watches.get(topic)
    if (watch === undefined) return
    connection.watches.delete(topic)
    this.#topics.leave(watch)
  }

  leave(connection: Connection): void {
    for (const watch of connection.watches.values()) this.#topics.leave(watch)
    connection.watches.clear()
  }

  /** Brings the state to watches that lost their place, as far as their sockets have caught up. */
  refresh(): void {
    for (const watch of this.#topics.stale) {
      const connection = this.#deps.connections.get(watch.watcherId)
      if (connection?.hasCaughtUp()) void this.#refreshOne(connection, watch)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ticker.stop()
    await this.#reader[Symbol.asyncDispose]()
  }

  async #refreshOne(connection: Connection, watch: Watch): Promise<void> {
    this.#topics.rejoin(watch)
    const read = await this.#reads.read(watch.actor, watch.topic)
    if (watch.mode === 'gone') return
    if (read.ok && read.value.mode === 'snapshot') {
      const { seq, state } = read.value
      const since = this.#topics.settle(watch, seq)
      const at = formatInstant(this.#deps.now())
      const snapshot = { topic: watch.topic, epoch: this.#epoch, seq, type: SNAPSHOT, at, data: state }
      connection.send([snapshot, ...this.#items(since)])
    } else if (!read.ok && read.error.code === 'not_found') {
      this.unwatch(connection, watch.topic)
      connection.closeTopic({ topic: watch.topic })
    } else this.#topics.fail(watch)
  }

  #tick(): void {
    const deliveries = this.#topics.drain(this.#epoch, (id) => this.#deps.connections.get(id)?.mayTakeEvents() ?? false)
    const { delivery } = this.#deps.metrics()
    const now = this.#deps.now()
    for (const [socketIds, items] of groups(deliveries)) {
      this.#deps.emit(socketIds, items)
      for (const item of items) delivery.observe(Math.max(0, now - Date.parse(item.at)) / 1000)
    }
    if (this.#topics.stale.size > 0) this.refresh()
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

/** Sockets that get the same items in this tick, together. */
function groups(deliveries: ReadonlyMap<string, Delivery>): Iterable<[string[], NewsItem[]]> {
  const byKey = new Map<string, [string[], NewsItem[]]>()
  for (const [socketId, { key, items }] of deliveries) {
    const group = byKey.get(key)
    if (group === undefined) byKey.set(key, [[socketId], items])
    else group[0].push(socketId)
  }
  return byKey.values()
}
