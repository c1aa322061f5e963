import { type StoredDoc, readDocHeads, readDocSince } from '../../db/documents/doc-log.ts'
import { openDoc } from '../../db/documents/open-doc.ts'
import { readRightsFacts } from '../../db/documents/rights-facts.ts'
import { Nap } from '../../db/nap.ts'
import { createOutage } from '../../db/outage.ts'
import { readOnly } from '../../db/transaction.ts'
import type { DocRef } from '../../domain/documents/doc-ref.ts'
import { documentRight } from '../../domain/documents/rights.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Newsroom } from '../newsroom.ts'
import { IdleDocs } from './idle-docs.ts'
import type { RealtimeDeps } from '../deps.ts'
import { type DocsMetrics, docsMetrics } from './docs-metrics.ts'
import type { DocPeer } from './doc-peer.ts'
import { type DocEntry, DocStream } from './doc-stream.ts'
import { HeldDoc } from './held-doc.ts'
import { HotDoc } from './hot-doc.ts'
import { Journal } from './journal.ts'
import { LiveDoc, docKey } from './live-doc.ts'
import { MeetingWatch } from './meeting-watch.ts'
import { BUSY } from './wire.ts'

export type DocsDeps = Omit<RealtimeDeps, 'rooms' | 'holds' | 'availability' | 'topicSources'>

/** How often open documents are compared with the store: what one comparison finds missing, the next one fetches. */
const COMPARE_MS = 400
const COMPARE_SOON_MS = 120
const SWEEP_MS = 1_000
/** Other nodes hear every so often who is here. */
const AWARENESS_EVERY_MS = 3_000
/** A document without anybody stays live for a page that reloads. */
const LINGER_MS = 3_000
/** Merged updates of open documents on one node; beyond it no other is opened. */
const MAX_RESIDENT_BYTES = 256 * 1_048_576
const MAX_OPEN = 20_000
/** Turns of other nodes while a document is read: seconds of a busy one. */
const MAX_EARLY = 500

/** No document can be opened on this node at the moment. */
export class NotNow extends Error {
  override name = 'NotNow'
}

/**
 * The documents open on this node. Invariant: a document is answered only when all of it was read, and while it is open every
 * update that anybody stored comes here: by the stream at once, from the store within a second.
 */
export class OpenDocs implements AsyncDisposable {
  readonly journal: Journal
  readonly metrics: DocsMetrics
  readonly #deps: DocsDeps
  readonly #newsroom: Newsroom
  readonly #stream: DocStream
  readonly #held = new Map<string, HeldDoc>()
  readonly #opening = new Map<string, Promise<LiveDoc | undefined>>()
  /** What the stream brings of documents that are just being read. */
  readonly #early = new Map<string, DocEntry[]>()
  readonly #idle = new IdleDocs()
  readonly #pause = new Nap()
  readonly #compared: Promise<void>
  readonly #sweeping: NodeJS.Timeout
  #toldAt = 0
  #stopped = false

