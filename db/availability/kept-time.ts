import type { TimeRules } from '../../domain/availability/person-rules.ts'
import type { TimePiece } from '../../domain/availability/time-pieces.ts'

/** A month of one person, as it was at a number of his log. */
export interface KeptMonth {
  /** `topic_head.seq` of `person:<id>` that was read before the rest: whatever changed since has another. */
  seq: number
  /** The days of the holiday calendar he keeps, as text: they change without news of him. */
  holidays: string
  piece: TimePiece
  timezone: string
  rules: TimeRules
}

/**
 * Person-months of one process, at most `2 * GENERATION`, most of 12 KB each: some 50 MB. Those that nobody asked for while a whole
 * generation came in are dropped. Nothing is ever written here by a booking: what is kept is compared with the log when it is asked for.
 */
const GENERATION = 2_048

export class KeptTime {
  #young = new Map<string, KeptMonth>()
  #old = new Map<string, KeptMonth>()

  get(organizationId: string, userId: string, month: number): KeptMonth | undefined {
    const key = keyOf(organizationId, userId, month)
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#put(key, old)
    return old
  }

  set(organizationId: string, userId: string, month: number, kept: KeptMonth): void {
    this.#put(keyOf(organizationId, userId, month), kept)
  }

  #put(key: string, kept: KeptMonth): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, kept)
  }
}

function keyOf(organizationId: string, userId: string, month: number): string {
  return `${organizationId} ${userId} ${month}`
}
