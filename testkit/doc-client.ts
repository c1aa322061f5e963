import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import * as decoding from 'lib0/decoding'
import { eventually } from './eventually.ts'

export interface DocClientOptions {
  /** Of a node: `http://…`. */
  url: string
  docId: string
  token: string
  acks?: boolean
  /** A replica that was elsewhere before. */
  doc?: Y.Doc
}

export interface DocAck {
  kind: 'relayed' | 'logged' | 'stored'
  upto: number
  /** On which of its connections, counted from 0: frames are counted anew on each. */
  connection: number
}

const MESSAGE_AUTH = 2
const MESSAGE_ACK = 100

/** A person at a document: the stock `y-websocket` provider on a replica of its own. What the server said beside updates is kept. */
export class DocClient implements AsyncDisposable {
  readonly doc: Y.Doc
  readonly provider: WebsocketProvider
  readonly acks: DocAck[] = []
  readonly denials: string[] = []
  /** Codes of closes, in order; 1006: the connection broke. */
  readonly closes: number[] = []
  connection = 0
  #sent = 0

  constructor({ url, docId, token, acks = false, doc = new Y.Doc() }: DocClientOptions) {
    this.doc = doc
    this.provider = new WebsocketProvider(`${url.replace('http', 'ws')}/yjs`, docId, doc, {
      params: { token, ...(acks && { acks: '1' }) },
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      maxBackoffTime: 200,
    })
    this.provider.on('connection-close', (event: CloseEvent | null) => {
      this.closes.push(event?.code ?? 0)
      this.connection += 1
      this.#sent = 0
    })
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== this.provider && this.provider.wsconnected) this.#sent += 1
    })
    this.provider.messageHandlers[MESSAGE_ACK] = (_encoder, decoder) => {
      const ack = JSON.parse(decoding.readVarString(decoder)) as Omit<DocAck, 'connection'>
      this.acks.push({ ...ack, connection: this.connection })
    }
    this.provider.messageHandlers[MESSAGE_AUTH] = (_encoder, decoder) => {
      decoding.readVarUint(decoder)
      this.denials.push(decoding.readVarString(decoder))
    }
  }

  /** Update frames sent on this connection. */
  get sent(): number {
    return this.#sent
  }

  get title(): string {
    return this.doc.getText('title').toJSON()
  }

  get description(): string {
    return this.doc.getText('description').toJSON()
  }

  type(text: string, index = this.doc.getText('description').length): void {
    this.doc.getText('description').insert(index, text)
  }

  /** The replica holds what the server held. */
  async synced(): Promise<this> {
    await this.until(() => this.provider.synced, 'synced')
    return this
  }

  /** So many frames of a connection are acknowledged as this. */
  acked(kind: DocAck['kind'], upto: number, connection = this.connection): boolean {
    return this.acks.some((ack) => ack.kind === kind && ack.upto >= upto && ack.connection === connection)
  }

  until(holds: () => boolean, what = String(holds), ms?: number): Promise<void> {
    return eventually(() => Promise.resolve(holds() ? undefined : `${what}; closes: ${this.closes.join()}`), ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.provider.destroy()
    this.doc.destroy()
    await Promise.resolve()
  }
}

/** Everything of a replica that two replicas must agree on. The order of a map's keys is none of that. */
export function contentOfReplica(doc: Y.Doc): string {
  const content = [
    doc.getText('title').toDelta(),
    doc.getText('description').toDelta(),
    doc.getArray('agenda').toJSON(),
    doc.getArray('actions').toJSON(),
    doc.getXmlFragment('notes').toJSON(),
    doc.getMap('proposals').toJSON(),
    doc.getMap('schedule').toJSON(),
  ]
  return JSON.stringify(content, (_key, value: unknown) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isMap ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value
  })
}
