import type { RawData, WebSocket } from 'ws'
import { TokenBucket } from '../token-bucket.ts'
import type { DocPeer } from './doc-peer.ts'
import type { DocsMetrics } from './docs-metrics.ts'
import { refuseMalformed } from './hot-doc.ts'
import type { Journal } from './journal.ts'
import type { LiveDoc } from './live-doc.ts'
import { BUSY, type Incoming, MALFORMED, awarenessFrame, readMessage, step1Frame, step2Frame } from './wire.ts'

/** Updates a second that a connection may send for as long as it likes (CONTRACT.md), and how many at once. */
const UPDATES_PER_SECOND = 200
const UPDATE_BURST = 600
/** Beside its number an update costs its size, and a message about cursors a quarter of an update. */
const BYTES_PER_UPDATE = 16_384
const OTHER_COST = 0.25
/** A question for the whole document makes work that the asker does not have. */
const STATE_COST = 20
/** A meeting's notes with all their history are a hundredth of it. */
const MAX_DOC_BYTES = 16 * 1_048_576

/** Answers what this peer says until it closes. */
export function servePeer(
  ws: WebSocket,
  peer: DocPeer,
  doc: LiveDoc,
  { journal, metrics }: { journal: Journal; metrics: DocsMetrics },
): void {
  const pace = new TokenBucket(UPDATES_PER_SECOND, UPDATE_BURST, performance.now())
  ws.on('message', receive)
  // The client asks first; our question brings what it wrote while it was away.
  peer.write(step1Frame(doc.hot.stateVector()))
  doc.join(peer)

  function receive(data: RawData, isBinary: boolean): void {
    if (peer.isClosing || !isBinary) return
    const bytes = data as Buffer
    let message: Incoming
    try {
      message = readMessage(bytes)
      answer(message)
    } catch {
      peer.close(MALFORMED, 'That is not the y-websocket protocol.')
      return
    }
    const wait = pace.spend(costOf(message) + bytes.length / BYTES_PER_UPDATE, performance.now())
    if (wait > 0) peer.pauseFor(wait)
  }

  function answer(message: Incoming): void {
    switch (message.type) {
      case 'step1':
        peer.writeState(step2Frame(doc.hot.diff(message.stateVector)))
        return
      case 'step2':
        // Checked before it is compared with what is here.
        refuseMalformed(message.update)
        if (!doc.hot.knows(message.update)) take(message.update)
        return
      case 'update':
        peer.received += 1
        refuseMalformed(message.update)
        take(message.update)
        return
      case 'awareness':
        doc.takeAwareness(message.update, peer)
        return
      case 'queryAwareness': {
        const states = doc.awareness()
        if (states !== undefined) peer.write(awarenessFrame(states))
        return
      }
      case 'unknown':
        return
      default:
        message satisfies never
    }
  }

  function take(update: Uint8Array): void {
    if (peer.right !== 'edit') peer.deny('You may read this document, not edit it.')
    else if (doc.hot.bytes + update.length > MAX_DOC_BYTES) peer.deny('This document is full.')
    else if (journal.isFull) peer.close(BUSY, 'Nothing can be stored at the moment.')
    else {
      metrics.updatesIn.inc()
      // A copy: what ws reads shares memory with its neighbours.
      doc.take(Buffer.from(update), peer)
    }
  }
}

function costOf({ type }: Incoming): number {
  if (type === 'update' || type === 'step2') return 1
  return type === 'step1' ? STATE_COST : OTHER_COST
}
