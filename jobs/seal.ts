import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { sealRowsOnce } from '../db/audit/seal-rows.ts'
import { Nap } from '../db/nap.ts'
import { createOutage } from '../db/outage.ts'

export interface SealerDeps {
  /** As convoke_relay: the audit of all organisations. */
  pool: Pool
  log: Logger
  metrics: Registry
}

/** A row is on its chain within a second; looking costs one index probe. */
const POLL_MS = 250

/**
 * Puts what was committed to the audit on the chain of its organisation. It looks for itself, because many rows come without
 * news (sign-ins, people, rooms). Any number may run: one at a time does the work, and there is no order between them.
 * Every head is logged: a copy of the log kept elsewhere shows a chain that was made anew (GET /audit/verify?seq=&head=).
 */
export function openSealer({ pool, log, metrics }: SealerDeps): AsyncDisposable {
  const nap = new Nap()
  const sealed = new Counter({
    name: 'convoke_audit_sealed_total',
    help: 'Audit rows put on their chain',
    registers: [metrics],
  })
  let stopped = false
  const done = run()

  async function run(): Promise<void> {
    const outage = createOutage(log, 'audit sealer')
    while (!stopped) {
      try {
        const batch = await sealRowsOnce(pool)
        outage.worked()
        for (const head of batch?.heads ?? []) log.info({ event: 'audit.sealed', ...head })
        sealed.inc(batch?.count ?? 0)
        if (batch?.mayBeMore !== true) await nap.rest(POLL_MS)
      } catch (error) {
        outage.failed(error)
        await nap.rest(POLL_MS)
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopped = true
      nap.rouse()
      await done
    },
  }
}
