/** A busy document is written to its peers at most this often: what was said in between goes out together. */
const TURN_MS = 5
/**
 * What can wait (cursors, which move 10 times a second each; acks; what other nodes need not know at once) goes with the next
 * turn, or so long after what went last: the system call per peer is what costs.
 */
const WAIT_MS = 50
/** A timer may come so much before its time. */
const EARLY_MS = 1

/** What waits, for those here and for other nodes. */
export interface Waiting {
  here: boolean
  nodes: boolean
}

/** When a document's turns end. Invariant: whatever waits has a timer that is due within WAIT_MS. */
export class TurnTimer {
  readonly #waiting: () => Waiting
  readonly #endTurn: () => void
  #turnIsSet = false
  #restIsSet = false
  /** When those here, and when other nodes were told something. */
  #endedAt = 0
  #toldAt = 0

  constructor(waiting: () => Waiting, endTurn: () => void) {
    this.#waiting = waiting
    this.#endTurn = endTurn
  }

  /** To be called when a turn ends. */
  ended(): void {
    this.#turnIsSet = false
    this.#endedAt = performance.now()
  }

  /** To be called when other nodes are told what waits for them. */
  told(): void {
    this.#toldAt = performance.now()
  }

  get mustTell(): boolean {
    return this.#waiting().nodes && this.#toldAt + WAIT_MS <= performance.now() + EARLY_MS
  }

  /** Something was said. */
  soon(): void {
    if (this.#turnIsSet) return
    this.#turnIsSet = true
    const wait = this.#endedAt + TURN_MS - performance.now()
    if (wait <= 0) setImmediate(this.#endTurn)
    else setTimeout(this.#endTurn, wait)
  }

  /** Something may wait. */
  later(): void {
    const due = this.#due()
    if (this.#restIsSet || due === Infinity) return
    this.#restIsSet = true
    setTimeout(() => this.#rest(), Math.max(0, due - performance.now()))
  }

  #rest(): void {
    this.#restIsSet = false
    // A turn may have taken it along meanwhile.
    if (this.#due() <= performance.now() + EARLY_MS) this.#endTurn()
    else this.later()
  }

  #due(): number {
    const { here, nodes } = this.#waiting()
    return Math.min(here ? this.#endedAt + WAIT_MS : Infinity, nodes ? this.#toldAt + WAIT_MS : Infinity)
  }
}
