import type { Actor } from '../../domain/identity/actor.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { Refused } from './refused.ts'

/** What ends streams from outside. Each answers how to stop listening. */
export interface SessionEnds {
  onRevoked: (listener: (sessionId: string) => void) => () => void
  onRoleChanged: (listener: (change: { organizationId: string; userId: string }) => void) => () => void
}

/** Why a stream was ended, to be said as its last result. `closeCode`: what a WebSocket would have been closed with. */
export class LastWord {
  readonly refusal: Refusal
  readonly closeCode: 4401 | 4403

  constructor(closeCode: 4401 | 4403, detail: string) {
    this.closeCode = closeCode
    this.refusal = refuse(closeCode === 4401 ? 'unauthenticated' : 'forbidden', detail)
  }
}

/** Everybody may come back, elsewhere. Yoga breaks a stream off for an error of this name, and formats any other. */
export const NODE_STOPS = Object.assign(new Error('This node stops.'), { name: 'AbortError' })

/** A page on each of several screens; a browser itself allows a handful per site. */
const MAX_STREAMS = 100

/** Streams of one node over HTTP; who is connected by WebSocket is not here. Invariant: no session has more than MAX_STREAMS. */
export class LiveSessions implements Disposable {
  readonly #streams = new Map<string, Map<AbortController, Actor>>()
  readonly #forget: (() => void)[]
  #isOver = false

  constructor({ onRevoked, onRoleChanged }: SessionEnds) {
    this.#forget = [
      onRevoked((sessionId) => this.#endSession(sessionId)),
      onRoleChanged(({ organizationId, userId }) => {
        for (const [stop, actor] of this.#all()) {
          if (actor.organizationId !== organizationId || actor.userId !== userId) continue
          stop.abort(new LastWord(4403, 'Your rights have changed. Subscribe again.'))
        }
      }),
    ]
  }

  /** From here on `stop` is aborted when the stream has to end; it leaves by that. Throws where none may be opened. */
  enter(actor: Actor, stop: AbortController): void {
    if (this.#isOver) throw new Refused(refuse('unavailable', NODE_STOPS.message))
    const { sessionId } = actor
    const streams = this.#streams.get(sessionId) ?? new Map<AbortController, Actor>()
    if (streams.size >= MAX_STREAMS) {
      throw new Refused(refuse('too_many_requests', 'This session has too many streams.'))
    }
    this.#streams.set(sessionId, streams.set(stop, actor))
    stop.signal.addEventListener('abort', () => {
      streams.delete(stop)
      if (streams.size === 0) this.#streams.delete(sessionId)
    })
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    for (const forget of this.#forget) forget()
    for (const [stop] of this.#all()) stop.abort(NODE_STOPS)
  }

  #endSession(sessionId: string): void {
    for (const stop of this.#streams.get(sessionId)?.keys() ?? []) {
      stop.abort(new LastWord(4401, 'Your session has ended. Sign in again.'))
    }
  }

  #all(): [AbortController, Actor][] {
    return [...this.#streams.values()].flatMap((streams) => [...streams])
  }
}
