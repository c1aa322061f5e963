import { HOLD_JOB, createHoldsStore } from '../db/holds/holds-tx.ts'
import { forgottenHolds } from '../db/holds/queries.ts'
import { expireHold } from '../domain/holds/expire-hold.ts'
import type { JobDeps } from './deps.ts'
import type { Job } from './job.ts'
import { roundOf } from './round.ts'
import { systemActor } from './system-actor.ts'

export interface HoldExpiryDeps extends JobDeps {
  tzVersion: string
}

/**
 * Ends holds whose time is over and tells who looks; the subject is a hold's id. Nobody depends on it to get at what was held:
 * every writer takes what is over out of its own way (db/holds/hold-way.ts). A renewed hold is looked at again at its new end.
 */
export function holdExpiryJob(deps: HoldExpiryDeps): Job {
  const holds = { ...deps, ...createHoldsStore(deps) }
  return {
    kind: HOLD_JOB,
    sweep: roundOf(deps.pool, async (tx, now) => {
      const ids = await forgottenHolds(tx, HOLD_JOB, now)
      return ids.map((subject) => ({ subject, dueAt: now }))
    }),
    async run({ organizationId, subject, now }) {
      const actor = systemActor(organizationId, HOLD_JOB)
      const ended = await expireHold({ ...holds, now: () => now }, actor, { holdId: subject })
      return ended.ok ? ended.value : undefined
    },
  }
}
