import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { readDoc, readDocSince } from '../../db/documents/doc-log.ts'
import { readRightsFacts } from '../../db/documents/rights-facts.ts'
import { readOnly } from '../../db/transaction.ts'
import { documentRight } from '../../domain/documents/rights.ts'
import type { LiveDoc } from './live-doc.ts'
import type { MeetingWatch } from './meeting-watch.ts'
import { NO_RIGHT, step1Frame } from './wire.ts'

/** While the store is away the old rights stand. */
const RETRY_MS = 250
const GONE = 'This document is not for you, or not any more.'

/**
 * An open document with what keeps it true: who may be in it is judged again with every news of its meeting, and what the store has
 * beyond it is fetched. Both one at a time, and once more when asked meanwhile.
 */
export class HeldDoc {
  readonly doc: LiveDoc
  readonly watch: MeetingWatch
  /** The head of the store when it was compared last. */
  suspected = 0
  readonly #pool: Pool
  readonly #onFilled: (count: number) => void
  #filling = false
  #checking = false
  #checkAgain = false
  #ended = false

  constructor(pool: Pool, doc: LiveDoc, watch: MeetingWatch, onFilled: (count: number) => void) {
    this.#pool = pool
    this.doc = doc
    this.watch = watch
    this.#onFilled = onFilled
  }

  async check(): Promise<void> {
    this.#checkAgain = true
    if (this.#checking) return
    this.#checking = true
    while (this.#checkAgain && !this.#ended) {
      this.#checkAgain = false
      try {
        await this.#readRights()
      } catch {
        this.#checkAgain = true
        await sleep(RETRY_MS)
      }
    }
    this.#checking = false
  }

  fill(): void {
    if (this.#filling) return
    this.#filling = true
    void this.#fill()
      // The next comparison finds it still behind.
      .catch(() => {})
      .finally(() => {
        this.#filling = false
      })
  }

  /** Lets go whoever may not read any more, and says who may edit. */
  judge(): void {
    for (const peer of this.doc.peers) {
      const before = peer.right
      peer.right = documentRight(peer.actor, this.doc.rights)
      if (peer.right === 'none') peer.close(NO_RIGHT, GONE)
      else if (before === 'read' && peer.right === 'edit') {
        peer.mayEditAgain()
        // Asks for what was dropped meanwhile.
        peer.write(step1Frame(this.doc.hot.stateVector()))
      }
    }
  }

  end(): void {
    this.#ended = true
    this.watch.end()
  }

  async #readRights(): Promise<void> {
    const { doc } = this
    const rights = await readOnly(this.#pool, doc.organizationId, (tx) => readRightsFacts(tx, doc.ref))
    if (rights === undefined) for (const peer of doc.peers) peer.close(NO_RIGHT, GONE)
    else doc.rights = rights
    this.judge()
  }

  async #fill(): Promise<void> {
    const { organizationId, docId, hot } = this.doc
    const { cursor } = hot
    const read = await readOnly(this.#pool, organizationId, async (tx) => {
      const since = await readDocSince(tx, docId, cursor)
      if (since === undefined) return readDoc(tx, docId)
      return { updates: since.map(({ payload }) => payload), head: since.at(-1)?.seq ?? cursor }
    })
    if (read === undefined || this.#ended) return
    this.doc.fill(read.updates, read.head)
    this.#onFilled(read.updates.length)
  }
}
