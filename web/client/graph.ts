import { type Client, createClient } from 'graphql-ws'
import type { Problem } from './contract.ts'
import type { Credentials } from './credentials.ts'
import { type Readable, createStore } from './store.ts'
import type { Cursor } from './topic-cursor.ts'
import type { Link } from './topics.ts'

/** One subscription. `field` is what it selects at the top; its items carry `epoch` and `seq`. */
export interface GraphRequest {
  field: string
  query: string
  variables: Record<string, unknown>
}

export interface GraphHandler<T> {
  onItem: (item: T) => void
  /** The server will not show it (any more). It is asked again now and then all the same: rights change. */
  onProblem: (problem: Problem) => void
}

const PATH = '/graphql'
const RETRY_MS = 1_000
const REFUSED_RETRY_MS = 15_000
/** A connection that dies in silence is found within this and the time a pong may take. */
const PING_MS = 5_000
const PONG_MS = 3_000
const ACK_MS = 5_000
/** Given when the session is over or the token was not good. */
const UNWELCOME = [4401, 4403]

/**
 * Subscriptions over one graphql-ws socket. Invariant: after any interruption each goes on after the last item it has seen, so
 * that nothing is missed and nothing comes twice; or it gets the whole state anew.
 */
export class Graph {
  readonly #credentials: Credentials
  readonly #client: Client
  readonly #link = createStore<Link>({ phase: 'connecting', heardAt: undefined, events: 0, node: undefined })
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #token = ''
  #refused: Promise<unknown> | undefined
  #closed = false

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    let pong: ReturnType<typeof setTimeout> | undefined
    this.#client = createClient({
      url: `${location.origin.replace(/^http/, 'ws')}${PATH}`,
      retryAttempts: 0,
      keepAlive: PING_MS,
      connectionAckWaitTimeout: ACK_MS,
      connectionParams: async () => {
        const token = await credentials.token()
        this.#token = token.ok ? token.value : ''
        return { token: this.#token }
      },
      on: {
        connected: () => this.#heard('live'),
        message: () => this.#heard(this.#link.get().phase),
        ping: (isFromServer) => {
          if (!isFromServer) pong = setTimeout(() => this.#client.terminate(), PONG_MS)
        },
        pong: (isFromServer) => {
          if (isFromServer) clearTimeout(pong)
        },
        closed: (event) => {
          clearTimeout(pong)
          this.#lost((event as Partial<CloseEvent>).code)
        },
      },
    })
  }

  get link(): Readable<Link> {
    return this.#link
  }

  /** What it returns ends the subscription. */
  follow<T extends Cursor>(request: GraphRequest, handler: GraphHandler<T>): () => void {
    let after: Cursor | undefined
    let isEnded = false
    let cancel = () => {}
    const again = (afterMs: number) => {
      if (!isEnded && !this.#closed)
        this.#later(() => isEnded || void Promise.resolve(this.#refused).then(subscribe), afterMs)
    }
    const subscribe = () => {
      if (isEnded || this.#closed) return
      let wait = RETRY_MS
      const refuse = (problem: Problem) => {
        wait = REFUSED_RETRY_MS
        // What it has seen may belong to a time before the refusal.
        after = undefined
        handler.onProblem(problem)
      }
      cancel = this.#client.subscribe<Record<string, T | null>>(
        { query: request.query, variables: { ...request.variables, after } },
        {
          next: ({ data, errors }) => {
            if (isEnded) return
            const item = data?.[request.field]
            if (errors !== undefined || item === undefined || item === null) return refuse(problemOf(errors))
            after = { epoch: item.epoch, seq: item.seq }
            const link = this.#link.get()
            this.#link.set({ ...link, events: link.events + 1 })
            handler.onItem(item)
          },
          error: (error) => {
            if (Array.isArray(error)) refuse(problemOf(error))
            again(wait)
          },
          complete: () => again(wait),
        },
      )
    }
    subscribe()
    return () => {
      isEnded = true
      cancel()
    }
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    void this.#client.dispose()
  }

  #heard(phase: Link['phase']): void {
    this.#link.set({ ...this.#link.get(), phase, heardAt: Date.now() })
  }

  #lost(code: number | undefined): void {
    if (this.#closed) return
    const link = this.#link.get()
    if (link.phase === 'live') this.#link.set({ ...link, phase: 'reconnecting' })
    // The token was good by our clock only, or its session is over: then the credentials end.
    if (code !== undefined && UNWELCOME.includes(code)) this.#refused = this.#credentials.token(this.#token)
  }

  #later(work: () => unknown, afterMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, afterMs)
    this.#timers.add(timer)
  }
}

interface GraphError {
  message: string
  extensions?: { code?: unknown; requestId?: unknown }
}

function problemOf(errors: unknown): Problem {
  const [first] = (Array.isArray(errors) ? errors : []) as GraphError[]
  const code = first?.extensions?.code
  return {
    status: 200,
    code: typeof code === 'string' ? code : 'unknown',
    detail: first?.message ?? 'The server gave no answer to that.',
  }
}
