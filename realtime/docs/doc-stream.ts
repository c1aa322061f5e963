import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { Nap } from '../../db/nap.ts'
import { openRedis } from '../../db/redis.ts'
import { SHARDS, shardOf } from '../../domain/news.ts'

/** What one node tells the others of one document. */
export interface DocEntry {
  /** One life of one process. */
  instance: string
  /** `<organisation>/<document>`. */
  key: string
  /** Counts the instance's updates of this document: a number that is missing was lost on the way. 0: no updates. */
  count: number
  updates: Uint8Array[]
  awareness: Uint8Array | undefined
  stored: StoredTurns[]
  /** Who opens a document wants to know who is in it. */
  asksAwareness: boolean
}

/** `seq` of the stored log holds an instance's updates from `from` to `to`; 0: read it there. */
export interface StoredTurns {
  seq: number
  from: number
  to: number
}

export interface DocStreamDeps {
  redisUrl: string
  log: Logger
  instance: string
  onEntry: (entry: DocEntry) => void
  /** Entries may have been missed. */
  onGap: () => void
}

/** Enough for seconds of a busy shard; what is older is read from PostgreSQL. */
const STREAM_LENGTH = 5_000
/** Larger updates travel through PostgreSQL: the stream's memory is Redis's. */
const MAX_STREAMED_BYTES = 65_536
const BLOCK_MS = 100
/** What comes so close together, of all documents, is written at once and read at once: each is a system call here and in Redis. */
const GATHER_MS = 3
const READ_COUNT = 500
const FIELD = 'e'

/**
 * The short way between nodes: a Redis stream per shard, read from this node's own cursor. It may lose anything at any time:
 * who reads it compares himself with the store.
 */
export class DocStream implements AsyncDisposable {
  readonly #deps: DocStreamDeps
  readonly #reader: Redis
  readonly #writer: Redis
  readonly #listeners = Array.from({ length: SHARDS }, () => 0)
  /** The last entry seen of each shard that is listened to; undefined: not known yet. */
  readonly #cursors: (string | undefined)[] = []
  /** What is to be written together. */
  #turn: { shard: number; bytes: Buffer; done: (isLogged: boolean) => void }[] = []
  readonly #pause = new Nap()
  readonly #done: Promise<void>
  #away = true
  #stopped = false

  constructor(deps: DocStreamDeps) {
    this.#deps = deps
    this.#reader = openRedis(deps.redisUrl, 'convoke_docs_reader', deps.log)
    this.#writer = openRedis(deps.redisUrl, 'convoke_docs_writer', deps.log)
    this.#done = this.#readForever()
  }

  get isAway(): boolean {
    return this.#away
  }

