import pg from 'pg'
import type { Logger } from 'pino'
import { createOutage } from './outage.ts'
import type { DatabaseRole } from './pool.ts'

export interface LastingClientOptions {
  url: string
  role: DatabaseRole
  /** application_name, and the name in the one log line per outage. */
  name: string
  log: Logger
  /** Runs after each connect, before the client counts as ready. */
  onConnect?: (client: pg.Client) => Promise<unknown>
  onNotification?: () => void
}

export interface LastingClient extends AsyncDisposable {
  /** undefined while there is no connection. */
  readonly client: pg.Client | undefined
}

const CONNECT_TIMEOUT_MS = 1_500
const ANSWER_TIMEOUT_MS = 2_800
const MAX_RECONNECT_DELAY_MS = 1_000

/** A session of its own, outside any pool, that comes back by itself: for NOTIFY and LISTEN. */
export function openLastingClient(options: LastingClientOptions): LastingClient {
  const outage = createOutage(options.log, `postgres ${options.name}`)
  let current: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false
  let attempts = 0

  void connect()
  return {
    get client() {
      return current
    },
    async [Symbol.asyncDispose]() {
      closed = true
      clearTimeout(retry)
      const last = current
      current = undefined
      await last?.end().catch(() => {})
    },
  }

  async function connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      options: `-c role=${options.role}`,
    })
    let lost = false
    const lose = (error?: unknown) => {
      if (lost) return
      lost = true
      if (current === client) current = undefined
      client.end().catch(() => {})
      if (closed) return
      outage.failed(error)
      attempts += 1
      retry = setTimeout(() => void connect(), Math.min(100 * attempts, MAX_RECONNECT_DELAY_MS))
    }
    client.on('error', lose)
    client.on('end', lose)
    client.on('notification', () => options.onNotification?.())
    try {
      await client.connect()
      await options.onConnect?.(client)
    } catch (error) {
      lose(error)
      return
    }
    if (lost) return
    if (closed) {
      await client.end().catch(() => {})
      return
    }
    attempts = 0
    current = client
    outage.worked()
  }
}
