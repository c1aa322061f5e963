import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { Awareness } from 'y-protocols/awareness'
import { writeUpdate } from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { newKey } from '../client/new-key.ts'
import type { Rest } from '../client/rest.ts'
import { type Readable, createStore } from '../client/store.ts'
import { pinIn } from './meeting-address.ts'
import { SaveLedger } from './save-ledger.ts'

/** The origin of what this page writes into the document beside the notes. */
export const LOCAL = 'page'

export interface DocState {
  /** `opening`: nothing of it is here yet. `away`: there is no connection. `ended`: the server wants no more of it. */
  phase: 'opening' | 'live' | 'away' | 'ended'
  /** Own changes that are not known to be stored. */
  waiting: number
  /** Own changes are not taken, and this is the server's sentence why. */
  denied: string | undefined
  /** Why it ended: 4401 the session is over, 4403 it may not be seen (any more). */
  end: { code: number; reason: string } | undefined
}

interface Given {
  rest: Rest
  meetingId: string
  userId: string
}

const MESSAGE_SYNC = 0
const MESSAGE_AUTH = 2
const MESSAGE_ACK = 100
const RETRY_MS = 2_000
/** Documents with changes that could not be sent, kept in the page while their person signs in again. */
const MAX_KEPT = 8

interface Kept {
  content: Uint8Array
  ledger: SaveLedger
  saved: ReadonlyMap<number, number>
}

const kept = new Map<string, Kept>()

/**
 * The meeting's document, through the stock provider. Invariant: `waiting` is 0 only when the server said of every own
 * change that it is stored. What was unconfirmed when a connection broke is sent once more in a frame of its own on the next
 * one, because what the handshake brings is not counted by acks.
 */
