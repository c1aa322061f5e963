import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

/** What a client hears, as far as it is counted. */
export type Heard =
  | { type: 'ready' }
  /** Everything the server had. */
  | { type: 'state' }
  | { type: 'question' }
  | { type: 'update'; update: Uint8Array }
  | { type: 'cursors' }
  /** The client's first so many updates are in the store. */
  | { type: 'stored'; upto: number }
  | { type: 'other' }

/** How one product's clients speak: y-protocols 1, bare or in an envelope. */
export interface Wire {
  url(server: string, docId: string, token: string): URL
  /** Said first; `ready` is the answer to it. undefined: one is ready when one is connected. */
  hello(docId: string, token: string): Uint8Array | undefined
  step1(docId: string): Uint8Array
  step2(docId: string): Uint8Array
  update(docId: string, update: Uint8Array): Uint8Array
  awareness(docId: string, update: Uint8Array): Uint8Array
  read(message: Uint8Array): Heard
}

export type WireName = 'ours' | 'hocuspocus'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const SYNC_REPLY = 4
const ACK = 100
const AUTHENTICATED = 2
const EMPTY_STATE_VECTOR = new Uint8Array([0])
const EMPTY_UPDATE = new Uint8Array([0, 0])

/** As `y-websocket` speaks, and as our own page does, with acks. */
const ours: Wire = {
  ...messages(() => {}),
  url: (server, docId, token) => new URL(`/yjs/${docId}?acks=1&token=${token}`, server),
  hello: () => undefined,
  read: (message) => readFrom(decoding.createDecoder(message)),
}

/** As `@hocuspocus/provider` speaks: every message begins with the document's name. Its acks say applied, not stored. */
const hocuspocus: Wire = {
  ...messages((encoder, docId) => encoding.writeVarString(encoder, docId)),
  url: (server) => new URL('/', server),
  hello(docId, token) {
    const encoder = encoding.createEncoder()
    encoding.writeVarString(encoder, docId)
    encoding.writeVarUint(encoder, AUTH)
    encoding.writeVarUint(encoder, 0)
    encoding.writeVarString(encoder, token)
    return encoding.toUint8Array(encoder)
  },
  read(message) {
    const decoder = decoding.createDecoder(message)
    decoder.pos = decoding.readVarUint(decoder) + decoder.pos
    return readFrom(decoder)
  },
}

export const WIRES: Record<WireName, Wire> = { ours, hocuspocus }

function messages(address: (encoder: encoding.Encoder, docId: string) => void) {
  const message = (docId: string, head: readonly number[], bytes: Uint8Array): Uint8Array => {
    const encoder = encoding.createEncoder()
    address(encoder, docId)
    for (const number of head) encoding.writeVarUint(encoder, number)
    encoding.writeVarUint8Array(encoder, bytes)
    return encoding.toUint8Array(encoder)
  }
  return {
    step1: (docId: string) => message(docId, [SYNC, 0], EMPTY_STATE_VECTOR),
    step2: (docId: string) => message(docId, [SYNC, 1], EMPTY_UPDATE),
    update: (docId: string, update: Uint8Array) => message(docId, [SYNC, 2], update),
    awareness: (docId: string, update: Uint8Array) => message(docId, [AWARENESS], update),
  }
}

function readFrom(decoder: decoding.Decoder): Heard {
  switch (decoding.readVarUint(decoder)) {
    case SYNC:
    case SYNC_REPLY:
      return readSync(decoder)
    case AWARENESS:
      return { type: 'cursors' }
    case AUTH:
      return { type: decoding.readVarUint(decoder) === AUTHENTICATED ? 'ready' : 'other' }
    case ACK: {
      const text = decoding.readVarString(decoder)
      return text.includes('"stored"') ? { type: 'stored', upto: JSON.parse(text).upto } : { type: 'other' }
    }
    default:
      return { type: 'other' }
  }
}

function readSync(decoder: decoding.Decoder): Heard {
  switch (decoding.readVarUint(decoder)) {
    case 0:
      return { type: 'question' }
    case 1:
      return { type: 'state' }
    default:
      return { type: 'update', update: decoding.readVarUint8Array(decoder) }
  }
}
