import * as Y from 'yjs'
import { isEmpty, mergeLevelled } from '../../db/documents/merge-updates.ts'

/** A merge reads the base: it has to pay for what came since. */
const COMPACT_MIN_BYTES = 65_536
/** Small updates cost more by their number than by their size. */
const COMPACT_COUNT = 1_024

/**
 * A document as merged base and log, without a tree. Pure state. Invariant: base and log together hold every update of the
 * stored log up to `cursor`, and everything that was appended since, stored or not.
 */
export class HotDoc {
  /** The last number of the stored log that is in it. */
  cursor: number
  #base: Uint8Array
  #log: Uint8Array[] = []
  #logBytes = 0
  #stateVector: Uint8Array | undefined
  #deletions: Deletions | undefined
  /** Beyond the cursor: numbers whose content is in it as well. */
  readonly #ahead = new Set<number>()

  constructor(cursor: number, updates: readonly Uint8Array[]) {
    this.cursor = cursor
    this.#base = mergeLevelled(updates)
  }

  get bytes(): number {
    return this.#base.length + this.#logBytes
  }

  append(update: Uint8Array): void {
    this.#log.push(update)
    this.#logBytes += update.length
    this.#stateVector = undefined
    this.#deletions = undefined
    const isDue = this.#logBytes > COMPACT_MIN_BYTES + this.#base.length / 2 || this.#log.length >= COMPACT_COUNT
    if (isDue) this.#compact()
  }

  /** The content of this number of the stored log is in it. */
  hasStored(seq: number): void {
    if (seq <= this.cursor) return
    this.#ahead.add(seq)
    while (this.#ahead.delete(this.cursor + 1)) this.cursor += 1
  }

  /** Everything stored up to this number is in it. */
  reached(seq: number): void {
    this.cursor = Math.max(this.cursor, seq)
    for (const ahead of this.#ahead) if (ahead <= this.cursor) this.#ahead.delete(ahead)
    while (this.#ahead.delete(this.cursor + 1)) this.cursor += 1
  }

  /** What somebody lacks who has this state vector. */
  diff(stateVector: Uint8Array): Uint8Array {
    const state = this.#compact()
    const hasNothing = stateVector.length <= 1
    return hasNothing ? state : Y.diffUpdate(state, stateVector)
  }

  stateVector(): Uint8Array {
    this.#stateVector ??= Y.encodeStateVectorFromUpdate(this.#compact())
    return this.#stateVector
  }

  /** Whether this update says nothing that is not in here: what a client that comes back sends mostly is. */
  knows(update: Uint8Array): boolean {
    if (isEmpty(update)) return true
    const { structs, ds } = Y.decodeUpdate(update)
    if (structs.length > 0) return false
    this.#deletions ??= Y.decodeUpdate(this.#compact()).ds
    const known = Y.mergeDeleteSets([this.#deletions])
    return Y.equalDeleteSets(Y.mergeDeleteSets([known, ds]), known)
  }

  #compact(): Uint8Array {
    if (this.#log.length > 0) {
      this.#base = mergeLevelled([this.#base, mergeLevelled(this.#log)])
      this.#log = []
      this.#logBytes = 0
    }
    return this.#base
  }
}

type Deletions = ReturnType<typeof Y.decodeUpdate>['ds']

/** Throws when it is not an update of Yjs (v1) from its first to its last byte. */
export function refuseMalformed(update: Uint8Array): void {
  Y.decodeUpdate(update)
}
