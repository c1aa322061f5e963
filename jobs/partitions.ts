import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { HOUR_MS } from '../domain/time/instant.ts'

const MONTHS_AHEAD = 2
const EVERY_MS = 6 * HOUR_MS

/** Keeps the partitions of the log and the audit made ahead, on a process that may run for months. */
export function openPartitionKeeper({ pool, log }: { pool: Pool; log: Logger }): AsyncDisposable {
  const timer = setInterval(() => void keep(), EVERY_MS)
  let running: Promise<void> = Promise.resolve()

  function keep(): Promise<void> {
    running = pool.query('SELECT ensure_partitions($1)', [MONTHS_AHEAD]).then(
      () => log.info({ event: 'partitions.kept', monthsAhead: MONTHS_AHEAD }),
      // The next round comes in hours, and months are in hand.
      (error: Error) => log.error({ event: 'partitions.failed', message: error.message }),
    )
    return running
  }

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}
