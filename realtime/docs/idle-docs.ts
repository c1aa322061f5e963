import type { HotDoc } from './hot-doc.ts'

/** A page that was left is often opened again; merged updates of so much are kept for that. */
const MAX_BYTES = 32 * 1_048_576
const MAX_DOCS = 500

/** Documents that nobody has open: as they were, to be brought up to date from the store. The one unused for longest goes first. */
export class IdleDocs {
  readonly #docs = new Map<string, HotDoc>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  put(key: string, doc: HotDoc): void {
    this.take(key)
    this.#docs.set(key, doc)
    this.#bytes += doc.bytes
    for (const oldest of this.#docs.keys()) {
      if (this.#bytes <= MAX_BYTES && this.#docs.size <= MAX_DOCS) return
      this.take(oldest)
    }
  }

  take(key: string): HotDoc | undefined {
    const doc = this.#docs.get(key)
    if (doc === undefined) return undefined
    this.#docs.delete(key)
    this.#bytes -= doc.bytes
    return doc
  }
}
