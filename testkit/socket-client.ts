import { type ManagerOptions, type Socket, type SocketOptions, io } from 'socket.io-client'

export interface Cursor {
  epoch: number
  seq: number
}

export interface Item extends Cursor {
  topic: string
  type: string
  at: string
  data: unknown
}

export interface Bye {
  code: number
  reason: string
  reconnectAfterMs?: number
}

/** An ack, or its refusal. */
export interface Ack extends Partial<Cursor> {
  ok: boolean
  mode?: 'live' | 'replay' | 'snapshot'
  state?: unknown
  events?: Item[]
  node?: string
  problem?: { code: string; detail: string; errors?: object[] }
}

export interface SocketClientOptions extends Partial<ManagerOptions & SocketOptions> {
  url: string
  token: string
}

/** A refused watch is tried again: the store or the node may just be coming back. */
const RETRY_MS = 100

/**
 * What a client of the contract does, on the stock socket.io-client: watches topics, keeps a cursor for each, watches
 * again from there after every reconnect. Everything it got is kept, and everything that broke the promise of no gap,
 * no duplicate and no reorder is in `faults`.
 */
export class SocketClient implements AsyncDisposable {
  readonly socket: Socket
  /** Events in order of arrival, replayed ones included, snapshots not. */
  readonly items: Item[] = []
  readonly snapshots: Item[] = []
  readonly byes: Bye[] = []
  /** Reasons of `disconnect`. */
  readonly disconnects: string[] = []
  readonly refusals: { message: string; data?: { code: string } }[] = []
  readonly closedTopics: string[] = []
  readonly modes: string[] = []
  readonly faults: string[] = []
  /** Nodes that answered, in order. */
  readonly nodes: string[] = []
  /** Epoch milliseconds of each item's arrival, by `topic seq`. */
  readonly arrivals = new Map<string, number>()
  readonly #cursors = new Map<string, Cursor | undefined>()
  readonly #waiting = new Set<() => void>()

  constructor({ url, token, ...options }: SocketClientOptions) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
      auth: { token },
      ...options,
    })
    this.socket.on('connect', () => {
      for (const topic of this.#cursors.keys()) this.#watch(topic)
      this.#changed()
    })
    this.socket.on('disconnect', (reason) => this.#keep(this.disconnects, reason))
    this.socket.on('connect_error', (error) => this.#keep(this.refusals, error))
    this.socket.on('bye', (bye: Bye) => this.#keep(this.byes, bye))
    this.socket.on('topic.closed', ({ topic }: { topic: string }) => {
      this.#cursors.delete(topic)
      this.#keep(this.closedTopics, topic)
    })
    this.socket.on('news', (items: Item[]) => {
      for (const item of items) this.#accept(item)
      this.#changed()
    })
  }

  cursor(topic: string): Cursor | undefined {
    return this.#cursors.get(topic)
  }

  /** Watches from now on, or from a cursor that another client left behind; resolves when the node has joined it. */
  async watch(topic: string, from?: Cursor): Promise<void> {
    const joined = this.modes.length
    this.#cursors.set(topic, from)
    if (this.socket.connected) this.#watch(topic)
    await this.until(() => this.modes.length > joined && this.#cursors.get(topic) !== undefined, `joining ${topic}`)
  }

  /** Any message, with its ack. */
  ask(name: string, payload: unknown): Promise<Ack> {
    return new Promise((resolve) => this.socket.emit(name, payload, resolve))
  }

  seqs(topic: string): number[] {
    return this.items.filter((item) => item.topic === topic).map((item) => item.seq)
  }

  /** Resolves as soon as it holds; rejects after `ms`, naming what it was waiting for. */
  async until(holds: () => boolean, what = String(holds), ms = 10_000): Promise<void> {
    if (holds()) return
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!holds()) return
        done()
        resolve()
      }
      const deadline = setTimeout(() => {
        done()
        reject(new Error(`not within ${ms} ms: ${what}; faults: ${this.faults.join(', ') || 'none'}`))
      }, ms)
      const done = () => {
        clearTimeout(deadline)
        this.#waiting.delete(check)
      }
      this.#waiting.add(check)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect()
    await Promise.resolve()
  }

  #watch(topic: string): void {
    // A callback, not a promise: news may follow the ack in the same turn.
    this.socket.emit('topic.watch', { topic, ...this.#cursors.get(topic) }, (ack: Ack) => this.#joined(topic, ack))
  }

  #joined(topic: string, ack: Ack): void {
    if (!this.#cursors.has(topic)) return
    if (!ack.ok) {
      if (ack.problem?.code === 'unavailable') setTimeout(() => this.socket.connected && this.#watch(topic), RETRY_MS)
      else this.faults.push(`${topic} refused: ${ack.problem?.code}`)
      this.#changed()
      return
    }
    const cursor = this.#cursors.get(topic)
    const { epoch, seq } = ack as Cursor
    if (ack.mode === 'snapshot') {
      this.snapshots.push({ topic, epoch, seq, type: 'snapshot', at: '', data: ack.state })
      this.#cursors.set(topic, { epoch, seq })
    } else {
      for (const event of ack.events ?? []) this.#accept(event)
      const after = this.#cursors.get(topic)
      if (cursor === undefined || after?.seq !== seq || after.epoch !== epoch) {
        this.faults.push(`${topic}: ${ack.mode} to ${epoch}/${seq}, but the cursor is ${after?.epoch}/${after?.seq}`)
      }
    }
    this.modes.push(ack.mode as string)
    this.nodes.push(ack.node as string)
    this.#changed()
  }

  #accept(item: Item): void {
    const { topic, epoch, seq } = item
    const cursor = this.#cursors.get(topic)
    if (cursor === undefined) this.faults.push(`${topic}: ${seq} before the join`)
    else if (item.type === 'snapshot') this.snapshots.push(item)
    else {
      if (epoch !== cursor.epoch) this.faults.push(`${topic}: epoch ${cursor.epoch} became ${epoch} without a snapshot`)
      if (seq <= cursor.seq) this.faults.push(`${topic}: ${seq} after ${cursor.seq} (duplicate or out of order)`)
      if (seq > cursor.seq + 1) this.faults.push(`${topic}: ${seq} after ${cursor.seq} (gap)`)
      this.items.push(item)
      this.arrivals.set(`${topic} ${seq}`, Date.now())
    }
    this.#cursors.set(topic, { epoch, seq })
  }

  #keep<T>(list: T[], value: T): void {
    list.push(value)
    this.#changed()
  }

  #changed(): void {
    for (const check of this.#waiting) check()
  }
}
