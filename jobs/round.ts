import type { Pool } from 'pg'
import { organizationsAfter } from '../db/identity/organizations.ts'
import { type OrganizationTx, readOnly } from '../db/transaction.ts'
import type { Instant } from '../domain/time/instant.ts'
import { type Missed, INSTALLATION } from './job.ts'

/** Organisations looked at a minute: three short round trips each. */
const SLICE = 200

/**
 * A sweep that asks in one organisation after the other, behind its wall, a slice at a time and round again: what the log never
 * loses needs no quicker net.
 */
export function roundOf(
  pool: Pool,
  find: (tx: OrganizationTx, now: Instant) => Promise<Omit<Missed, 'organizationId'>[]>,
): (now: Instant) => Promise<Missed[]> {
  let after = INSTALLATION
  return async (now) => {
    const slice = await organizationsAfter(pool, after, SLICE)
    const missed: Missed[] = []
    for (const organizationId of slice) {
      const found = await readOnly(pool, organizationId, (tx) => find(tx, now))
      missed.push(...found.map((row) => ({ ...row, organizationId })))
    }
    after = slice.length < SLICE ? INSTALLATION : (slice.at(-1) as string)
    return missed
  }
}
