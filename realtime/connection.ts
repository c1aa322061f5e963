import type { Socket } from 'socket.io'
import type { Actor, Role } from '../domain/identity/actor.ts'
import type { Watcher } from './newsroom.ts'
import type { DragVerdicts } from './availability/drags.ts'
import { BYE, type Bye, DRAG, NEWS, type NewsItem, SLOW_CONSUMER, TOPIC_CLOSED, type TopicClosed } from './protocol.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Watch } from './topics.ts'
import { dropUnsent, emitEncoded, onDrained, onGone, terminate, unsentBytes } from './transport.ts'

const KIB = 1_024
/** Beyond this a socket gets the state when it has caught up, instead of every event in between. */
const SOFT_UNSENT_BYTES = 256 * KIB
/** Beyond this, or without any progress for so long, it is cut off and resumes by its cursors. */
const HARD_UNSENT_BYTES = 1_024 * KIB
const STALLED_MS = 10_000
/** What is left when a slow socket counts as caught up. */
const CAUGHT_UP_BYTES = 64 * KIB
/** How long a peer may take to read the last word. */
const LAST_WORD_MS = 1_000
/** A client that comes back watches all its topics at once; nobody types or drags faster than this for long. */
const MESSAGES_PER_SECOND = 50
const MESSAGE_BURST = 300

/**
 * One authenticated socket: what it watches, how fast it may talk, and whether it keeps up.
 * Modes: open, closing (the last word is on its way, nothing else is sent).
 */
export class Connection implements Watcher {
  readonly id: string
  #actor: Actor
  readonly watches = new Map<string, Watch>()
  readonly sendToAll: Watcher['sendToAll']
  readonly #socket: Socket
  readonly #bucket: TokenBucket
  #stuckSince: number | undefined
  #byeCode: number | undefined

  constructor(socket: Socket, actor: Actor, sendToAll: Watcher['sendToAll'], onDrain: () => void) {
    this.id = socket.id
    this.#actor = actor
    this.sendToAll = sendToAll
    this.#socket = socket
    this.#bucket = new TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST, performance.now())
    onDrained(socket, () => {
      this.#stuckSince = undefined
      onDrain()
    })
  }

  /** Who is at the other end, with the rights he has by now. */
  get actor(): Actor {
    return this.#actor
  }

  become(role: Role): void {
    this.#actor = { ...this.#actor, role }
  }

  /** The code of the `bye` it was sent, if any. */
  get byeCode(): number | undefined {
    return this.#byeCode
  }

  get isClosing(): boolean {
    return this.#byeCode !== undefined
  }

  admits(): boolean {
    return this.#bucket.take(performance.now())
  }

  mayTakeEvents(): boolean {
    return !this.isClosing && unsentBytes(this.#socket) <= SOFT_UNSENT_BYTES
  }

  hasCaughtUp(): boolean {
    return !this.isClosing && unsentBytes(this.#socket) <= CAUGHT_UP_BYTES
  }

  send(items: readonly NewsItem[]): void {
    if (items.length > 0 && !this.isClosing) this.#socket.emit(NEWS, items)
  }

  closeTopic(closed: TopicClosed): void {
    if (!this.isClosing) this.#socket.emit(TOPIC_CLOSED, closed)
  }

  /** The same of an array of items that is JSON already. */
  sendEncoded(items: string): void {
    if (!this.isClosing) emitEncoded(this.#socket, NEWS, items)
  }

  sendDrag(drag: DragVerdicts): void {
    if (!this.isClosing) this.#socket.emit(DRAG, drag)
  }

  /** To be called about every second: cuts off a reader that has stalled or let too much pile up. */
  judge(now: number): void {
    if (this.isClosing) return
    const unsent = unsentBytes(this.#socket)
    if (unsent === 0) this.#stuckSince = undefined
    else this.#stuckSince ??= now
    const stalled = this.#stuckSince !== undefined && now - this.#stuckSince >= STALLED_MS
    if (stalled || unsent > HARD_UNSENT_BYTES) this.bye({ code: SLOW_CONSUMER, reason: 'You read too slowly.' })
  }

  /**
   * Says why, then closes: for a final code as a server disconnect, after which the stock client stays away; else as
   * the end of the transport, after which it comes back.
   */
  bye(bye: Bye): void {
    if (this.isClosing) return
    this.#byeCode = bye.code
    const { conn } = this.#socket
    if (bye.code === SLOW_CONSUMER) dropUnsent(this.#socket)
    this.#socket.emit(BYE, bye)
    const impatient = setTimeout(() => terminate(this.#socket), LAST_WORD_MS)
    onGone(this.#socket, () => clearTimeout(impatient))
    if (isFinal(bye)) this.#socket.disconnect(true)
    else conn.close()
  }
}

function isFinal(bye: Bye): boolean {
  return bye.code === 4401 || bye.code === 4403
}
