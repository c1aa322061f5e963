import { io } from 'socket.io-client'
import type { RoomNews, RoomSnapshot } from '../client/contract.ts'
import { type Cursor, type NewsItem, judgeItem } from '../client/topic-cursor.ts'

interface Ack extends Partial<Cursor> {
  ok: boolean
  mode?: 'live' | 'replay' | 'snapshot'
  state?: RoomSnapshot
  events?: NewsItem[]
  node?: string
}

interface Place {
  cursor: Cursor | undefined
  isJoined: boolean
}

export interface SpectatorOptions {
  token: () => Promise<string>
  topics: readonly string[]
  /** It moved, lost its connection, or was told something. */
  onChange: () => void
  onNews: (items: readonly NewsItem[]) => void
}

const RETRY_MS = 500

/**
 * One stock Socket.IO client that watches rooms as the contract says, and keeps account of what it was sent: a jump is a gap,
 * what came before is a duplicate, and every booking it heard of is in `told`.
 */
export class Spectator {
  readonly #options: SpectatorOptions
  readonly #places: Map<string, Place>
  readonly #socket: ReturnType<typeof io>
  #lostAt: number | undefined
  /** Ids of allocations. */
  readonly told = new Set<string>()
  node: string | undefined
  gaps = 0
  duplicates = 0
  /** Milliseconds of each time without a connection, until every topic was resumed. */
  readonly silences: number[] = []

  constructor(options: SpectatorOptions) {
    this.#options = options
    this.#places = new Map(options.topics.map((topic) => [topic, { cursor: undefined, isJoined: false }]))
    this.#socket = io({
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 100,
      reconnectionDelayMax: 1_000,
      auth: (give) => void options.token().then((token) => give({ token })),
    })
    this.#socket.on('connect', () => {
      for (const topic of this.#places.keys()) this.#join(topic)
    })
    this.#socket.on('news', (items: NewsItem[]) => {
      for (const item of items) this.#take(item)
      options.onNews(items)
    })
    this.#socket.on('disconnect', () => {
      this.#lostAt ??= performance.now()
      this.node = undefined
      for (const place of this.#places.values()) place.isJoined = false
      options.onChange()
    })
  }

  get isWatching(): boolean {
    return [...this.#places.values()].every(({ isJoined }) => isJoined)
  }

  close(): void {
    // What the account says is as it was while it watched.
    this.#socket.off()
    this.#socket.disconnect()
  }

  #join(topic: string): void {
    const place = this.#places.get(topic) as Place
    // A callback, not a promise: news may follow the answer in the same turn.
    this.#socket.emit('topic.watch', { topic, ...place.cursor }, (ack: Ack) => {
      if (!ack.ok) setTimeout(() => this.#socket.connected && this.#join(topic), RETRY_MS)
      else this.#joined(place, ack)
    })
  }

  #joined(place: Place, { mode, state, events = [], epoch = 0, seq = 0, node }: Ack): void {
    if (mode === 'snapshot') for (const { allocationId } of state?.allocations ?? []) this.told.add(allocationId)
    for (const item of events) this.#judge(place, item)
    if (events.length > 0) this.#options.onNews(events)
    place.cursor = { epoch, seq }
    place.isJoined = true
    this.node = node
    if (this.isWatching && this.#lostAt !== undefined) {
      this.silences.push(performance.now() - this.#lostAt)
      this.#lostAt = undefined
    }
    this.#options.onChange()
  }

  #take(item: NewsItem): void {
    const place = this.#places.get(item.topic)
    if (place?.isJoined) this.#judge(place, item)
  }

  #judge(place: Place, item: NewsItem): void {
    const verdict = place.cursor === undefined ? 'replace' : judgeItem(place.cursor, item)
    if (verdict === 'known') this.duplicates += 1
    if (verdict === 'gap') {
      this.gaps += 1
      place.isJoined = false
      this.#join(item.topic)
      return
    }
    // A snapshot names what there is, an event what came.
    const { booked = [], allocations = [] } = item.data as RoomNews & Partial<RoomSnapshot>
    for (const { allocationId } of [...booked, ...allocations]) this.told.add(allocationId)
    if (verdict !== 'known') place.cursor = { epoch: item.epoch, seq: item.seq }
  }
}