export class SharedDoc {
  readonly doc: Y.Doc
  /** Undoes what this page wrote beside the notes, and nobody else's. */
  readonly undo: Y.UndoManager
  readonly #given: Given
  readonly #ledger: SaveLedger
  readonly #provider: WebsocketProvider
  readonly #state = createStore<DocState>({ phase: 'opening', waiting: 0, denied: undefined, end: undefined })
  /** Up to where what was written here is stored: a clock by replica, this one and the one it goes on from. */
  #saved: Map<number, number>
  #retry: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(given: Given) {
    this.#given = given
    const before = kept.get(keyOf(given))
    kept.delete(keyOf(given))
    this.doc = new Y.Doc()
    // Into a new replica: others would take the old one's cursor for news of before.
    if (before !== undefined) Y.applyUpdate(this.doc, before.content)
    this.#ledger = before?.ledger ?? new SaveLedger()
    this.#saved = new Map(before?.saved).set(this.doc.clientID, 0)
    if (before !== undefined) this.#tell({ phase: 'away' })
    const address = `${location.origin.replace(/^http/, 'ws')}/yjs`
    // Acks are about this page's own connection: tabs do not talk to each other past the server.
    const options = { connect: false, disableBc: true, params: { acks: '1' } }
    const provider = new WebsocketProvider(address, `meeting:${given.meetingId}`, this.doc, options)
    this.#provider = provider
    provider.messageHandlers[MESSAGE_ACK] = (_encoder, decoder) => this.#acked(decoding.readVarString(decoder))
    provider.messageHandlers[MESSAGE_AUTH] = (_encoder, decoder) => {
      decoding.readVarUint(decoder)
      this.#tell({ denied: decoding.readVarString(decoder) })
    }
    provider.on('status', ({ status }) => status === 'disconnected' && this.#lost())
    provider.on('sync', (isSynced) => isSynced && this.#synced())
    provider.on('connection-close', () => this.#tellAway())
    provider.on('closed', (end) => this.#tell({ phase: 'ended', end }))
    this.doc.on('update', this.#changed)
    const written = [this.title, this.description, this.agenda, this.actions]
    this.undo = new Y.UndoManager(written, { trackedOrigins: new Set([LOCAL]) })
    addEventListener('offline', this.#cut)
    addEventListener('online', this.#mend)
    addEventListener('beforeunload', this.#warn)
    void this.#open()
  }

  get state(): Readable<DocState> {
    return this.#state
  }

  get awareness(): Awareness {
    return this.#provider.awareness
  }

  get title(): Y.Text {
    return this.doc.getText('title')
  }

  get description(): Y.Text {
    return this.doc.getText('description')
  }

  get agenda(): Y.Array<Y.Map<unknown>> {
    return this.doc.getArray('agenda')
  }

  get actions(): Y.Array<Y.Map<unknown>> {
    return this.doc.getArray('actions')
  }

  get notes(): Y.XmlFragment {
    return this.doc.getXmlFragment('notes')
  }

  /** One change of one's own. */
  write(change: () => void): void {
    this.doc.transact(change, LOCAL)
  }

  /** The right to write was given (again): what was not taken is sent once more. */
  forgive(): void {
    if (this.#state.get().denied === undefined) return
    this.#tell({ denied: undefined })
    this.#ledger.connectionLost()
    if (this.#provider.synced) this.#resend()
  }

  /** What could not be sent is there when the same person opens the same document again in this page. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    removeEventListener('offline', this.#cut)
    removeEventListener('online', this.#mend)
    removeEventListener('beforeunload', this.#warn)
    this.doc.off('update', this.#changed)
    this.undo.destroy()
    const { denied, end } = this.#state.get()
    const isWanted = this.#ledger.waiting > 0 && denied === undefined && end?.code !== FORBIDDEN
    this.#provider.destroy()
    if (isWanted && kept.size < MAX_KEPT) {
      this.#ledger.connectionLost()
      const content = Y.encodeStateAsUpdate(this.doc)
      kept.set(keyOf(this.#given), { content, ledger: this.#ledger, saved: this.#saved })
    }
    this.doc.destroy()
  }

  async #open(): Promise<void> {
    const answer = await this.#given.rest.post<{ ticket: string }>('/auth/socket-ticket', {}, newKey())
    if (this.#closed) return
    if (!answer.ok) {
      if (answer.problem.status === 401) return
      this.#tellAway()
      this.#retry = setTimeout(() => void this.#open(), RETRY_MS)
      return
    }
    this.#provider.params = { acks: '1', token: answer.value.ticket, ...pinIn(location) }
    this.#provider.connect()
  }

  readonly #changed = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this.#provider) return
    const { wsconnected, ws } = this.#provider
    // The provider's own listener ran before, and decided by the same.
    this.#ledger.changed(wsconnected && ws?.readyState === WebSocket.OPEN)
    this.#tell({})
  }

  #acked(text: string): void {
    const { kind, upto } = JSON.parse(text) as { kind: string; upto: number }
    if (kind !== 'stored') return
    this.#ledger.stored(upto)
    if (this.#ledger.waiting === 0) this.#saved = new Map([[this.doc.clientID, this.#ownClock]])
    this.#tell({})
  }

  #synced(): void {
    this.#resend()
    this.#tell({ phase: 'live' })
  }

  #resend(): void {
    const { ws } = this.#provider
    if (this.#ledger.unsent === 0 || ws === null) return
    // Everything of others is there or comes by itself.
    const known = Y.decodeStateVector(Y.encodeStateVector(this.doc))
    for (const [replica, clock] of this.#saved) known.set(replica, clock)
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, MESSAGE_SYNC)
    writeUpdate(encoder, Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(known)))
    ws.send(encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>)
    this.#ledger.resent()
  }

  #lost(): void {
    this.#ledger.connectionLost()
    this.#tellAway()
  }

  /** Until the first answer it is being opened, however often that is tried. */
  #tellAway(): void {
    const { phase } = this.#state.get()
    if (phase === 'live') this.#tell({ phase: 'away' })
    else this.#tell({})
  }

  /** The browser knows that there is no network before any silence is long enough to tell. */
  readonly #cut = (): void => this.#provider.disconnect()

  readonly #mend = (): void => {
    if (this.#provider.params['token'] !== undefined && this.#state.get().phase !== 'ended') this.#provider.connect()
  }

  readonly #warn = (event: BeforeUnloadEvent): void => {
    const { waiting, denied } = this.#state.get()
    if (waiting > 0 && denied === undefined) event.preventDefault()
  }

  get #ownClock(): number {
    return Y.decodeStateVector(Y.encodeStateVector(this.doc)).get(this.doc.clientID) ?? 0
  }

  #tell(change: Partial<DocState>): void {
    this.#state.set({ ...this.#state.get(), ...change, waiting: this.#ledger.waiting })
  }
}

const FORBIDDEN = 4403

function keyOf({ userId, meetingId }: Given): string {
  return `${userId} ${meetingId}`
}
