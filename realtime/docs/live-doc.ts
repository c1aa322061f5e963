import { type DocRef, docIdOf } from '../../domain/documents/doc-ref.ts'
import type { Resource } from '../../domain/identity/can.ts'
import { AwarenessBook } from './awareness-book.ts'
import type { DocPeer } from './doc-peer.ts'
import { type DocEntry, type DocStream, type StoredTurns, isStreamable } from './doc-stream.ts'
import { Heard } from './heard.ts'
import { type HotDoc, refuseMalformed } from './hot-doc.ts'
import type { Batch, Journal, JournalDoc } from './journal.ts'
import type { DocsMetrics } from './docs-metrics.ts'
import { TurnTimer } from './turn-timer.ts'
import { type AckKind, awarenessFrame, updateFrame } from './wire.ts'

export interface LiveDocDeps {
  stream: DocStream
  journal: Journal
  metrics: DocsMetrics
  /** The store has something of this document that is not here. */
  onBehind: (doc: LiveDoc) => void
  onLost: (doc: LiveDoc) => void
}

interface Said {
  frame: Buffer
  update: Uint8Array
  /** undefined: it came from another node or the store, and is not ours to store. */
  from: DocPeer | undefined
}

/** As another node knows its states; one that says nothing this long is gone, and so is who was there. */
const NODE_SILENCE_MS = 8_000

/**
 * An open document on this node: what came in during a turn is appended, written to every other peer in one write, told to
 * the other nodes, and put into the journal. Who said something does not hear it back.
 */
