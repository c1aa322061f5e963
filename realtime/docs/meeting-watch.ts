import type { Actor } from '../../domain/identity/actor.ts'
import type { Newsroom, Watcher } from '../newsroom.ts'

/** As one who may watch his own meeting whatever its visibility. */
export interface Organizer {
  organizationId: string
  organizerId: string
  meetingId: string
}

/**
 * Follows the news of a document's meeting, as its organizer: any of it may change who may do what in the document, and what its
 * text is. `onNews` is called for each piece, and `onClosed` when this organizer may not watch it any more.
 */
export class MeetingWatch implements Watcher {
  readonly id: string
  readonly actor: Actor
  readonly watches: Watcher['watches'] = new Map()
  readonly #newsroom: Newsroom
  readonly #topic: string
  readonly #on: { news: () => void; closed: () => void }

  constructor(newsroom: Newsroom, id: string, given: Organizer, on: { news: () => void; closed: () => void }) {
    this.id = id
    this.#newsroom = newsroom
    this.#on = on
    this.#topic = `meeting:${given.meetingId}`
    const { organizationId, organizerId: userId } = given
    this.actor = { organizationId, userId, role: 'member', sessionId: id, requestId: id }
  }

  /** False: there is no news at the moment, and nothing that depends on it may be opened. */
  async begin(): Promise<boolean> {
    this.#newsroom.enter(this)
    const joined = await this.#newsroom.watch(this, { topic: this.#topic })
    if (!joined.ok) {
      this.end()
      return false
    }
    joined.value.follow()
    return true
  }

  end(): void {
    this.#newsroom.leave(this)
  }

  send(items: readonly unknown[]): void {
    if (items.length > 0) this.#on.news()
  }

  closeTopic(): void {
    this.#on.closed()
  }

  mayTakeEvents(): boolean {
    return true
  }

  hasCaughtUp(): boolean {
    return true
  }
}