  constructor(deps: DocsDeps, newsroom: Newsroom) {
    this.#deps = deps
    this.#newsroom = newsroom
    this.journal = new Journal(deps)
    this.metrics = docsMetrics(deps.metrics, {
      docs: () => this.#held.size,
      peers: () => this.peers().length,
      bytes: () => this.#residentBytes() + this.#idle.bytes,
      unstored: () => this.journal.unstoredBytes,
    })
    this.#stream = new DocStream({
      redisUrl: deps.redisUrl,
      log: deps.log,
      instance: deps.newId(),
      onEntry: (entry) => this.#hear(entry),
      onGap: () => this.#pause.rouse(),
    })
    this.#compared = this.#compareForever()
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS)
  }

  peers(): DocPeer[] {
    return Array.from(this.#held.values(), ({ doc }) => [...doc.peers]).flat()
  }

  docs(): LiveDoc[] {
    return Array.from(this.#held.values(), ({ doc }) => doc)
  }

  /**
   * The document with everything in it; undefined when this actor may not have it, or there is none. Throws when the store or
   * the news are away, or this node holds as much as it can.
   */
  async open(actor: Actor, ref: DocRef): Promise<LiveDoc | undefined> {
    const key = docKey(actor.organizationId, ref)
    const held = this.#held.get(key)
    if (held !== undefined) return held.doc
    // Who came first may have been one who may not: then everybody asks for himself.
    const opened = await this.#opening.get(key)?.catch(() => undefined)
    if (opened !== undefined) return opened
    const opening = this.#load(key, actor, ref)
    this.#opening.set(key, opening)
    try {
      return await opening
    } finally {
      if (this.#opening.get(key) === opening) this.#opening.delete(key)
    }
  }

  /** Judges again what everybody in this organisation's documents may do; for a person whose role changed. */
  judge(organizationId: string): void {
    for (const held of this.#held.values()) if (held.doc.organizationId === organizationId) held.judge()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearInterval(this.#sweeping)
    this.#pause.rouse()
    await this.#compared
    await this.journal[Symbol.asyncDispose]()
    for (const key of [...this.#held.keys()]) this.#close(key)
    await this.#stream[Symbol.asyncDispose]()
  }

  async #load(key: string, actor: Actor, ref: DocRef): Promise<LiveDoc | undefined> {
    const known = this.#held.get(key)
    if (known !== undefined) return known.doc
    if (this.#held.size >= MAX_OPEN || this.#residentBytes() > MAX_RESIDENT_BYTES)
      throw new NotNow('no room for another document')
    // First the stream, then the store: what is in neither yet is going to come.
    this.#early.set(key, this.#early.get(key) ?? [])
    await this.#stream.listen(key)
    let begun: { held: HeldDoc; newsCame: boolean } | undefined
    try {
      begun = await this.#begin(key, actor, ref)
      const other = this.#held.get(key)
      if (begun === undefined || other !== undefined) return other?.doc
      this.#held.set(key, begun.held)
      for (const entry of this.#early.get(key) ?? []) this.#hear(entry)
    } finally {
      this.#early.delete(key)
      if (begun === undefined || this.#held.get(key) !== begun.held) {
        begun?.held.end()
        this.#stream.unlisten(key)
      }
    }
    const { held, newsCame } = begun
    if (newsCame) void held.check()
    held.doc.tellAwareness(true)
    return held.doc
  }

  async #begin(key: string, actor: Actor, ref: DocRef): Promise<{ held: HeldDoc; newsCame: boolean } | undefined> {
    const { organizationId } = actor
    const opened = await this.#read(key, organizationId, ref, (rights) => documentRight(actor, rights) !== 'none')
    if (opened === undefined) return undefined
    let newsCame = false
    const onNews = () => {
      newsCame = true
      this.#newsOf(key)
    }
    const given = { organizationId, organizerId: opened.rights.organizerId, meetingId: ref.meetingId }
    const watch = new MeetingWatch(this.#newsroom, this.#deps.newId(), given, { news: onNews, closed: onNews })
    if (!(await watch.begin())) throw new NotNow('no news at the moment')
    try {
      // What changed after it was read and before its news was followed.
      const rights = await this.#rightsOf(organizationId, ref)
      if (rights !== undefined) {
        const doc = this.#liveDoc(key, { organizationId, ref, hot: opened.hot, rights })
        const held = new HeldDoc(this.#deps.pool, doc, watch, (count) => this.metrics.fills.inc(count))
        return { held, newsCame }
      }
    } catch (error) {
      watch.end()
      throw error
    }
    watch.end()
    return undefined
  }

  #liveDoc(key: string, given: ConstructorParameters<typeof LiveDoc>[1]): LiveDoc {
    const on = { onBehind: () => this.#held.get(key)?.fill(), onLost: () => this.#lose(key) }
    return new LiveDoc({ stream: this.#stream, journal: this.journal, metrics: this.metrics, ...on }, given)
  }

  async #read(
    key: string,
    organizationId: string,
    ref: DocRef,
    mayOpen: (rights: LiveDoc['rights']) => boolean,
  ): Promise<{ hot: HotDoc; rights: LiveDoc['rights'] } | undefined> {
    const { pool, now } = this.#deps
    const idle = this.#idle.take(key)
    if (idle !== undefined) {
      const [rights, since] = await readOnly(pool, organizationId, (tx) =>
        Promise.all([readRightsFacts(tx, ref), readDocSince(tx, key.slice(organizationId.length + 1), idle.cursor)]),
      )
      if (rights === undefined || !mayOpen(rights)) return undefined
      if (since !== undefined) {
        for (const { seq, payload } of since) {
          idle.append(payload)
          idle.hasStored(seq)
        }
        return { hot: idle, rights }
      }
    }
    const opened = await openDoc(pool, { organizationId, ref, now: now() }, mayOpen)
    return opened && { hot: hotDoc(opened.doc), rights: opened.rights }
  }

  #hear(entry: DocEntry): void {
    const held = this.#held.get(entry.key)
    const early = this.#early.get(entry.key)
    // What is too much is found missing by the comparison.
    if (held === undefined && early !== undefined && early.length < MAX_EARLY) early.push(entry)
    try {
      held?.doc.hear(entry)
    } catch (error) {
      this.#deps.log.warn({ event: 'doc.entry_refused', err: error })
    }
  }

  /** Of the meeting: who may do what may be different, and REST may have written into the document. */
  #newsOf(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined) return
    void held.check()
    held.fill()
  }

  #rightsOf(organizationId: string, ref: DocRef): Promise<LiveDoc['rights'] | undefined> {
    return readOnly(this.#deps.pool, organizationId, (tx) => readRightsFacts(tx, ref))
  }

  async #compareForever(): Promise<void> {
    const outage = createOutage(this.#deps.log, 'document heads')
    while (!this.#stopped) {
      try {
        if (this.#held.size > 0) await this.#compare()
        outage.worked()
      } catch (error) {
        outage.failed(error)
      }
      await this.#pause.rest(this.#stream.isAway ? COMPARE_SOON_MS : COMPARE_MS)
    }
  }

  async #compare(): Promise<void> {
    const all = [...this.#held.values()]
    const heads = await readDocHeads(
      this.#deps.logPool,
      all.map(({ doc }) => doc),
    )
    for (const [i, held] of all.entries()) {
      const head = heads[i]
      if (head === null || head === undefined) {
        if (this.#held.get(held.doc.key) === held) this.#lose(held.doc.key)
        continue
      }
      const { cursor } = held.doc.hot
      // The stream usually brings what is missing while we look.
      if (cursor < head && (this.#stream.isAway || cursor < held.suspected)) held.fill()
      held.suspected = head
    }
  }

  #lose(key: string): void {
    const held = this.#held.get(key)
    for (const peer of held?.doc.peers ?? []) peer.close(BUSY, 'The document begins anew.')
    this.#close(key)
    this.#idle.take(key)
  }

  #sweep(): void {
    const now = performance.now()
    const isTime = now - this.#toldAt >= AWARENESS_EVERY_MS
    if (isTime) this.#toldAt = now
    for (const [key, { doc }] of this.#held) {
      for (const peer of doc.peers) peer.judge(now)
      doc.sweep(now)
      if (isTime) doc.tellAwareness()
      if (!doc.isSettled || now - doc.idleSince < LINGER_MS) continue
      this.#close(key)
      this.#idle.put(key, doc.hot)
    }
  }

  #close(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    held.end()
    this.#stream.unlisten(key)
  }

  #residentBytes(): number {
    let bytes = 0
    for (const { doc } of this.#held.values()) bytes += doc.hot.bytes
    return bytes
  }
}

function hotDoc({ head, updates }: StoredDoc): HotDoc {
  return new HotDoc(head, updates)
}