export class LiveDoc implements JournalDoc {
  readonly organizationId: string
  readonly ref: DocRef
  readonly docId: string
  readonly key: string
  readonly hot: HotDoc
  readonly peers = new Set<DocPeer>()
  rights: Extract<Resource, { kind: 'meeting' }>
  /** Since when nobody is connected, in milliseconds of `performance.now()`. */
  idleSince = performance.now()
  readonly #deps: LiveDocDeps
  readonly #book = new AwarenessBook()
  readonly #heard = new Heard()
  readonly #nodesHeardAt = new Map<string, number>()
  #turn: Said[] = []
  readonly #timer = new TurnTimer(
    () => ({
      here: this.#book.hasNews || this.#owed.size > 0,
      nodes: this.#book.hasNewsForNodes || this.#untoldStored.length > 0,
    }),
    () => this.flush(),
  )
  /** They have acks to come. */
  readonly #owed = new Set<DocPeer>()
  /** Other nodes do not know yet that this is stored. */
  #untoldStored: StoredTurns[] = []
  #count = 0
  /** Batches that are not stored yet. */
  #unstored = 0

  constructor(
    deps: LiveDocDeps,
    given: { organizationId: string; ref: DocRef; hot: HotDoc; rights: LiveDoc['rights'] },
  ) {
    this.#deps = deps
    this.organizationId = given.organizationId
    this.ref = given.ref
    this.docId = docIdOf(given.ref)
    this.key = docKey(given.organizationId, given.ref)
    this.hot = given.hot
    this.rights = given.rights
  }

  /** Nothing would be lost if it were closed. */
  get isSettled(): boolean {
    return this.peers.size === 0 && this.#turn.length === 0 && this.#unstored === 0 && this.#heard.isEmpty
  }

  join(peer: DocPeer): void {
    this.peers.add(peer)
    const states = this.#book.all()
    if (states !== undefined) peer.write(awarenessFrame(states))
  }

  leave(peer: DocPeer): void {
    this.peers.delete(peer)
    this.#owed.delete(peer)
    this.#book.forget(peer.id, performance.now())
    if (this.peers.size === 0) this.idleSince = performance.now()
    this.#timer.later()
  }

  /** A checked update of one who may edit. */
  take(update: Uint8Array, from: DocPeer): void {
    this.#say({ frame: updateFrame(update), update, from })
  }

  /** Throws when it is malformed. */
  takeAwareness(update: Uint8Array, from: DocPeer): void {
    this.#book.take(update, from.id, performance.now())
    this.#timer.later()
  }

  awareness(): Uint8Array | undefined {
    return this.#book.all()
  }

  /** From the store: everything from what is here up to `head`. */
  fill(updates: readonly Uint8Array[], head: number): void {
    for (const update of updates) this.#say({ frame: updateFrame(update), update, from: undefined })
    this.hot.reached(head)
  }

  /** From another node. */
  hear(entry: DocEntry): void {
    const now = performance.now()
    const { instance, count, updates, awareness, stored } = entry
    this.#nodesHeardAt.set(instance, now)
    if (count > 0 && this.#heard.add(instance, count, updates, now)) {
      for (const update of updates) {
        refuseMalformed(update)
        this.#say({ frame: updateFrame(update), update, from: undefined })
      }
    }
    if (awareness !== undefined) {
      this.#book.take(awareness, nodeOwner(instance), now, true)
      this.#timer.later()
    }
    for (const { seq, from, to } of stored) {
      if (this.#heard.stored(instance, from, to)) this.hot.hasStored(seq)
      else if (seq > this.hot.cursor) this.#deps.onBehind(this)
    }
    if (entry.asksAwareness) this.tellAwareness()
  }

  /** Says again who is here: for nodes that have just come, and as a sign of life. */
  tellAwareness(asksAwareness = false): void {
    const awareness = this.#book.all(isOwn)
    if (awareness !== undefined || asksAwareness) void this.#publish({ awareness, asksAwareness })
  }

  /** To be called about every second. */
  sweep(now: number): void {
    if (!this.#deps.journal.isAway) {
      const updates = this.#heard.overdue(now)
      if (updates.length > 0) this.#store(updates, { count: 0, receipts: new Map(), authorIds: new Set() })
    }
    for (const owner of this.#book.owners()) {
      const heardAt = isOwn(owner) ? now : (this.#nodesHeardAt.get(owner.slice(NODE.length)) ?? 0)
      if (now - heardAt > NODE_SILENCE_MS) this.#book.forget(owner, now, true)
    }
    this.#timer.later()
  }

  stored(seq: number, batch: Batch): void {
    this.#unstored -= batch.parts
    this.hot.hasStored(seq)
    this.#deps.metrics.storedSeconds.observe((performance.now() - batch.since) / 1000)
    for (const [peer, upto] of batch.receipts) this.#ack(peer, 'stored', upto)
    this.#untoldStored.push({ seq, from: batch.from, to: batch.to })
    this.#timer.later()
  }

  lost(): void {
    this.#unstored = 0
    this.#deps.onLost(this)
  }

  /** Ends the turn. */
  flush(): void {
    this.#timer.ended()
    const turn = this.#turn
    this.#turn = []
    const owed = [...this.#owed]
    this.#owed.clear()
    this.#writeToPeers(turn, this.#book.drain())
    for (const peer of owed) peer.writeAcks()
    const own = turn.filter((said) => said.from !== undefined)
    if (own.length > 0) this.#pass(own)
    else if (this.#timer.mustTell) void this.#publish({})
    this.#timer.later()
  }

  #say(said: Said): void {
    this.hot.append(said.update)
    this.#turn.push(said)
    this.#timer.soon()
  }

  #ack(peer: DocPeer, kind: AckKind, upto: number): void {
    peer.ack(kind, upto)
    this.#owed.add(peer)
    this.#timer.later()
  }

  #writeToPeers(turn: readonly Said[], cursors: Uint8Array | undefined): void {
    if (turn.length === 0 && cursors === undefined) return
    const updates = Buffer.concat(turn.map(({ frame }) => frame))
    const tail = cursors === undefined ? EMPTY : awarenessFrame(cursors)
    const everything = cursors === undefined ? updates : Buffer.concat([updates, tail])
    const writers = new Set(turn.map(({ from }) => from))
    for (const peer of this.peers) {
      if (!writers.has(peer)) peer.write(peer.wantsCursors ? everything : updates)
      else {
        const others = turn.filter(({ from }) => from !== peer).map(({ frame }) => frame)
        this.#ack(peer, 'relayed', peer.received)
        if (others.length > 0 || tail.length > 0) peer.write(Buffer.concat([...others, tail]))
      }
    }
    this.#deps.metrics.updatesOut.inc(turn.length * this.peers.size)
  }

  /** To the other nodes and to the store. */
  #pass(own: readonly Said[]): void {
    const updates = own.map(({ update }) => update)
    const receipts = new Map<DocPeer, number>()
    const authorIds = new Set<string>()
    for (const { from } of own) {
      if (from === undefined) continue
      receipts.set(from, from.received)
      authorIds.add(from.actor.userId)
    }
    const count = isStreamable(updates) ? (this.#count += 1) : 0
    const told = this.#publish({ count, updates: count === 0 ? [] : updates })
    void told.then((isLogged) => {
      for (const [peer, upto] of receipts) {
        if (isLogged && count > 0) this.#ack(peer, 'logged', upto)
        else peer.notLogged(upto)
      }
    })
    this.#store(updates, { count, receipts, authorIds })
  }

  #store(
    updates: Uint8Array[],
    { count, receipts, authorIds }: { count: number } & Pick<Batch, 'receipts' | 'authorIds'>,
  ): void {
    const bytes = updates.reduce((sum, update) => sum + update.length, 0)
    this.#unstored += 1
    const batch: Batch = {
      updates,
      bytes,
      receipts,
      authorIds,
      from: count,
      to: count,
      parts: 1,
      since: performance.now(),
    }
    this.#deps.journal.put(this, batch)
  }

  /** With whatever else other nodes do not know. */
  #publish({
    count = 0,
    updates = [],
    awareness = this.#book.drainForNodes(),
    asksAwareness = false,
  }: Partial<DocEntry>): Promise<boolean> {
    this.#timer.told()
    const stored = this.#untoldStored
    this.#untoldStored = []
    return this.#deps.stream.publish({ key: this.key, count, updates, awareness, stored, asksAwareness })
  }
}

export function docKey(organizationId: string, ref: DocRef): string {
  return `${organizationId}/${docIdOf(ref)}`
}

const EMPTY = Buffer.alloc(0)
const NODE = 'node:'

function nodeOwner(instance: string): string {
  return NODE + instance
}

function isOwn(owner: string): boolean {
  return !owner.startsWith(NODE)
}
