import { type Socket, io } from 'socket.io-client'
import type { Answer, Problem } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { type Readable, createStore } from './store.ts'
import { type Cursor, type NewsItem, judgeItem } from './topic-cursor.ts'

/** How fresh what is shown is. */
export interface Link {
  phase: 'connecting' | 'live' | 'reconnecting'
  /** When the server was last heard of, epoch milliseconds; undefined before the first time. */
  heardAt: number | undefined
  /** Events received since the page was opened. */
  events: number
  /** The node that answers. */
  node: string | undefined
}

/** What a page does with a topic. */
export interface TopicHandler {
  /** The whole state: at the beginning, and whenever the news could not be told one by one. */
  onState: (state: unknown) => void
  onEvent: (item: NewsItem) => void
  /** It may not be watched (any more): gone, or not for this person. */
  onClosed: () => void
}

/** A standing query: a command whose ack names the topic of its answer and brings the first state. */
export interface StandingQuery {
  name: string
  payload: object
}

interface Watch {
  handler: TopicHandler
  /** Asked anew on every connection; it has another topic each time. */
  query: StandingQuery | undefined
  /** Undefined while a query has not been answered. */
  topic: string | undefined
  cursor: Cursor | undefined
  /** Answered on this connection; news is taken only then. */
  joined: boolean
  /** An answer to an earlier question says nothing. */
  attempt: number
}

interface Ack extends Partial<Cursor> {
  ok: boolean
  /** Of a standing query. */
  topic?: string
  mode?: 'live' | 'replay' | 'snapshot'
  state?: unknown
  events?: NewsItem[]
  node?: string
  problem?: Partial<Problem>
}

interface Bye {
  code: number
  reason: string
}

const ACK_MS = 10_000
const RETRY_MS = 1_000
const AWAY: Problem = {
  status: 0,
  code: 'unreachable',
  detail: 'The server cannot be reached at the moment. It is tried again by itself.',
}
/** After these the server wants no more of this session. */
const FINAL_BYES = [4401, 4403]

/**
 * Live topics over one socket. Invariant: a handler sees each event once and in order, or gets the state anew, also
 * across reconnects and nodes; every watched topic keeps the cursor from which it is resumed.
 */
