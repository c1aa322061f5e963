import type { RawData, WebSocket } from 'ws'
import type { Principal } from '../domain/identity/ports.ts'
import { SLOW_CONSUMER } from './protocol.ts'
import { TokenBucket } from './token-bucket.ts'

const MESSAGES_PER_SECOND = 50
const MESSAGE_BURST = 300
/** Beyond this it may begin nothing until it has read. A subscription waits for each of its results to be taken by the network. */
const SOFT_UNSENT_BYTES = 256 * 1_024
/** Answers, which nobody can leave out. Beyond this, or without any progress for so long, it is cut off and resumes by its cursors. */
const HARD_UNSENT_BYTES = 8 * 1_024 * 1_024
const STALLED_MS = 10_000
const LAST_WORD_MS = 1_000

/** One socket as graphql-ws sees it. Invariant: from `close` on nothing is sent or taken. */
export class GraphqlPeer {
  /** Set once it has said who it is. `mayWrite`: commands are taken from its token. */
  who: { principal: Principal; mayWrite: boolean } | undefined
  /** Ends its operations. */
  leave: () => void = () => {}
  /** Of the upgrade, for clients that can set it. */
  readonly headerToken: string | undefined
  readonly #socket: WebSocket
  readonly #onFault: (fault: unknown) => void
  readonly #bucket = new TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST, performance.now())
  #isClosing = false
  #unsentBefore = 0
  #stuckSince: number | undefined

  constructor(socket: WebSocket, headerToken: string | undefined, onFault: (fault: unknown) => void) {
    this.#socket = socket
    this.headerToken = headerToken
    this.#onFault = onFault
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  /** False: it sends too much, or reads too little. */
  admits(): boolean {
    return this.#socket.bufferedAmount < SOFT_UNSENT_BYTES && this.#bucket.take(performance.now())
  }

  /** Resolves when the network has taken it, also when it never will: the end of the socket ends its operations. */
  send(text: string): Promise<void> {
    if (this.#isClosing) return Promise.resolve()
    return new Promise((resolve) => this.#socket.send(text, () => resolve()))
  }

  onMessage(take: (text: string) => Promise<void>): void {
    this.#socket.on('message', (data: RawData) => {
      if (!this.#isClosing) take(textOf(data)).catch(this.#onFault)
    })
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.leave()
    this.#socket.close(code, reason)
    const impatient = setTimeout(() => this.#socket.terminate(), LAST_WORD_MS)
    this.#socket.once('close', () => clearTimeout(impatient))
  }

  /** To be called about every second: cuts off a reader that has stalled or let too much pile up. */
  judge(now: number): void {
    const unsent = this.#socket.bufferedAmount
    if (unsent === 0 || unsent < this.#unsentBefore) this.#stuckSince = undefined
    else this.#stuckSince ??= now
    this.#unsentBefore = unsent
    const stalled = this.#stuckSince !== undefined && now - this.#stuckSince >= STALLED_MS
    if (stalled || unsent > HARD_UNSENT_BYTES) this.close(SLOW_CONSUMER, 'You read too slowly.')
  }
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString()
}
