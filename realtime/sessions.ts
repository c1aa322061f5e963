/** Sessions that ended lately, for handshakes that were on their way when it happened. */
export class EndedSessions {
  readonly #ids = new Set<string>()

  add(sessionId: string): void {
    this.#ids.add(sessionId)
    if (this.#ids.size <= MAX_REMEMBERED) return
    const [oldest] = this.#ids
    if (oldest !== undefined) this.#ids.delete(oldest)
  }

  has(sessionId: string): boolean {
    return this.#ids.has(sessionId)
  }
}

/** Far more than can end while one handshake is under way. */
const MAX_REMEMBERED = 10_000
