import { send } from '../client/http.ts'
import type { Session } from '../client/session.ts'
import { type Readable, createStore } from '../client/store.ts'

/** One process of the installation, as `GET /demo/nodes` tells. */
export interface NodeView {
  id: string
  role: 'api' | 'realtime' | 'worker'
  pid: number
  /** That pass through to it right now, of every client. */
  sockets: number
}

/** undefined: not known (yet). `single`: there is one process and no balancer that could tell. */
export type NodesSeen = readonly NodeView[] | 'single' | undefined

const EVERY_MS = 2_000
/** How long a killed node may take to be there again. */
export const REVIVAL_MS = 20_000
const AGAIN_MS = 250

/** Looks at the processes again and again while the page can be seen. */
export class NodesWatch {
  readonly #session: Session
  readonly #nodes = createStore<NodesSeen>(undefined)
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(session: Session) {
    this.#session = session
    void this.#follow()
  }

  get nodes(): Readable<NodesSeen> {
    return this.#nodes
  }

  /** As they are now. */
  async look(): Promise<NodesSeen> {
    const token = await this.#session.token()
    if (!token.ok || this.#nodes.get() === 'single') return this.#nodes.get()
    const answer = await send<{ items: NodeView[] }>('/demo/nodes', {}, token.value)
    if (answer.ok) this.#nodes.set(answer.value.items)
    else if (answer.problem.status === 404) this.#nodes.set('single')
    return this.#nodes.get()
  }

  /** Two realtime processes, waited for when one is on its way back; fewer where there are no more. */
  async pair(): Promise<(string | undefined)[]> {
    const limit = performance.now() + REVIVAL_MS
    let seen = await this.look()
    while (!isAlone(seen) && realtimeOf(seen).length < 2 && performance.now() < limit) {
      await new Promise((done) => setTimeout(done, AGAIN_MS))
      seen = await this.look()
    }
    const [first, second] = realtimeOf(seen).map(({ id }) => id)
    return [first, second ?? first]
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #follow(): Promise<void> {
    if (document.visibilityState === 'visible') await this.look()
    if (!this.#isClosed && this.#nodes.get() !== 'single') this.#timer = setTimeout(() => void this.#follow(), EVERY_MS)
  }
}

export function realtimeOf(nodes: NodesSeen): NodeView[] {
  return nodes === undefined || nodes === 'single' ? [] : nodes.filter(({ role }) => role === 'realtime')
}

/** Whether there is one process of each role only; one that was just killed comes back. */
export function isAlone(nodes: NodesSeen): boolean {
  if (nodes === undefined) return false
  return nodes === 'single' || (realtimeOf(nodes).length < 2 && nodes.filter(({ role }) => role === 'api').length < 2)
}
