import { setTimeout as rest } from 'node:timers/promises'
import type { Pool } from 'pg'

/** Any constant will do that nobody else locks. */
const ADVISORY_LOCK = 7_262_020
const LOOK_AGAIN_MS = 200
/** Loading takes seconds; who holds the lock for longer is stuck, and waiting hides it. */
const MAX_WAIT_MS = 120_000

/** Runs `work` in one process at a time. The lock belongs to a connection: it goes with the process that held it. */
export async function withDemoLock<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const holder = await pool.connect()
  let broken: Error | undefined
  try {
    for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
      const { rows } = await holder.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [ADVISORY_LOCK])
      if (rows[0]?.mine) break
      if (waited >= MAX_WAIT_MS)
        throw new Error('another process has been loading the demo organisation for two minutes')
      await rest(LOOK_AGAIN_MS)
    }
    const value = await work()
    await holder.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK])
    return value
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    // A connection that may still hold the lock is closed, not given back.
    holder.release(broken)
  }
}
