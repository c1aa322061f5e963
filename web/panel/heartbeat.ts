import { send } from '../client/http.ts'
import { type Readable, createStore } from '../client/store.ts'

/** Whether the server can be reached at all, and when it last was (this clock). */
export interface Reach {
  ok: boolean
  at: number
}

export interface Heartbeat {
  reach: Readable<Reach>
  close: () => void
}

/** A socket whose network went away in silence looks alive for most of a minute; nobody may believe this screen that long. */
const EVERY_MS = 3_000
const PATIENCE_MS = 2_500

/** Asks a node now and then whether it is there. Costs no store. */
export function startHeartbeat(): Heartbeat {
  const reach = createStore<Reach>({ ok: true, at: Date.now() })
  let isBusy = false
  const beat = async () => {
    if (isBusy) return
    isBusy = true
    const answer = await send('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) })
    // Any answer at all means that somebody is there.
    const ok = answer.ok || answer.problem.status !== 0
    reach.set({ ok, at: ok ? Date.now() : reach.get().at })
    isBusy = false
  }
  const now = () => void beat()
  const timer = setInterval(now, EVERY_MS)
  addEventListener('offline', now)
  addEventListener('online', now)
  return {
    reach,
    close: () => {
      clearInterval(timer)
      removeEventListener('offline', now)
      removeEventListener('online', now)
    },
  }
}