  /** Resolves when whatever is added from now on will be read, or Redis is away. */
  async listen(key: string): Promise<void> {
    const shard = shardOf(key)
    this.#listeners[shard] = (this.#listeners[shard] ?? 0) + 1
    if (this.#cursors[shard] === undefined) await this.#findEnd(shard)
    this.#pause.rouse()
  }

  unlisten(key: string): void {
    const shard = shardOf(key)
    const left = (this.#listeners[shard] ?? 1) - 1
    this.#listeners[shard] = left
    if (left === 0) this.#cursors[shard] = undefined
  }

  /** False: the others do not get it this way. */
  publish(entry: Omit<DocEntry, 'instance'>): Promise<boolean> {
    if (this.#writer.status !== 'ready') return Promise.resolve(false)
    const bytes = Buffer.from(encodeEntry({ ...entry, instance: this.#deps.instance }))
    return new Promise((done) => {
      if (this.#turn.length === 0) setTimeout(() => void this.#write(), GATHER_MS)
      this.#turn.push({ shard: shardOf(entry.key), bytes, done })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#reader.disconnect()
    this.#pause.rouse()
    await this.#done
    this.#writer.disconnect()
  }

  async #write(): Promise<void> {
    const turn = this.#turn
    this.#turn = []
    const pipeline = this.#writer.pipeline()
    for (const { shard, bytes } of turn) {
      pipeline.xadd(streamKey(shard), 'MAXLEN', '~', STREAM_LENGTH, '*', FIELD, bytes)
    }
    // openRedis has logged what is wrong.
    const answers = (await pipeline.exec().catch(() => undefined)) ?? []
    for (const [i, { done }] of turn.entries()) done(answers[i] !== undefined && answers[i][0] === null)
  }

  async #readForever(): Promise<void> {
    while (!this.#stopped) {
      const shards = this.#listened()
      if (this.#reader.status !== 'ready' || shards.length === 0) {
        this.#away = this.#reader.status !== 'ready'
        await this.#pause.rest(BLOCK_MS / 2)
        continue
      }
      try {
        for (const shard of shards) if (this.#cursors[shard] === undefined) await this.#findEnd(shard)
        const known = shards.filter((shard) => this.#cursors[shard] !== undefined)
        const ids = known.map((shard) => this.#cursors[shard] as string)
        const keys = known.map(streamKey)
        const answer = await this.#reader.xreadBuffer(
          'COUNT',
          READ_COUNT,
          'BLOCK',
          BLOCK_MS,
          'STREAMS',
          ...keys,
          ...ids,
        )
        if (this.#away) {
          this.#away = false
          this.#deps.onGap()
        }
        for (const [key, entries] of answer ?? []) this.#take(known[keys.indexOf(String(key))] as number, entries)
        if (answer !== null) await this.#pause.rest(GATHER_MS)
      } catch {
        this.#away = true
        await this.#pause.rest(BLOCK_MS / 2)
      }
    }
  }

  #take(shard: number, entries: readonly (readonly [Buffer, readonly Buffer[]])[]): void {
    for (const [id, fields] of entries) {
      if (this.#cursors[shard] !== undefined) this.#cursors[shard] = String(id)
      const entry = decodeEntry(fields[1])
      if (entry !== undefined && entry.instance !== this.#deps.instance) this.#deps.onEntry(entry)
    }
  }

  async #findEnd(shard: number): Promise<void> {
    if (this.#writer.status !== 'ready') return
    try {
      const [last] = await this.#writer.xrevrange(streamKey(shard), '+', '-', 'COUNT', 1)
      if (this.#listeners[shard] !== 0) this.#cursors[shard] ??= last?.[0] ?? '0-0'
    } catch {
      // Found when Redis is back.
    }
  }

  #listened(): number[] {
    return this.#listeners.flatMap((count, shard) => (count > 0 ? [shard] : []))
  }
}

/** Whether a turn's updates may travel by the stream. */
export function isStreamable(updates: readonly Uint8Array[]): boolean {
  return updates.reduce((sum, update) => sum + update.length, 0) <= MAX_STREAMED_BYTES
}

function streamKey(shard: number): string {
  return `docs:{${shard}}`
}

function encodeEntry(entry: DocEntry): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarString(encoder, entry.instance)
  encoding.writeVarString(encoder, entry.key)
  encoding.writeVarUint(encoder, entry.count)
  encoding.writeVarUint(encoder, entry.updates.length)
  for (const update of entry.updates) encoding.writeVarUint8Array(encoder, update)
  encoding.writeVarUint8Array(encoder, entry.awareness ?? new Uint8Array())
  encoding.writeVarUint(encoder, entry.asksAwareness ? 1 : 0)
  encoding.writeVarUint(encoder, entry.stored.length)
  for (const { seq, from, to } of entry.stored) {
    encoding.writeVarUint(encoder, seq)
    encoding.writeVarUint(encoder, from)
    encoding.writeVarUint(encoder, to)
  }
  return encoding.toUint8Array(encoder)
}

/** undefined: not an entry of ours. Its content is in the store, or was never acknowledged. */
function decodeEntry(bytes: Buffer | undefined): DocEntry | undefined {
  if (bytes === undefined) return undefined
  try {
    const decoder = decoding.createDecoder(bytes)
    const instance = decoding.readVarString(decoder)
    const key = decoding.readVarString(decoder)
    const count = decoding.readVarUint(decoder)
    const updates = Array.from({ length: decoding.readVarUint(decoder) }, () => decoding.readVarUint8Array(decoder))
    const awareness = decoding.readVarUint8Array(decoder)
    const asks = decoding.readVarUint(decoder)
    const stored = Array.from({ length: decoding.readVarUint(decoder) }, () => ({
      seq: decoding.readVarUint(decoder),
      from: decoding.readVarUint(decoder),
      to: decoding.readVarUint(decoder),
    }))
    return {
      instance,
      key,
      count,
      updates,
      awareness: awareness.length === 0 ? undefined : awareness,
      stored,
      asksAwareness: asks === 1,
    }
  } catch {
    return undefined
  }
}
