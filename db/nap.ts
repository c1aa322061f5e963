/** A pause between two rounds of a loop that somebody else may cut short. */
export class Nap {
  #timer: NodeJS.Timeout | undefined
  #end: (() => void) | undefined
  #roused = false

  /** Ends the pause; without one, the next pause ends at once. */
  rouse(): void {
    this.#roused = true
    this.#end?.()
  }

  /** What roused before now no longer counts: whatever it was about is being looked at. */
  forget(): void {
    this.#roused = false
  }

  async rest(ms: number): Promise<void> {
    if (!this.#roused) {
      await new Promise<void>((resolve) => {
        this.#end = resolve
        this.#timer = setTimeout(resolve, ms)
      })
      clearTimeout(this.#timer)
      this.#end = undefined
    }
    this.#roused = false
  }
}
