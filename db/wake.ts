import type { Logger } from 'pino'
import { openLastingClient } from './lasting-client.ts'

const CHANNEL = 'convoke_outbox'
/** NOTIFY takes a lock of the whole database at its commit: more often than this gains nothing. */
const MIN_GAP_MS = 5

export interface Waker extends AsyncDisposable {
  /** After a commit that recorded news. Never waits and never throws: the relay's poll covers a wake-up that is lost. */
  wake: () => void
}

/** Tells the relay that there is news, at most once per 5 ms, on a connection of its own (never inside a booking). */
export function createWaker({ url, log }: { url: string; log: Logger }): Waker {
  const connection = openLastingClient({ url, role: 'convoke_app', name: 'convoke_waker', log })
  let timer: NodeJS.Timeout | undefined
  let inFlight = false
  let again = false
  let lastSent = 0

  return {
    wake,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      await connection[Symbol.asyncDispose]()
    },
  }

  function wake(): void {
    if (timer !== undefined) return
    if (inFlight) {
      again = true
      return
    }
    const wait = lastSent + MIN_GAP_MS - performance.now()
    if (wait <= 0) send()
    else {
      timer = setTimeout(() => {
        timer = undefined
        send()
      }, wait)
    }
  }

  function send(): void {
    const { client } = connection
    if (client === undefined) return
    inFlight = true
    lastSent = performance.now()
    client
      .query(`NOTIFY ${CHANNEL}`)
      .catch(() => {})
      .finally(() => {
        inFlight = false
        if (!again) return
        again = false
        wake()
      })
  }
}

/** Calls `onWake` for each wake-up, and once after every connect: what was sent in between is lost. */
export function openWakeListener(options: { url: string; log: Logger; onWake: () => void }): AsyncDisposable {
  return openLastingClient({
    url: options.url,
    role: 'convoke_relay',
    name: 'convoke_relay_listener',
    log: options.log,
    onConnect: async (client) => {
      await client.query(`LISTEN ${CHANNEL}`)
      options.onWake()
    },
    onNotification: options.onWake,
  })
}
