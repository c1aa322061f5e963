import type { Pool } from 'pg'
import { removeEndedSessions, removeUsedTokens } from '../db/identity/retention.ts'
import {
  type Removal,
  dropOldPartitions,
  hasDue,
  hasInstallationDue,
  removeDeadWork,
  removeExpiredKeys,
  removeLapsedPlans,
  removeOldMessages,
} from '../db/jobs/retention.ts'
import { transact } from '../db/transaction.ts'
import { ok } from '../domain/result.ts'
import { type Instant, DAY_MS, MINUTE_MS, plus } from '../domain/time/instant.ts'
import type { JobDeps } from './deps.ts'
import { type Job, type Turn, INSTALLATION } from './job.ts'
import { roundOf } from './round.ts'
import { systemActor } from './system-actor.ts'

export interface RetentionDeps extends JobDeps {
  /** As convoke_relay. */
  relayPool: Pool
}

const KIND = 'retention'
const SUBJECT = 'all'
/** A short statement each; what is more than all of them waits for a minute, not a day. */
const BATCH = 500
const BATCHES = 20

/** How long things are kept after their end. Cursors and resumes reach back as long as the log does. */
const KEEP_DAYS = { outbox: 14, audit: 400, messages: 90, deadWork: 30, sessions: 30 }

/** Lets go, once a day, what is over: per organisation, and what belongs to the installation. */
export function retentionJob(deps: RetentionDeps): Job {
  const inOrganizations = roundOf(deps.pool, async (tx, now) =>
    (await hasDue(tx, KIND)) ? [] : [{ subject: SUBJECT, dueAt: now }],
  )
  return {
    kind: KIND,
    concurrency: 1,
    async sweep(now) {
      const missed = await inOrganizations(now)
      const isPlanned = await hasInstallationDue(deps.relayPool, INSTALLATION, KIND)
      return isPlanned ? missed : [...missed, { organizationId: INSTALLATION, subject: SUBJECT, dueAt: now }]
    },
    run: (turn) => (turn.organizationId === INSTALLATION ? ofInstallation(deps, turn) : ofOrganization(deps, turn)),
  }
}

async function ofOrganization(deps: RetentionDeps, turn: Turn): Promise<Instant> {
  const { now } = turn
  const removals: [Removal, before: Instant][] = [
    [removeExpiredKeys, now],
    [removeLapsedPlans, now],
    [removeOldMessages, plus(now, -KEEP_DAYS.messages * DAY_MS)],
    [removeDeadWork, plus(now, -KEEP_DAYS.deadWork * DAY_MS)],
  ]
  let isAll = true
  for (const [remove, before] of removals) {
    const done = await inBatches(turn, async () => {
      const actor = systemActor(turn.organizationId, KIND)
      const removed = await transact(deps.pool, actor, { now, onNews: deps.onNews }, async (tx) =>
        ok(await remove(tx, before, BATCH)),
      )
      return removed.ok ? removed.value : 0
    })
    isAll &&= done
  }
  return plus(now, isAll ? DAY_MS : MINUTE_MS)
}

async function ofInstallation(deps: RetentionDeps, turn: Turn): Promise<Instant> {
  const { now } = turn
  const before = plus(now, -KEEP_DAYS.sessions * DAY_MS)
  const sessions = await inBatches(turn, () => removeEndedSessions(deps.pool, before, BATCH))
  const tokens = await inBatches(turn, () => removeUsedTokens(deps.pool, before, BATCH))
  for (const parent of ['outbox', 'audit'] as const) {
    const dropped = await dropOldPartitions(deps.relayPool, { parent, keepDays: KEEP_DAYS[parent], at: now })
    if (dropped > 0) deps.log.info({ event: 'retention.dropped', parent, months: dropped })
  }
  return plus(now, sessions && tokens ? DAY_MS : MINUTE_MS)
}

/** true: nothing of it is left. */
async function inBatches({ signal }: Turn, remove: () => Promise<number>): Promise<boolean> {
  for (let i = 0; i < BATCHES; i++) {
    signal.throwIfAborted()
    if ((await remove()) < BATCH) return true
  }
  return false
}
