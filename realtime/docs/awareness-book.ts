import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

interface Entry {
  clock: number
  /** Number, clock and state (JSON) as they came, to be passed on. */
  bytes: Uint8Array
  /** A connection of this node, or another node. */
  owner: string
}

/** A browser tab has one; somebody who makes more is not a client of ours. */
const MAX_PER_OWNER = 16
const MAX_ENTRIES = 5_000
/** A name, a colour and a cursor take some 300 characters. */
const MAX_STATE_BYTES = 8_192
/** A late echo of somebody who left may come this long, and must not bring him back. */
const GONE_MS = 5_000
const NOBODY = 'null'

/**
 * Who is in a document with which cursor, as clients say it (y-protocols, awareness); it is never stored. Pure state: the
 * caller brings the time in milliseconds. Every state has one owner, and goes with it. Stock clients echo what they hear of
 * others: an entry counts only if it is newer than what is known.
 */
export class AwarenessBook {
  readonly #entries = new Map<number, Entry>()
  readonly #gone = new Map<number, { clock: number; at: number }>()
  /** What those here, and what other nodes were not told. */
  readonly #changed = new Set<number>()
  readonly #untold = new Set<number>()

  get size(): number {
    return this.#entries.size
  }

  /** Throws when it is malformed. `fromNode`: its owner is another node, which has bounds of its own. */
  take(update: Uint8Array, owner: string, now: number, fromNode = false): void {
    const decoder = decoding.createDecoder(update)
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const start = decoder.pos
      const id = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      const state = decoding.readVarUint8Array(decoder)
      const known = this.#entries.get(id)
      if (isNobody(state)) {
        if (known?.owner === owner && clock >= known.clock) this.#remove(id, clock, now, fromNode)
      } else if (this.#isNews(id, clock, known) && this.#mayOwn(id, owner, fromNode)) {
        if (state.length > MAX_STATE_BYTES) continue
        // The other node has done it.
        if (!fromNode) JSON.parse(TEXT.decode(state))
        // A copy: what ws reads shares memory with its neighbours.
        this.#entries.set(id, { clock, bytes: new Uint8Array(update.subarray(start, decoder.pos)), owner })
        this.#gone.delete(id)
        this.#hasChanged(id, fromNode)
      }
    }
  }

  /** The owner is gone, and with it everything it said. */
  forget(owner: string, now: number, fromNode = false): void {
    for (const [id, entry] of this.#entries) {
      if (entry.owner === owner) this.#remove(id, entry.clock, now, fromNode)
    }
    for (const [id, { at }] of this.#gone) if (now - at > GONE_MS) this.#gone.delete(id)
  }

  owners(): Set<string> {
    return new Set(Array.from(this.#entries.values(), (entry) => entry.owner))
  }

  /** Everybody, or those of these owners; undefined when that is nobody. */
  all(isWanted: (owner: string) => boolean = () => true): Uint8Array | undefined {
    return this.#encode([...this.#entries].flatMap(([id, { owner }]) => (isWanted(owner) ? [id] : [])))
  }

  get hasNews(): boolean {
    return this.#changed.size > 0
  }

  /** Of this node's own. */
  get hasNewsForNodes(): boolean {
    return this.#untold.size > 0
  }

  /** What changed since it was asked last. */
  drain(): Uint8Array | undefined {
    return this.#drained(this.#changed)
  }

  /** What of this node's own changed since it was asked last. */
  drainForNodes(): Uint8Array | undefined {
    return this.#drained(this.#untold)
  }

  #drained(changed: Set<number>): Uint8Array | undefined {
    const ids = [...changed]
    changed.clear()
    return this.#encode(ids)
  }

  #hasChanged(id: number, fromNode: boolean): void {
    this.#changed.add(id)
    if (!fromNode) this.#untold.add(id)
  }

  #isNews(id: number, clock: number, known: Entry | undefined): boolean {
    if (known !== undefined) return clock > known.clock
    const gone = this.#gone.get(id)
    return gone === undefined || clock > gone.clock
  }

  #mayOwn(id: number, owner: string, fromNode: boolean): boolean {
    if (fromNode || this.#entries.get(id)?.owner === owner) return true
    if (this.#entries.size >= MAX_ENTRIES) return false
    let owned = 0
    for (const entry of this.#entries.values()) if (entry.owner === owner) owned += 1
    return owned < MAX_PER_OWNER
  }

  #remove(id: number, clock: number, now: number, fromNode: boolean): void {
    this.#entries.delete(id)
    this.#gone.set(id, { clock, at: now })
    this.#hasChanged(id, fromNode)
  }

  #encode(ids: readonly number[]): Uint8Array | undefined {
    if (ids.length === 0) return undefined
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, ids.length)
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry !== undefined) encoding.writeUint8Array(encoder, entry.bytes)
      else {
        encoding.writeVarUint(encoder, id)
        // The same clock with nobody is how y-protocols says that somebody left: his next word counts again.
        encoding.writeVarUint(encoder, this.#gone.get(id)?.clock ?? 0)
        encoding.writeVarString(encoder, NOBODY)
      }
    }
    return encoding.toUint8Array(encoder)
  }
}

function isNobody(state: Uint8Array): boolean {
  return state.length === NOBODY.length && TEXT.decode(state) === NOBODY
}

const TEXT = new TextDecoder('utf-8', { fatal: true })
