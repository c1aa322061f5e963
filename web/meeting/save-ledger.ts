interface Sent {
  /** Which update frame of this connection carried it. */
  frame: number
  changes: number
}

/** Beyond it the last frame stands for more than itself; acknowledged later, never too early. */
const MAX_FRAMES = 1_000

/**
 * Which of one's own changes the server has not said to be stored. Acks count the update frames of one connection, so
 * everything that was under way when it broke waits again until it is sent anew. Pure state.
 */
export class SaveLedger {
  #sent: Sent[] = []
  #unsent = 0
  #frames = 0

  /** Changes that are not known to be stored. */
  get waiting(): number {
    return this.#sent.reduce((sum, { changes }) => sum + changes, this.#unsent)
  }

  /** Changes that are on no frame of this connection. */
  get unsent(): number {
    return this.#unsent
  }

  changed(isOnItsWay: boolean): void {
    if (isOnItsWay) this.#carry(1)
    else this.#unsent += 1
  }

  /** A frame with everything that was unsent is on its way. */
  resent(): void {
    const changes = this.#unsent
    this.#unsent = 0
    this.#carry(changes)
  }

  connectionLost(): void {
    this.#unsent = this.waiting
    this.#sent = []
    this.#frames = 0
  }

  /** The server stored the frames up to this one. */
  stored(upto: number): void {
    this.#sent = this.#sent.filter(({ frame }) => frame > upto)
  }

  #carry(changes: number): void {
    this.#frames += 1
    const last = this.#sent.at(-1)
    if (last !== undefined && this.#sent.length >= MAX_FRAMES) {
      last.frame = this.#frames
      last.changes += changes
    } else this.#sent.push({ frame: this.#frames, changes })
  }
}
