import type { Pool } from 'pg'
import type { Clock, Ids } from '../../domain/deps.ts'
import { type Plan, type PlansDeps, type PlansTx, MAX_PLANS } from '../../domain/meetings/plans/commit-plan.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { openHoldWay } from '../holds/hold-way.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { meetingsTx } from './meetings-tx.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

/** Plans, each kept as JSON until it is committed or lapses. */
export function createPlansStore(deps: StoreDeps): Pick<PlansDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(plansTx(deps, tx, actor.userId, now))),
  }
}

function plansTx(ids: Ids, tx: OrganizationTx, userId: string, now: Instant): PlansTx {
  const { organizationId } = tx
  return {
    meetings: meetingsTx(tx, ids, now, openHoldWay(tx, userId, now)),
    async keep({ id, createdAt, expiresAt, userId: owner, ...plan }) {
      await tx.query('plans-drop', DROP, [organizationId, owner, MAX_PLANS - 1])
      const values = [organizationId, id, owner, JSON.stringify(plan), createdAt, expiresAt]
      await tx.query('plan-keep', KEEP, values)
    },
    async take(id) {
      const { rows } = await tx.query<{
        user_id: string
        plan: Omit<Plan, 'id' | 'userId' | 'createdAt' | 'expiresAt'>
        created_at: Instant
        expires_at: Instant
      }>('plan-take', TAKE, [organizationId, id])
      const [row] = rows
      if (row === undefined) return undefined
      return { ...row.plan, id, userId: row.user_id, createdAt: row.created_at, expiresAt: row.expires_at }
    },
  }
}

// Ids are in the order of time.
const DROP = `
  DELETE FROM booking_plan WHERE organization_id = $1 AND user_id = $2 AND id NOT IN (
    SELECT id FROM booking_plan WHERE organization_id = $1 AND user_id = $2 ORDER BY id DESC LIMIT $3)`

const KEEP = `
  INSERT INTO booking_plan (organization_id, id, user_id, plan, created_at, expires_at)
  VALUES ($1, $2, $3, $4::jsonb, to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))`

const TAKE = `
  DELETE FROM booking_plan WHERE organization_id = $1 AND id = $2 RETURNING user_id, plan, created_at, expires_at`
