import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { DocumentRight } from '../../domain/documents/rights.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { ACK_KINDS, type AckKind, KEEPALIVE_FRAME, SLOW_CONSUMER, ackFrame, permissionDeniedFrame } from './wire.ts'

/** Beyond this a peer is told no more cursors. */
const SOFT_UNSENT_BYTES = 262_144
/** Beyond this, the state it was sent aside, or without progress for so long, it is cut off; it comes back and asks for what it lacks. */
const HARD_UNSENT_BYTES = 1_048_576
const STALLED_MS = 10_000
/** A stock client that hears nothing for 30 s believes the connection dead. */
const KEEPALIVE_MS = 10_000
/** Somebody whose machine went away without a word is noticed after two of these. */
const PING_MS = 20_000
/** How long a peer may take to answer a close. */
const LAST_WORD_MS = 1_000

/**
 * One connection to one document: what its person may do, how far its frames are, whether it keeps up. Modes: open, closing
 * (its close is on the way; nothing else is sent or taken).
 */
export class DocPeer {
  readonly id: string
  actor: Actor
  right: DocumentRight
  /** Update frames received. */
  received = 0
  /** Up to here they are stored. */
  stored = 0
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #wantsAcks: boolean
  /** What it may owe beside: it was sent a whole document. */
  #allowance = 0
  /** Acks that go with the next write. */
  readonly #owed = new Map<AckKind, number>()
  #deniedOnce = false
  #loggedGap = 0
  #closing: number | undefined
  #sentAt = 0
  #stuckSince: number | undefined
  #pingedAt = 0
  #ponged = true
  #pause: NodeJS.Timeout | undefined

  constructor(ws: WebSocket, given: { id: string; actor: Actor; right: DocumentRight; wantsAcks: boolean }) {
    this.#ws = ws
    // ws writes frame by frame; a turn is many frames and one write.
    this.#socket = (ws as unknown as { _socket: Socket })._socket
    this.id = given.id
    this.actor = given.actor
    this.right = given.right
    this.#wantsAcks = given.wantsAcks
    this.#socket.on('drain', () => (this.#stuckSince = undefined))
    ws.on('pong', () => (this.#ponged = true))
  }

  get closeCode(): number | undefined {
    return this.#closing
  }

  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  get wantsCursors(): boolean {
    return this.#socket.writableLength <= SOFT_UNSENT_BYTES
  }

  /** Whole frames, with whatever acks are owed. */
  write(frames: Buffer): void {
    if (this.isClosing || this.#ws.readyState !== this.#ws.OPEN) return
    const bytes = this.#owed.size === 0 ? frames : this.#withAcks(frames)
    if (bytes.length === 0) return
    this.#sentAt = performance.now()
    this.#socket.write(bytes)
    if (this.#socket.writableLength > HARD_UNSENT_BYTES + this.#allowance) this.#tooSlow()
  }

  /** The answer to a question of its own may be large. */
  writeState(frame: Buffer): void {
    this.#allowance += frame.length
    this.write(frame)
  }

  writeAcks(): void {
    if (this.#owed.size > 0) this.write(NOTHING)
  }

  /** Goes with the next write. */
  ack(kind: AckKind, upto: number): void {
    if (kind === 'stored') this.stored = Math.max(this.stored, upto)
    // What Redis did not take is never logged, so nothing behind it is either, until it is stored.
    if (!this.#wantsAcks || (kind === 'logged' && this.stored < this.#loggedGap)) return
    this.#owed.set(kind, upto)
  }

  notLogged(upto: number): void {
    this.#loggedGap = upto
  }

  /** Its update was dropped. */
  deny(reason: string): void {
    if (this.#deniedOnce) return
    this.#deniedOnce = true
    this.write(permissionDeniedFrame(reason))
  }

  /** A right that was given anew may be missing again. */
  mayEditAgain(): void {
    this.#deniedOnce = false
  }

  /** Reads nothing more for so long; asked again meanwhile, the later end counts. */
  pauseFor(ms: number): void {
    this.#ws.pause()
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.#ws.resume(), ms)
  }

  stopReading(): void {
    clearTimeout(this.#pause)
    this.#ws.pause()
  }

  /** To be called about every second: keeps it awake, cuts it off when it has stalled or is gone. */
  judge(now: number): void {
    if (this.isClosing) return
    const unsent = this.#socket.writableLength
    if (unsent === 0) {
      this.#allowance = 0
      this.#stuckSince = undefined
    } else this.#stuckSince ??= now
    if (this.#stuckSince !== undefined && now - this.#stuckSince >= STALLED_MS) this.#tooSlow()
    else if (now - this.#sentAt >= KEEPALIVE_MS) this.write(KEEPALIVE_FRAME)
    if (now - this.#pingedAt < PING_MS || this.isClosing) return
    if (!this.#ponged) {
      this.#ws.terminate()
      return
    }
    this.#pingedAt = now
    this.#ponged = false
    this.#ws.ping()
  }

  close(code: number, reason: string): void {
    if (this.isClosing) return
    this.writeAcks()
    this.#closing = code
    // A paused socket would not read the peer's answer.
    clearTimeout(this.#pause)
    this.#ws.resume()
    this.#ws.close(code, reason)
    const impatient = setTimeout(() => this.#ws.terminate(), LAST_WORD_MS)
    this.#ws.once('close', () => clearTimeout(impatient))
  }

  #withAcks(frames: Buffer): Buffer {
    const acks = ACK_KINDS.flatMap((kind) => {
      const upto = this.#owed.get(kind)
      return upto === undefined ? [] : [ackFrame(kind, upto)]
    })
    this.#owed.clear()
    return Buffer.concat([frames, ...acks])
  }

  #tooSlow(): void {
    this.close(SLOW_CONSUMER, 'You read too slowly.')
  }
}

const NOTHING = Buffer.alloc(0)
