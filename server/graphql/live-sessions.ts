import type { Actor } from '../../domain/identity/actor.ts'
import { refuse } from '../../domain/refusals.ts'
import { refusalError } from './refused.ts'

/** What ends streams from outside. Each answers how to stop listening. */
export interface SessionEnds {
  onRevoked: (listener: (sessionId: string) => void) => () => void
  onRoleChanged: (listener: (change: { organizationId: string; userId: string }) => void) => () => void
}

/** Called once: with the last result to say, or with nothing when the node stops. */
type End = (lastResult: string | undefined) => void

/** A page on each of several screens; a browser itself allows a handful per site. */
const MAX_STREAMS = 100

interface Stream {
  actor: Actor
  end: End
}

/** Streams of one node over HTTP; who is connected by WebSocket is not here. Invariant: no session has more than MAX_STREAMS. */
export class LiveSessions implements Disposable {
  readonly #streams = new Set<Stream>()
  readonly #forget: (() => void)[]
  readonly #counts = new Map<string, number>()
  #isOver = false

  constructor({ onRevoked, onRoleChanged }: SessionEnds) {
    this.#forget = [
      onRevoked((sessionId) => this.#end((actor) => actor.sessionId === sessionId, 4401)),
      onRoleChanged(({ organizationId, userId }) =>
        this.#end((actor) => actor.organizationId === organizationId && actor.userId === userId, 4403),
      ),
    ]
  }

  /** Answers how to leave. On a node that stops it ends at once. */
  enter(actor: Actor, end: End): () => void {
    const stream = { actor, end }
    if (this.#isOver) end(undefined)
    else {
      this.#streams.add(stream)
      this.#counts.set(actor.sessionId, (this.#counts.get(actor.sessionId) ?? 0) + 1)
    }
    return () => this.#remove(stream)
  }

  /** Whether this session may open no more. */
  isFull({ sessionId }: Actor): boolean {
    return (this.#counts.get(sessionId) ?? 0) >= MAX_STREAMS
  }

  /** The node stops: everybody may come back, elsewhere. */
  [Symbol.dispose](): void {
    this.#isOver = true
    for (const forget of this.#forget) forget()
    for (const { end } of this.#streams) end(undefined)
    this.#streams.clear()
    this.#counts.clear()
  }

  #remove(stream: Stream): void {
    if (!this.#streams.delete(stream)) return
    const { sessionId } = stream.actor
    const left = (this.#counts.get(sessionId) ?? 1) - 1
    if (left === 0) this.#counts.delete(sessionId)
    else this.#counts.set(sessionId, left)
  }

  #end(concerns: (actor: Actor) => boolean, closeCode: 4401 | 4403): void {
    for (const stream of this.#streams) {
      if (!concerns(stream.actor)) continue
      this.#remove(stream)
      stream.end(lastResult(stream.actor.requestId, closeCode))
    }
  }
}

/** `closeCode`: what a WebSocket would have been closed with. */
export function lastResult(requestId: string, closeCode: 4401 | 4403): string {
  const refusal =
    closeCode === 4401
      ? refuse('unauthenticated', 'Your session has ended. Sign in again.')
      : refuse('forbidden', 'Your rights have changed. Subscribe again.')
  const error = refusalError(refusal, requestId)
  return JSON.stringify({ errors: [{ ...error, extensions: { ...error.extensions, closeCode } }], data: null })
}
