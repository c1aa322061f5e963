/** What was heard of one other instance about one document. */
interface Hearing {
  /** The turns from `from` to `to` were heard without a gap. */
  from: number
  to: number
  unstored: { count: number; updates: readonly Uint8Array[]; at: number }[]
}

/** As long as a commit may be on its way; after that its sender may be dead, and we store what he said. */
const TAKE_OVER_MS = 2_000
/** Turns of one document that are not known to be stored; beyond it the oldest are taken over at once. */
const MAX_UNSTORED = 1_000

/**
 * Which turns of other instances are in this node's document, and which of them are not known to be in the store. Pure state:
 * the caller brings the time in milliseconds.
 */
export class Heard {
  readonly #instances = new Map<string, Hearing>()

  get isEmpty(): boolean {
    return [...this.#instances.values()].every(({ unstored }) => unstored.length === 0)
  }

  /** False: it was heard before. */
  add(instance: string, count: number, updates: readonly Uint8Array[], now: number): boolean {
    const hearing = this.#instances.get(instance)
    if (hearing === undefined) {
      this.#instances.set(instance, { from: count, to: count, unstored: [{ count, updates, at: now }] })
      return true
    }
    if (count >= hearing.from && count <= hearing.to) return false
    if (count !== hearing.to + 1) hearing.from = count
    hearing.to = count
    hearing.unstored.push({ count, updates, at: now })
    return true
  }

  /** The instance's turns up to `to` are stored. True: what is from `from` on is in our document. */
  stored(instance: string, from: number, to: number): boolean {
    const hearing = this.#instances.get(instance)
    if (hearing === undefined || from === 0) return false
    hearing.unstored = hearing.unstored.filter(({ count }) => count > to)
    return hearing.from <= from && hearing.to >= to
  }

  /** What should have been stored by now. It is ours then. */
  overdue(now: number): Uint8Array[] {
    const taken: Uint8Array[] = []
    for (const hearing of this.#instances.values()) {
      while (hearing.unstored.length > 0) {
        const [oldest] = hearing.unstored
        if (oldest === undefined) break
        if (now - oldest.at < TAKE_OVER_MS && hearing.unstored.length <= MAX_UNSTORED) break
        taken.push(...oldest.updates)
        hearing.unstored.shift()
      }
    }
    return taken
  }
}
