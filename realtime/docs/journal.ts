import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { appendUpdates } from '../../db/documents/doc-log.ts'
import { mergeLevelled } from '../../db/documents/merge-updates.ts'
import { createOutage } from '../../db/outage.ts'
import { isUnavailable } from '../../db/pool.ts'
import { putDue } from '../../db/jobs/due.ts'
import { transact } from '../../db/transaction.ts'
import type { Clock } from '../../domain/deps.ts'
import { DOCUMENT_JOB, PROJECT_AFTER_MS } from '../../domain/documents/projection.ts'
import { ok } from '../../domain/result.ts'
import { plus } from '../../domain/time/instant.ts'
import type { DocPeer } from './doc-peer.ts'

/** Updates of one document that go to the store together. */
export interface Batch {
  updates: Uint8Array[]
  bytes: number
  authorIds: Set<string>
  /** Of this instance's counted turns; `from` 0: it holds something that was not told to the others under a number. */
  from: number
  to: number
  /** Whom to tell that it is stored, and up to which of his frames. */
  receipts: Map<DocPeer, number>
  /** How many were put. */
  parts: number
  /** When the first of it came, in milliseconds of `performance.now()`. */
  since: number
}

export interface JournalDoc {
  readonly organizationId: string
  readonly docId: string
  /** The batch is in the store under this number. */
  stored: (seq: number, batch: Batch) => void
  /** The document is gone from the store, or refuses what it is given. */
  lost: () => void
}

export interface JournalDeps extends Clock {
  pool: Pool
  log: Logger
}

/** Well inside what a person notices; long enough for a busy node to commit 40 times a second, not 2,000. */
const GATHER_MS = 25
/** Of the pool's ten: people who book meet the others. */
const MAX_COMMITS_AT_ONCE = 3
const RETRY_MS = 250
/** What is not stored while PostgreSQL is away: an hour of some hundred people typing. */
const MAX_UNSTORED_BYTES = 64 * 1_048_576

/**
 * Brings updates to PostgreSQL: one transaction per organisation and 25 ms for all its documents. Invariant: what was put is
 * kept, in order, until it is stored or its document is lost; a commit whose fate is unknown is done again, which Yjs forgives.
 */
export class Journal implements AsyncDisposable {
  readonly #deps: JournalDeps
  readonly #pending = new Map<string, Map<JournalDoc, Batch>>()
  readonly #busy = new Set<string>()
  readonly #projecting = new WeakMap<JournalDoc, number>()
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  readonly #outage
  #isAway = false
  #stopped = false

  constructor(deps: JournalDeps) {
    this.#deps = deps
    this.#outage = createOutage(deps.log, 'document store')
  }

  /** Nothing more may be taken in until the store is back. */
  get isFull(): boolean {
    return this.#bytes > MAX_UNSTORED_BYTES
  }

  /** The store did not take the last batch. */
  get isAway(): boolean {
    return this.#isAway
  }

  get unstoredBytes(): number {
    return this.#bytes
  }

  put(doc: JournalDoc, batch: Batch): void {
    const docs = this.#pending.get(doc.organizationId) ?? new Map<JournalDoc, Batch>()
    this.#pending.set(doc.organizationId, docs)
    const before = docs.get(doc)
    docs.set(doc, before === undefined ? batch : joined(before, batch))
    this.#bytes += batch.bytes
    this.#soon(GATHER_MS)
  }

  /** Resolves when everything that was put is stored, or after `ms`. */
  async drain(ms: number): Promise<void> {
    const deadline = performance.now() + ms
    while (this.#bytes > 0 && performance.now() < deadline) {
      this.#flush()
      await sleep(5)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    while (this.#busy.size > 0) await sleep(5)
  }

  #soon(ms: number): void {
    if (this.#stopped) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#flush()
    }, ms)
  }

