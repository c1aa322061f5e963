/**
 * A search in small steps, so that whoever drives it can do something else in between: it never holds up a process for long. Each step says
 * how many looks it took (one person, room or date at one start). What comes out does not depend on when the steps are taken.
 */
export type Steps<T> = Generator<number, T, void>

/** Some tenths of a millisecond. */
const LOOKS_PER_STEP = 2_000

/** Counts looks. Invariant: every look is counted once, in the step that took it. */
export class Tally {
  #looks = 0

  add(looks: number): void {
    this.#looks += looks
  }

  /** Where a search may be left: `yield* tally.pause()`. */
  *pause(): Steps<void> {
    if (this.#looks >= LOOKS_PER_STEP) yield this.#taken()
  }

  #taken(): number {
    const looks = this.#looks
    this.#looks = 0
    return looks
  }
}
