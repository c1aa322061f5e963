import type { Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { Nap } from '../db/nap.ts'
import { type NewsRow, readNews, readPositions, voidCursors } from '../db/news-log.ts'
import { decodeEntry, entryId, positionOf, streamKey } from '../db/news-stream.ts'
import { createOutage } from '../db/outage.ts'
import { openRedis } from '../db/redis.ts'
import { SHARDS } from '../domain/news.ts'

export interface LogReaderDeps {
  /** As convoke_relay. */
  logPool: Pool
  redisUrl: string
  log: Logger
  /** Each event of an active shard, in order of position, none missing. */
  onRow: (row: NewsRow) => void
  /** Events of these shards will never come (the log was restored or cut): whoever watches there needs the state. */
  onLost: (shards: readonly number[]) => void
  /** How many events had to be read from the outbox. */
  onFilled: (count: number) => void
}

interface Shard {
  readonly id: number
  listeners: number
  /** The last event delivered; while nobody listens, the relay's position as last seen. */
  position: number
  /** Up to here events are known to exist. */
  target: number
  /** The last stream entry seen, delivered or not. */
  cursor: number
  /** What the comparison before this one found missing. */
  suspected: number
  filling: boolean
}

/** How long an XREAD waits: a shard that gets its first listener is read at the latest after this. */
const BLOCK_MS = 100
const READ_COUNT = 500
const COMPARE_MS = 500
/** With Redis away, or something missing: news comes by polling. */
const COMPARE_SOON_MS = 100
const FILL_PAGE = 500
/** Beyond this the state is cheaper for everybody than the events. */
const MAX_FILL = 10_000

/**
 * A node's eye on the log. Invariant: a row is delivered when its position is exactly one past the shard's; anything
 * that Redis leaves out is read from the outbox first. So a stream may be late, trimmed, flushed or gone: only time is
 * lost. Shards nobody listens to are not read; their position follows the relay's, and a join that begins there
 * afterwards reads a state that is at least as new.
 */
export class LogReader implements AsyncDisposable {
  readonly #deps: LogReaderDeps
  readonly #redis: Redis
  readonly #shards: Shard[]
  readonly #readPause = new Nap()
  readonly #comparePause = new Nap()
  readonly #done: Promise<unknown>
  readonly #seen = Promise.withResolvers<void>()
  #epoch: number | undefined
  #redisAway = true
  #stopped = false

  constructor(deps: LogReaderDeps) {
    this.#deps = deps
    this.#shards = Array.from({ length: SHARDS }, (_, id) => {
      return { id, listeners: 0, position: 0, target: 0, cursor: 0, suspected: 0, filling: false }
    })
    this.#redis = openRedis(deps.redisUrl, 'convoke_log_reader', deps.log)
    this.#done = Promise.all([this.#readStreams(), this.#compareForever()])
  }

  /** undefined until the log was seen for the first time: nobody can join before. */
  get epoch(): number | undefined {
    return this.#epoch
  }

  /** Resolves when the log was seen for the first time. */
  get seen(): Promise<void> {
    return this.#seen.promise
  }

  listen(shard: number): void {
    this.#shard(shard).listeners += 1
  }

  unlisten(shard: number): void {
    this.#shard(shard).listeners -= 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#redis.disconnect()
    this.#readPause.rouse()
    this.#comparePause.rouse()
    await this.#done
  }

  async #readStreams(): Promise<void> {
    while (!this.#stopped) {
      const active = this.#active()
      const epoch = this.#epoch ?? 0
      if (this.#redis.status !== 'ready' || active.length === 0) {
        if (this.#redis.status !== 'ready') this.#redisIsAway()
        else this.#redisAway = false
        await this.#readPause.rest(BLOCK_MS / 2)
        continue
      }
      try {
        const keys = active.map((shard) => streamKey(epoch, shard.id))
        const ids = active.map((shard) => entryId(Math.max(shard.cursor, shard.position)))
        const answer = await this.#redis.xread('COUNT', READ_COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids)
        this.#redisAway = false
        if (this.#epoch !== epoch) continue
        for (const [key, entries] of answer ?? []) {
          const shard = active[keys.indexOf(key)]
          if (shard !== undefined) for (const [id, fields] of entries) this.#take(shard, id, fields[1])
        }
      } catch {
        // openRedis has logged it; the comparison goes on meanwhile.
        this.#redisIsAway()
        await this.#readPause.rest(BLOCK_MS / 2)
      }
    }
  }

  #take(shard: Shard, id: string, text: string | undefined): void {
    const position = positionOf(id)
    shard.cursor = position
    if (position <= shard.position || shard.listeners === 0) return
    const row = position === shard.position + 1 ? decodeEntry(shard.id, id, text) : undefined
    if (row !== undefined) this.#deliver(shard, row)
    else this.#fill(shard, position)
  }

  #deliver(shard: Shard, row: NewsRow): void {
    shard.position = row.position
    this.#deps.onRow(row)
  }

  async #compareForever(): Promise<void> {
    const outage = createOutage(this.#deps.log, 'news log')
    while (!this.#stopped) {
      let behind = false
      try {
        behind = await this.#compare()
        outage.worked()
      } catch (error) {
        outage.failed(error)
      }
      const soon = behind || this.#redisAway || this.#epoch === undefined
      await this.#comparePause.rest(soon ? COMPARE_SOON_MS : COMPARE_MS)
    }
  }

  /** Whether a listened shard is behind the relay. What one comparison finds missing, the next one fills. */
  async #compare(): Promise<boolean> {
    const before = this.#shards.map((shard) => shard.position)
    const { epoch, positions } = await readPositions(this.#deps.logPool)
    const known = this.#epoch
    if (known !== epoch) {
      this.#restart(epoch, positions)
      if (known !== undefined) this.#deps.onLost(this.#shards.map((shard) => shard.id))
      return false
    }
    // The relay commits a position before anybody can see it, so one smaller than ours means: the log was restored.
    if (positions.some((position, shard) => position < (before[shard] as number))) {
      this.#deps.log.warn({ event: 'news.log_went_back' })
      await voidCursors(this.#deps.logPool, epoch)
      return true
    }
    let behind = false
    for (const shard of this.#shards) {
      const position = positions[shard.id] as number
      if (shard.listeners === 0) {
        this.#move(shard, Math.max(position, shard.position))
      } else if (position > shard.position) {
        behind = true
        // Redis usually delivers what is missing while we look.
        if (this.#redisAway) this.#fill(shard, position)
        else if (shard.suspected > shard.position) this.#fill(shard, shard.suspected)
        shard.suspected = position
      }
    }
    return behind
  }

  #restart(epoch: number, positions: readonly number[]): void {
    this.#epoch = epoch
    this.#seen.resolve()
    for (const shard of this.#shards) this.#move(shard, positions[shard.id] as number)
  }

  #move(shard: Shard, position: number): void {
    shard.position = position
    shard.target = position
    shard.cursor = position
    shard.suspected = position
  }

  /** Reads the outbox until `upTo` is delivered. One at a time per shard; stream entries may overtake it. */
  #fill(shard: Shard, upTo: number): void {
    shard.target = Math.max(shard.target, upTo)
    if (shard.filling) return
    shard.filling = true
    void this.#fillToTarget(shard)
      // The comparison finds the shard still behind and comes again.
      .catch(() => {})
      .finally(() => {
        shard.filling = false
      })
  }

  async #fillToTarget(shard: Shard): Promise<void> {
    while (shard.position < shard.target && shard.listeners > 0 && !this.#stopped) {
      const epoch = this.#epoch
      const { position: after, target } = shard
      const tooFar = target - after > MAX_FILL
      const range = { shard: shard.id, after, upTo: target, limit: FILL_PAGE }
      const rows = tooFar ? [] : await readNews(this.#deps.logPool, range)
      // Positions of another epoch mean other events.
      if (this.#epoch !== epoch) continue
      if (rows[0]?.position !== after + 1) {
        if (shard.position > after) continue
        this.#deps.log.warn({ event: 'news.lost', shard: shard.id, from: after, to: target })
        this.#move(shard, target)
        this.#deps.onLost([shard.id])
        return
      }
      const before = shard.position
      for (const row of rows) if (row.position === shard.position + 1) this.#deliver(shard, row)
      this.#deps.onFilled(shard.position - before)
    }
  }

  #redisIsAway(): void {
    if (this.#redisAway) return
    this.#redisAway = true
    this.#comparePause.rouse()
  }

  #active(): Shard[] {
    return this.#epoch === undefined ? [] : this.#shards.filter((shard) => shard.listeners > 0)
  }

  #shard(id: number): Shard {
    const shard = this.#shards[id]
    if (shard === undefined) throw new Error(`there is no shard ${id}`)
    return shard
  }
}
