import type { WebSocket } from 'ws'
import { z } from 'zod'
import { isUnavailable } from '../db/pool.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Principal } from '../domain/identity/ports.ts'
import { refuse } from '../domain/refusals.ts'
import type { GraphqlDoorDeps } from './graphql-door.ts'
import { socketProblem } from './problems.ts'
import { SLOW_CONSUMER } from './protocol.ts'
import { TokenBucket } from './token-bucket.ts'

/** A page has a handful of subscriptions, a wall of rooms some dozens. */
const MAX_OPERATIONS = 100
const MESSAGES_PER_SECOND = 50
const MESSAGE_BURST = 300
/** Beyond this a subscription takes no more until the peer has read; what it then missed comes as a snapshot. */
const SOFT_UNSENT_BYTES = 256 * 1_024
/** Answers, which nobody can leave out. Beyond this, or without any progress for so long, it is cut off and resumes by its cursors. */
const HARD_UNSENT_BYTES = 8 * 1_024 * 1_024
const STALLED_MS = 10_000
const LAST_WORD_MS = 1_000

const id = z.string().min(1).max(100)
const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('connection_init'), payload: z.record(z.string(), z.unknown()).nullish() }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('subscribe'), id, payload: z.unknown() }),
  z.object({ type: z.literal('complete'), id }),
])

/** Close codes of the graphql-transport-ws protocol. */
const BAD_REQUEST = 4400
const UNAUTHORIZED = 4401
const ALREADY_EXISTS = 4409
const TOO_MANY_INITS = 4429
/** RFC 6455 registry: come again. */
const TRY_AGAIN = 1013

export interface ConnectionHooks {
  /** Who it is, or undefined; throws while the store is away. `mayWrite`: commands are taken from this token. */
  admit: (token: string | undefined) => Promise<{ principal: Principal; mayWrite: boolean } | undefined>
  /** From here on it can be ended by what happens to its session. */
  onAdmitted: () => void
}

/**
 * One client of the graphql-transport-ws protocol. Modes: new (has not said who it is), initialising, acknowledged, closing
 * (nothing more is sent). Invariant: at most MAX_OPERATIONS are open, each with an id of its own.
 */
export class GraphqlConnection {
  readonly #deps: GraphqlDoorDeps
  readonly #socket: WebSocket
  readonly #hooks: ConnectionHooks
  /** Of the upgrade, for clients that can set it. */
  readonly #headerToken: string | undefined
  readonly #operations = new Map<string, AbortController>()
  readonly #bucket = new TokenBucket(MESSAGES_PER_SECOND, MESSAGE_BURST, performance.now())
  #mode: 'new' | 'initialising' | 'acknowledged' | 'closing' = 'new'
  #who: { principal: Principal; mayWrite: boolean } | undefined
  #unsentBefore = 0
  #stuckSince: number | undefined

  constructor(deps: GraphqlDoorDeps, socket: WebSocket, hooks: ConnectionHooks, headerToken: string | undefined) {
    this.#deps = deps
    this.#socket = socket
    this.#hooks = hooks
    this.#headerToken = headerToken
  }

  get principal(): Principal | undefined {
    return this.#who?.principal
  }

  get hasInitialised(): boolean {
    return this.#mode === 'acknowledged'
  }