  #flush(): void {
    for (const [organizationId, docs] of this.#pending) {
      if (this.#busy.size >= MAX_COMMITS_AT_ONCE) return
      if (this.#busy.has(organizationId)) continue
      this.#pending.delete(organizationId)
      this.#busy.add(organizationId)
      void this.#commit(organizationId, docs).finally(() => {
        this.#busy.delete(organizationId)
        if (this.#pending.size > 0) this.#soon(this.#isAway ? RETRY_MS : GATHER_MS)
      })
    }
  }

  async #commit(organizationId: string, docs: Map<JournalDoc, Batch>): Promise<void> {
    try {
      const seqs = await this.#store(organizationId, docs)
      this.#worked()
      for (const [doc, batch] of docs) this.#settle(doc, batch, seqs.get(doc.docId))
    } catch (error) {
      if (isUnavailable(error) || (error as Error).name === 'OutcomeUnknown') {
        this.#isAway = true
        this.#outage.failed(error)
        this.#putBack(organizationId, docs)
      } else if (docs.size === 1) {
        const [[doc, batch] = []] = docs
        this.#deps.log.error({ event: 'doc.store_failed', docId: doc?.docId, organizationId, err: error })
        if (doc !== undefined && batch !== undefined) this.#settle(doc, batch, undefined)
      } else {
        // One of them is at fault: the others must not wait for it for ever.
        for (const [doc, batch] of docs) await this.#commit(organizationId, new Map([[doc, batch]]))
      }
    }
  }

  async #store(organizationId: string, docs: ReadonlyMap<JournalDoc, Batch>): Promise<Map<string, number>> {
    const now = this.#deps.now()
    const appends = Array.from(docs, ([{ docId }, { updates, authorIds }]) => {
      return { docId, payload: mergeLevelled(updates), authorIds: [...authorIds] }
    })
    const due = [...docs.keys()].filter((doc) => (this.#projecting.get(doc) ?? 0) < now + PROJECT_AFTER_MS / 2)
    const dueAt = plus(now, PROJECT_AFTER_MS)
    const result = await transact(
      this.#deps.pool,
      { organizationId, userId: organizationId },
      { now, onNews: () => {} },
      async (tx) => {
        const seqs = await appendUpdates(tx, appends, now)
        const known = due.filter((doc) => seqs.has(doc.docId))
        await putDue(
          tx,
          known.map(({ docId }) => ({ kind: DOCUMENT_JOB, subject: docId, dueAt })),
        )
        return ok(seqs)
      },
    )
    for (const doc of due) this.#projecting.set(doc, dueAt)
    return result.ok ? result.value : new Map()
  }

  #settle(doc: JournalDoc, batch: Batch, seq: number | undefined): void {
    this.#bytes -= batch.bytes
    if (seq === undefined) doc.lost()
    else doc.stored(seq, batch)
  }

  #putBack(organizationId: string, docs: ReadonlyMap<JournalDoc, Batch>): void {
    const newer = this.#pending.get(organizationId) ?? new Map<JournalDoc, Batch>()
    for (const [doc, batch] of docs) {
      const since = newer.get(doc)
      newer.set(doc, since === undefined ? batch : joined(batch, since))
    }
    this.#pending.set(organizationId, newer)
  }

  #worked(): void {
    this.#isAway = false
    this.#outage.worked()
  }
}

function joined(a: Batch, b: Batch): Batch {
  const receipts = new Map(a.receipts)
  for (const [receiver, upto] of b.receipts) receipts.set(receiver, upto)
  const isTold = a.from > 0 && b.from === a.to + 1
  return {
    // One by one: a spread of many thousands is more arguments than the stack takes.
    updates: a.updates.concat(b.updates),
    bytes: a.bytes + b.bytes,
    authorIds: new Set([...a.authorIds, ...b.authorIds]),
    from: isTold ? a.from : 0,
    to: isTold ? b.to : 0,
    receipts,
    parts: a.parts + b.parts,
    since: a.since,
  }
}
