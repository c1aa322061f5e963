import { type Socket, io } from 'socket.io-client'

/** An entry of `availability.watch` as it is sent. */
export interface StandingEntry {
  id: string
  kind: 'person' | 'room'
  timezone?: string
  busy: { start: string; end: string; kind: string }[]
  working: { start: string; end: string }[] | null
  sources: { source: string; freshAsOf: string | null }[]
}

/** What has changed of it; what is absent stands. */
type StandingDelta = Pick<StandingEntry, 'id'> & Partial<StandingEntry> & { window?: { from: string; to: string } }

interface Item {
  topic: string
  epoch: number
  seq: number
  type: string
  at: string
  data: { subjects: (StandingEntry | StandingDelta)[]; starts?: object[] }
}

interface Joined {
  ok: boolean
  topic: string
  epoch: number
  seq: number
  state: Item['data']
  node: string
  problem?: { code: string; detail: string }
}

/** A standing query as its client holds it: the snapshot, and every delta since folded into it. */
export interface Standing {
  readonly query: object
  topic: string
  epoch: number
  seq: number
  node: string
  entries: Map<string, StandingEntry>
  starts: object[] | undefined
  deltas: number
  snapshots: number
}

const RETRY_MS = 100

/**
 * What a client of the contract does with standing queries, on the stock socket.io-client: folds the news, and after a reconnect asks
 * anew. What broke the promise of consecutive numbers is in `faults`.
 */
export class StandingClient implements AsyncDisposable {
  readonly socket: Socket
  readonly standing: Standing[] = []
  readonly faults: string[] = []
  readonly closed: string[] = []
  readonly drags: { dragId: string; verdicts: object[] }[] = []
  /** Told each entry or delta as it arrives. */
  onEntry: (entry: StandingEntry | StandingDelta) => void = () => {}

  readonly #answered = new Map<Standing, (code?: string) => void>()

  constructor(url: string, token: string) {
    this.socket = io(url, { transports: ['websocket'], forceNew: true, reconnectionDelay: 50, auth: { token } })
    this.socket.on('connect', () => {
      for (const one of this.standing) this.#ask(one)
    })
    this.socket.on('disconnect', () => {
      for (const one of this.standing) one.topic = ''
    })
    this.socket.on('news', (items: Item[]) => {
      for (const item of items) this.#take(item)
    })
    this.socket.on('topic.closed', ({ topic }: { topic: string }) => this.closed.push(topic))
    this.socket.on('drag', (drag) => this.drags.push(drag))
  }

  /** Resolves when the first snapshot is there; rejects with the code of a refusal. */
  watch(query: object): Promise<Standing> {
    const one: Standing = {
      ...{
        query,
        topic: '',
        epoch: 0,
        seq: 0,
        node: '',
        entries: new Map(),
        starts: undefined,
        deltas: 0,
        snapshots: 0,
      },
    }
    this.standing.push(one)
    return new Promise((resolve, reject) => {
      const answered = (code?: string) => (code === undefined ? resolve(one) : reject(new Error(code)))
      this.#answered.set(one, answered)
      if (this.socket.connected) this.#ask(one)
    })
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers; a wrong path fails there
  ask(name: string, payload: object): Promise<any> {
    return new Promise((resolve) => this.socket.emit(name, payload, resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.disconnect()
    await Promise.resolve()
  }

  #ask(one: Standing): void {
    // A callback, not a promise: news may follow the ack in the same turn.
    this.socket.emit('availability.watch', one.query, (ack: Joined) => {
      if (!ack.ok) {
        const { code } = ack.problem!
        if (code === 'unavailable') setTimeout(() => this.socket.connected && this.#ask(one), RETRY_MS)
        else {
          this.faults.push(`refused: ${code}`)
          this.#answered.get(one)?.(code)
        }
        return
      }
      const { topic, epoch, seq, node } = ack
      Object.assign(one, { topic, epoch, seq, node, snapshots: one.snapshots + 1 })
      this.#fold(one, ack.state, true)
      this.#answered.get(one)?.()
    })
  }

  #take({ topic, epoch, seq, type, data }: Item): void {
    const one = this.standing.find((standing) => standing.topic === topic)
    if (one === undefined) {
      if (topic.startsWith('availability:')) this.faults.push(`${topic}: ${seq} of nothing that was asked`)
      return
    }
    if (epoch !== one.epoch || seq !== one.seq + 1) this.faults.push(`${topic}: ${seq} after ${one.seq} (gap)`)
    one.seq = seq
    if (type === 'snapshot') one.snapshots += 1
    else one.deltas += 1
    this.#fold(one, data, type === 'snapshot')
  }

  #fold(one: Standing, { subjects, starts }: Item['data'], isWhole: boolean): void {
    const before = one.entries
    if (isWhole) one.entries = new Map()
    if (starts !== undefined) one.starts = starts
    for (const entry of subjects) {
      this.onEntry(entry)
      const known = before.get(entry.id)
      one.entries.set(entry.id, isWhole || known === undefined ? (entry as StandingEntry) : merged(known, entry))
    }
  }
}

function merged(known: StandingEntry, { window, ...delta }: StandingDelta): StandingEntry {
  if (window === undefined || delta.busy === undefined) return { ...known, ...delta }
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
  const before = known.busy.filter(({ end }) => Date.parse(end) <= from)
  const after = known.busy.filter(({ start }) => Date.parse(start) >= to)
  return { ...known, ...delta, busy: [...before, ...delta.busy, ...after] }
}
