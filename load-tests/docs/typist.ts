import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { FrameSocket } from './frame-socket.ts'
import { WIRES, type Wire, type WireName } from './wires.ts'

/** Who is in which document, and where. */
export interface Seat {
  docId: string
  server: string
  token: string
}

/** Where the times of deliveries go, in milliseconds. */
export interface Sink {
  /** From the key to another person at the same node, or at another. */
  near: number[]
  far: number[]
  /** From the key to the ack that says stored. */
  stored: number[]
  cursors: number
}

/** A paragraph and its text. */
const CLOCKS_PER_PARAGRAPH = 2
const CURSOR_STATE = { user: { name: 'Ada Lovelace', color: '#30bced', colorLight: '#30bced33' } }

/**
 * One person who types at the end of a paragraph of his own, one letter an update, without a replica: such an update is the same few
 * bytes with another number. He knows his companions in the document, and what of theirs has come.
 */
export class Typist {
  readonly seat: Seat
  /** Of his replica, as Yjs numbers them. */
  readonly clientId: number
  /** Letters and what holds them. */
  clock = 0
  letters = 0
  readonly companions = new Map<number, Companion>()
  readonly #wire: Wire
  readonly #sink: () => Sink
  /** When the update of each clock was sent. */
  readonly #sentAt: number[] = []
  /** When each update frame was sent. */
  readonly #frames: number[] = []
  #storedUpto = 0
  #awarenessClock = 0
  #socket: FrameSocket | undefined
  #onJoined: (() => void) | undefined

  constructor(wire: WireName, seat: Seat, clientId: number, sink: () => Sink) {
    this.#wire = WIRES[wire]
    this.seat = seat
    this.clientId = clientId
    this.#sink = sink
  }

  /** undefined while it is open. */
  get closedWith(): number | undefined {
    return this.#socket?.closedWith
  }

  meet(other: Typist): void {
    this.companions.set(other.clientId, { person: other, seen: new Uint8Array(1_024), count: 0 })
  }

  /** Resolves when everything the server has was sent to him. */
  async join(): Promise<void> {
    const { docId, server, token } = this.seat
    const joined = new Promise<void>((resolve) => (this.#onJoined = resolve))
    const socket = await FrameSocket.open(this.#wire.url(server, docId, token), (message) => this.#hear(message))
    this.#socket = socket
    const hello = this.#wire.hello(docId, token)
    if (hello === undefined) socket.send(this.#wire.step1(docId))
    else socket.send(hello)
    await joined
  }

  /** Writes paragraphs of so many letters, in one update. He goes on in the last. */
  begin({ paragraphs, letters }: { paragraphs: number; letters: number }): void {
    const doc = new Y.Doc()
    doc.clientID = this.clientId
    const written = Array.from({ length: paragraphs }, () => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText('a'.repeat(letters))])
      return paragraph
    })
    doc.getXmlFragment('notes').insert(0, written)
    this.letters += paragraphs * letters
    this.#send(Y.encodeStateAsUpdate(doc), paragraphs * (CLOCKS_PER_PARAGRAPH + letters))
    doc.destroy()
  }

  type(): void {
    this.letters += 1
    this.#send(letter(this.clientId, this.clock), 1)
  }

  moveCursor(): void {
    const { docId } = this.seat
    const position = { type: null, tname: null, item: { client: this.clientId, clock: this.clock - 1 }, assoc: 0 }
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, this.clientId)
    encoding.writeVarUint(encoder, ++this.#awarenessClock)
    encoding.writeVarString(encoder, JSON.stringify({ ...CURSOR_STATE, cursor: { anchor: position, head: position } }))
    this.#socket?.send(this.#wire.awareness(docId, encoding.toUint8Array(encoder)))
  }

  /** Updates that did not come to him, of all his companions. */
  get missing(): number {
    let missing = 0
    for (const { person, count } of this.companions.values()) missing += person.clock - count
    return missing
  }

  get unstored(): number {
    return this.#frames.length - this.#storedUpto
  }

  async leave(): Promise<void> {
    await this.#socket?.close()
  }

  #send(update: Uint8Array, clocks: number): void {
    const now = performance.now()
    for (let i = 0; i < clocks; i++) this.#sentAt.push(now)
    this.clock += clocks
    this.#frames.push(now)
    this.#socket?.send(this.#wire.update(this.seat.docId, update))
  }

  #hear(message: Buffer): void {
    const heard = this.#wire.read(message)
    switch (heard.type) {
      case 'update':
        this.#take(heard.update)
        return
      case 'cursors':
        this.#sink().cursors += 1
        return
      case 'stored':
        this.#acknowledged(heard.upto)
        return
      case 'ready':
        this.#socket?.send(this.#wire.step1(this.seat.docId))
        return
      case 'question':
        this.#socket?.send(this.#wire.step2(this.seat.docId))
        return
      case 'state':
        this.#onJoined?.()
        return
      case 'other':
        return
      default:
        heard satisfies never
    }
  }

  #take(update: Uint8Array): void {
    const now = performance.now()
    const { from, to } = Y.parseUpdateMeta(update)
    for (const [clientId, end] of to) {
      const companion = this.companions.get(clientId)
      if (companion === undefined) continue
      const { person } = companion
      const times = person.seat.server === this.seat.server ? this.#sink().near : this.#sink().far
      if (end > companion.seen.length) companion.seen = grown(companion.seen, end)
      for (let clock = from.get(clientId) ?? 0; clock < end; clock++) {
        if (companion.seen[clock] === 1) continue
        companion.seen[clock] = 1
        companion.count += 1
        times.push(now - (person.#sentAt[clock] ?? now))
      }
    }
  }

  #acknowledged(upto: number): void {
    const now = performance.now()
    while (this.#storedUpto < upto) this.#sink().stored.push(now - (this.#frames[this.#storedUpto++] as number))
  }
}

interface Companion {
  person: Typist
  /** By clock, what of his has come, and how much that is. */
  seen: Uint8Array
  count: number
}

/** One letter behind the one before it, as Yjs writes it: client, clock, what it follows, text; no deletions. */
function letter(clientId: number, clock: number): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const number of [1, 1, clientId, clock]) encoding.writeVarUint(encoder, number)
  encoding.writeUint8(encoder, HAS_ORIGIN | TEXT)
  for (const number of [clientId, clock - 1]) encoding.writeVarUint(encoder, number)
  encoding.writeVarString(encoder, 'a')
  encoding.writeVarUint(encoder, 0)
  return encoding.toUint8Array(encoder)
}

const HAS_ORIGIN = 0x80
const TEXT = 4

function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(Math.max(length, bytes.length * 2))
  larger.set(bytes)
  return larger
}
