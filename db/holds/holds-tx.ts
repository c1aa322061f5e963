import type { Pool } from 'pg'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Hold, HoldClaim } from '../../domain/holds/hold.ts'
import { withEndedHolds } from '../../domain/holds/hold-news.ts'
import type { HoldsDeps, HoldsTx, LostResource } from '../../domain/holds/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { putDue } from '../jobs/due.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import { meetingsTx } from '../meetings/meetings-tx.ts'
import { record } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { openHoldWay } from './hold-way.ts'
import { type HoldRow, holdOf } from './holds-rows.ts'
import * as sql from './holds-sql.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

/** The job that ends holds (jobs/hold-expiry.ts). */
export const HOLD_JOB = 'hold'

export function createHoldsStore(deps: StoreDeps): Pick<HoldsDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(holdsTx(deps, tx, actor.userId, now))),
  }
}

function holdsTx(ids: Ids, tx: OrganizationTx, ownerId: string, now: Instant): HoldsTx {
  const { organizationId } = tx
  const way = openHoldWay(tx, ownerId, now)
  return {
    meetings: meetingsTx(tx, ids, now, way),
    async lockOwner(userId) {
      await tx.query('hold-owner-lock', sql.LOCK_OWNER, [organizationId, userId])
      const { rows } = await tx.query<HoldRow>('holds-of-owner-lock', sql.LOCK_HOLDS_OF_OWNER, [organizationId, userId])
      return rows.map(holdOf)
    },
    async load(id) {
      const { rows } = await tx.query<HoldRow>('hold-lock', sql.LOCK_HOLD, [organizationId, id])
      return rows[0] && holdOf(rows[0])
    },
    async place(hold) {
      await insertHold(tx, hold)
      const lost = await claim(tx, hold, hold.claims)
      const missing = (await way.clear(lost, 'hold.released')) ? await claim(tx, hold, lost) : lost
      if (missing.length > 0) return blockers(tx, hold, missing)
      await putDue(tx, [{ kind: HOLD_JOB, subject: hold.id, dueAt: hold.expiresAt }])
      return []
    },
    async renew({ id, expiresAt, renewals }) {
      const values = [organizationId, id, expiresAt, renewals]
      const { rows } = await tx.query<HoldRow>('hold-renew', sql.RENEW_HOLD, values)
      return holdOf(rows[0] as HoldRow)
    },
    async end(hold, type) {
      await tx.query('hold-delete', sql.DELETE_HOLD, [organizationId, hold.id])
      way.ended.push({ hold, type })
    },
    record: (entry) => record(tx, { ...entry, events: withEndedHolds(entry.events, way.ended), now, id: ids.newId() }),
  }
}

async function insertHold(tx: OrganizationTx, hold: Hold): Promise<void> {
  await tx.query('hold-insert', sql.INSERT_HOLD, [
    tx.organizationId,
    hold.id,
    hold.userId,
    hold.start,
    hold.end,
    hold.createdAt,
    hold.expiresAt,
    hold.renewals,
  ])
}

/** Answers the claims that were not granted. */
async function claim(tx: OrganizationTx, { id }: Hold, claims: readonly HoldClaim[]): Promise<HoldClaim[]> {
  const { rows } = await tx.query<{ id: string }>('hold-claims-insert', sql.INSERT_HOLD_CLAIMS, [
    tx.organizationId,
    id,
    claims.map((c) => c.id),
    claims.map((c) => c.resourceId),
    claims.map((c) => c.resourceKind),
    claims.map((c) => c.start),
    claims.map((c) => c.end),
    claims.map((c) => c.blockedFrom),
    claims.map((c) => c.blockedUntil),
    claims.map((c) => c.exclusive),
  ])
  const granted = new Set(rows.map((row) => row.id))
  return claims.filter((c) => !granted.has(c.id))
}

async function blockers(tx: OrganizationTx, { id }: Hold, missing: readonly HoldClaim[]): Promise<LostResource[]> {
  const { rows } = await tx.query<{
    resource_id: string
    starts_at: Instant | null
    ends_at: Instant
    is_hold: boolean
  }>('hold-blockers', sql.BLOCKERS, [
    tx.organizationId,
    id,
    missing.map((c) => c.resourceId),
    missing.map((c) => c.blockedFrom),
    missing.map((c) => c.blockedUntil),
    LONGEST_BLOCK_MS / 1000,
  ])
  return rows.map(({ resource_id: resourceId, starts_at: start, ends_at: end, is_hold }) => ({
    resourceId,
    blocker: start === null ? undefined : { start, end, kind: is_hold ? 'hold' : 'booking' },
  }))
}