export class Topics {
  readonly #credentials: Credentials
  readonly #socket: Socket
  readonly #watches = new Map<string, Watch>()
  readonly #link = createStore<Link>({ phase: 'connecting', heardAt: undefined, events: 0, node: undefined })
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #queries = 0
  #finalReason: string | undefined
  #closed = false

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    const socket = io({
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3_000,
      auth: (give) => void this.#credentials.token().then((token) => give({ token: token.ok ? token.value : '' })),
    })
    this.#socket = socket
    socket.on('connect', () => {
      for (const topic of this.#watches.keys()) this.#join(topic)
      this.#heard()
    })
    socket.io.on('ping', () => this.#heard())
    socket.on('news', (items: NewsItem[]) => {
      for (const item of items) this.#accept(item)
      this.#heard(items.length)
    })
    socket.on('topic.closed', ({ topic }: { topic: string }) => this.#drop(topic))
    socket.on('bye', (bye: Bye) => {
      if (FINAL_BYES.includes(bye.code)) this.#finalReason = bye.reason
    })
    socket.on('disconnect', (reason) => this.#lost(reason))
    socket.on('connect_error', () => void this.#refused())
  }

  get link(): Readable<Link> {
    return this.#link
  }

  /** What it returns ends the watch. */
  watch(topic: string, handler: TopicHandler): () => void {
    return this.#open(topic, { handler, query: undefined, topic, cursor: undefined, joined: false, attempt: 0 })
  }

  /** Like `watch`; after a reconnect the query is asked anew and its handler gets the whole state. */
  watchQuery(query: StandingQuery, handler: TopicHandler): () => void {
    const name = `${query.name} ${++this.#queries}`
    return this.#open(name, { handler, query, topic: undefined, cursor: undefined, joined: false, attempt: 0 })
  }

  /** One command of the socket protocol. Never throws: what went wrong is a `Problem`. */
  ask<T>(name: string, payload: object): Promise<Answer<T>> {
    if (!this.#socket.connected) return Promise.resolve({ ok: false, problem: AWAY })
    return new Promise((resolve) => {
      this.#socket.timeout(ACK_MS).emit(name, payload, (late: Error | null, ack?: Ack) => {
        if (late === null && ack?.ok) resolve({ ok: true, value: ack as T })
        else resolve({ ok: false, problem: { ...AWAY, ...ack?.problem, status: 0 } })
      })
    })
  }

  /** Something the server says by itself that is no topic's news; what it returns ends the listening. */
  listen(event: string, listener: (data: unknown) => void): () => void {
    this.#socket.on(event, listener)
    return () => this.#socket.off(event, listener)
  }

  #open(name: string, watch: Watch): () => void {
    this.#watches.set(name, watch)
    if (this.#socket.connected) this.#join(name)
    this.#judge()
    return () => {
      if (this.#watches.get(name) !== watch) return
      this.#watches.delete(name)
      this.#unwatch(watch)
      this.#judge()
    }
  }

  #unwatch({ topic }: Watch): void {
    if (topic !== undefined && this.#socket.connected) this.#socket.emit('topic.unwatch', { topic })
  }

  /** Asks for every state anew: a state reaches 48 h ahead, and pages stay open for weeks. */
  renew(): void {
    for (const [topic, watch] of this.#watches) {
      watch.cursor = undefined
      if (this.#socket.connected) this.#join(topic)
    }
  }

  /** Gives up a connection that may have died in silence; every topic is resumed by its cursor on the next one. */
  reconnect(): void {
    if (this.#socket.connected) this.#socket.io.engine.close()
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#watches.clear()
    this.#socket.disconnect()
  }

  #join(topic: string): void {
    const watch = this.#watches.get(topic)
    if (watch === undefined) return
    watch.joined = false
    const attempt = ++watch.attempt
    if (watch.query !== undefined) {
      this.#unwatch(watch)
      watch.topic = undefined
    }
    const { name, payload } = watch.query ?? { name: 'topic.watch', payload: { topic, ...watch.cursor } }
    // A callback, not a promise: news may follow the answer in the same turn.
    this.#socket.timeout(ACK_MS).emit(name, payload, (late: Error | null, ack?: Ack) => {
      if (this.#watches.get(topic) !== watch || watch.attempt !== attempt) {
        // Nobody waits for this answer any more, and the server must not go on working for it.
        if (watch.query !== undefined && ack?.topic !== undefined)
          this.#socket.emit('topic.unwatch', { topic: ack.topic })
        return
      }
      if (late === null && ack?.ok) this.#joined(watch, ack)
      else if (ack?.problem?.code === 'not_found' || ack?.problem?.code === 'forbidden') this.#drop(topic)
      else this.#later(() => this.#socket.connected && watch.attempt === attempt && this.#join(topic))
    })
  }

  #joined(watch: Watch, ack: Ack): void {
    const cursor = { epoch: ack.epoch ?? 0, seq: ack.seq ?? 0 }
    if (ack.mode === 'snapshot') watch.handler.onState(ack.state)
    else for (const event of ack.events ?? []) if (event.seq > (watch.cursor?.seq ?? 0)) watch.handler.onEvent(event)
    watch.topic ??= ack.topic
    watch.cursor = cursor
    watch.joined = true
    if (ack.node !== undefined && ack.node !== this.#link.get().node)
      this.#link.set({ ...this.#link.get(), node: ack.node })
    this.#heard(ack.events?.length)
  }

  #accept(item: NewsItem): void {
    const [name, watch] = this.#watchOf(item.topic) ?? []
    if (name === undefined || watch?.cursor === undefined || !watch.joined) return
    switch (judgeItem(watch.cursor, item)) {
      case 'apply':
        watch.handler.onEvent(item)
        break
      case 'replace':
        watch.handler.onState(item.data)
        break
      case 'known':
        return
      case 'gap':
        this.#join(name)
        return
    }
    watch.cursor = { epoch: item.epoch, seq: item.seq }
  }

  #watchOf(topic: string): [name: string, watch: Watch] | undefined {
    const plain = this.#watches.get(topic)
    if (plain !== undefined) return [topic, plain]
    return [...this.#watches].find(([, watch]) => watch.topic === topic)
  }

  #drop(topic: string): void {
    const [name, watch] = this.#watchOf(topic) ?? []
    if (name === undefined || watch === undefined) return
    this.#watches.delete(name)
    watch.handler.onClosed()
    this.#judge()
  }

  #lost(reason: Socket.DisconnectReason): void {
    if (this.#closed) return
    for (const watch of this.#watches.values()) watch.joined = false
    this.#judge()
    if (this.#finalReason !== undefined) this.#credentials.end(this.#finalReason)
    // The stock client takes a server's goodbye for final.
    else if (reason === 'io server disconnect') this.#later(() => this.#socket.connect())
  }

  /** A refused handshake; a broken transport is tried again by the stock client. */
  async #refused(): Promise<void> {
    if (this.#closed || this.#socket.active) return
    const current = await this.#credentials.token()
    // The token it was refused with was good by our clock only, or its session is over.
    if (current.ok) await this.#credentials.token(current.value)
    if (!this.#closed) this.#later(() => this.#socket.connect())
  }

  #heard(events = 0): void {
    const link = this.#link.get()
    this.#link.set({ ...link, heardAt: Date.now(), events: link.events + events })
    this.#judge()
  }

  /** Live means that nothing shown can be behind: every topic with a state is joined on a standing connection. */
  #judge(): void {
    const link = this.#link.get()
    const watches = [...this.#watches.values()]
    const isBehind = !this.#socket.connected || watches.some((watch) => watch.cursor !== undefined && !watch.joined)
    const isFresh = !isBehind && watches.some((watch) => watch.joined)
    const phase = isFresh ? 'live' : link.phase === 'connecting' ? 'connecting' : isBehind ? 'reconnecting' : link.phase
    if (phase !== link.phase) this.#link.set({ ...link, phase })
  }

  #later(work: () => unknown): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, RETRY_MS)
    this.#timers.add(timer)
  }
}