  /** Never throws. */
  async take(text: string): Promise<void> {
    if (this.#mode === 'closing') return
    const message = MESSAGE.safeParse(parseJson(text))
    if (!message.success) return this.close(BAD_REQUEST, 'That is no message of graphql-transport-ws.')
    switch (message.data.type) {
      case 'connection_init':
        return this.#initialise(message.data.payload?.['token'], message.data.payload)
      case 'ping':
        // Who pings without end is not answered without end.
        if (this.#bucket.take(performance.now())) this.#send('{"type":"pong"}')
        return
      case 'pong':
        return
      case 'subscribe':
        return this.#begin(message.data.id, message.data.payload)
      case 'complete':
        this.#operations.get(message.data.id)?.abort()
        this.#operations.delete(message.data.id)
        return
      default:
        return message.data satisfies never
    }
  }

  close(code: number, reason: string): void {
    if (this.#mode === 'closing') return
    this.#mode = 'closing'
    this.gone()
    this.#socket.close(code, reason)
    const impatient = setTimeout(() => this.#socket.terminate(), LAST_WORD_MS)
    this.#socket.once('close', () => clearTimeout(impatient))
  }

  /** The peer is not there any more. */
  gone(): void {
    for (const operation of this.#operations.values()) operation.abort()
    this.#operations.clear()
  }

  /** To be called about every second: cuts off a reader that has stalled or let too much pile up. */
  judge(now: number): void {
    const unsent = this.#socket.bufferedAmount
    if (unsent === 0 || unsent < this.#unsentBefore) this.#stuckSince = undefined
    else this.#stuckSince ??= now
    this.#unsentBefore = unsent
    const stalled = this.#stuckSince !== undefined && now - this.#stuckSince >= STALLED_MS
    if (stalled || unsent > HARD_UNSENT_BYTES) {
      this.close(SLOW_CONSUMER, 'You read too slowly.')
    }
  }

  async #initialise(given: unknown, payload: Record<string, unknown> | null | undefined): Promise<void> {
    if (this.#mode !== 'new') return this.close(TOO_MANY_INITS, 'Too many initialisation requests')
    this.#mode = 'initialising'
    const header = payload?.['Authorization'] ?? payload?.['authorization']
    const named = typeof header === 'string' && header.startsWith('Bearer ') ? header.slice(7) : undefined
    try {
      this.#who = await this.#hooks.admit(typeof given === 'string' ? given : (named ?? this.#headerToken))
    } catch (error) {
      if (!isUnavailable(error)) this.#deps.log.error({ event: 'graphql.handshake_failed', err: error })
      return this.close(TRY_AGAIN, 'The store is away.')
    }
    if (this.#mode !== 'initialising') return
    if (this.#who === undefined) return this.close(UNAUTHORIZED, 'Sign in first.')
    this.#mode = 'acknowledged'
    this.#send('{"type":"connection_ack"}')
    this.#hooks.onAdmitted()
  }

  async #begin(operationId: string, payload: unknown): Promise<void> {
    if (this.#who === undefined || this.#mode !== 'acknowledged') return this.close(UNAUTHORIZED, 'Unauthorized')
    if (this.#operations.has(operationId))
      return this.close(ALREADY_EXISTS, `There is an operation ${operationId} already`)
    const key = JSON.stringify(operationId)
    const requestId = this.#deps.newId()
    const excess = this.#excess()
    if (excess !== undefined) {
      const { detail, title, ...extensions } = socketProblem(excess, requestId)
      const errors = JSON.stringify([{ message: detail, extensions }])
      return this.#send(`{"id":${key},"type":"error","payload":${errors}}`)
    }
    const operation = new AbortController()
    this.#operations.set(operationId, operation)
    try {
      await this.#run(key, payload, { ...actorOf(this.#who.principal), requestId }, operation.signal)
    } catch (error) {
      this.#deps.log.error({ event: 'graphql.broken', requestId, err: error })
      const { detail, title, ...extensions } = socketProblem(refuse('internal'), requestId)
      if (!operation.signal.aborted) {
        this.#send(`{"id":${key},"type":"error","payload":${JSON.stringify([{ message: detail, extensions }])}}`)
      }
    } finally {
      // What it opened ends with it.
      operation.abort()
      if (this.#operations.get(operationId) === operation) this.#operations.delete(operationId)
    }
  }

  async #run(key: string, payload: unknown, actor: Actor, signal: AbortSignal): Promise<void> {
    const only = this.#who?.mayWrite ? undefined : (['query', 'subscription'] as const)
    const opened = await this.#deps.open({ actor, payload, only, signal })
    if (signal.aborted) {
      if (opened.kind === 'stream') await opened.results.return?.()
      return
    }
    if (opened.kind === 'refused') return this.#send(`{"id":${key},"type":"error","payload":${opened.errors}}`)
    if (opened.kind === 'answer') this.#send(`{"id":${key},"type":"next","payload":${opened.body}}`)
    else {
      for await (const result of opened.results) {
        if (signal.aborted) return
        const sent = this.#sendSlowly(`{"id":${key},"type":"next","payload":${result}}`)
        if (sent !== undefined) await sent
      }
    }
    if (!signal.aborted) this.#send(`{"id":${key},"type":"complete"}`)
  }

  #excess() {
    if (this.#operations.size >= MAX_OPERATIONS) {
      return refuse('too_large', `A connection has at most ${MAX_OPERATIONS} operations at once.`)
    }
    const reads = this.#socket.bufferedAmount < SOFT_UNSENT_BYTES
    if (reads && this.#bucket.take(performance.now())) return undefined
    return refuse('too_many_requests', undefined, { retryAfterSeconds: 1 })
  }

  #send(text: string): void {
    if (this.#mode !== 'closing') this.#socket.send(text)
  }

  /** A promise where the peer must read first. */
  #sendSlowly(text: string): Promise<void> | undefined {
    if (this.#mode === 'closing') return undefined
    if (this.#socket.bufferedAmount < SOFT_UNSENT_BYTES) {
      this.#socket.send(text)
      return undefined
    }
    // Also when it fails: the end of the connection ends the operation.
    return new Promise((resolve) => this.#socket.send(text, () => resolve()))
  }
}

function actorOf({ userId, organizationId, role, sessionId, roomId }: Principal): Omit<Actor, 'requestId'> {
  return { userId, organizationId, role, sessionId, roomId }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
