import { hash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { type AuditRow, type ChainPoint, GENESIS, type Seal, sealRows, sealingOrder } from '../../domain/audit/chain.ts'

/** Rows sealed in one transaction: some tens of milliseconds. */
const BATCH = 1_000
/** Held until the commit: one sealer at a time, however many workers there are. */
const SEALER_LOCK = 7_262_012

/** Of one organisation's chain after a batch. */
export interface SealedHead extends ChainPoint {
  organizationId: string
}

/**
 * Puts committed audit rows on the chains of their organisations, at most `BATCH`; committed when this returns. Which rows
 * are left follows from the store alone, so a sealer that died, at whatever point, has left nothing half done.
 * undefined: another sealer is at it.
 */
export async function sealRowsOnce(
  relay: Pool,
): Promise<{ heads: SealedHead[]; count: number; mayBeMore: boolean } | undefined> {
  const client = await relay.connect()
  let broken: Error | undefined
  try {
    const [, lock, found] = await Promise.all([
      // However small or new the tables look to the planner: what is asked for is always at the end of an index.
      client.query('BEGIN; SET LOCAL enable_seqscan = off'),
      client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [SEALER_LOCK]),
      client.query<Found>({ name: 'audit-unsealed', text: UNSEALED, values: [BATCH] }),
    ])
    const rows = found.rows
    if (lock.rows[0]?.mine !== true || rows.length === 0) {
      await client.query('ROLLBACK')
      return lock.rows[0]?.mine === true ? { heads: [], count: 0, mayBeMore: false } : undefined
    }
    const mayBeMore = rows.length === BATCH
    const heads = await seal(client, rows, mayBeMore)
    await client.query('COMMIT')
    return { heads, count: rows.length, mayBeMore }
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    client.release(broken)
  }
}

interface Found extends AuditRow {
  xid: string
  horizon: string
}

async function seal(client: PoolClient, rows: Found[], mayBeMore: boolean): Promise<SealedHead[]> {
  const chains = Map.groupBy(rows, (row) => row.organizationId)
  const before = await readHeads(client, [...chains.keys()])
  const links: { row: AuditRow; link: Seal }[] = []
  const heads: SealedHead[] = []
  for (const [organizationId, unordered] of chains) {
    const ordered = unordered.toSorted(sealingOrder)
    const sealed = sealRows(sha256, before.get(organizationId) ?? { seq: 0, hash: GENESIS }, ordered)
    links.push(...ordered.map((row, i) => ({ row, link: sealed[i] as Seal })))
    const last = sealed.at(-1) as Seal
    heads.push({ organizationId, seq: last.seq, hash: last.hash })
  }
  const { horizon, xid } = rows.at(-1) as Found
  await client.query({
    name: 'audit-seal',
    text: SEAL,
    values: [
      links.map(({ row }) => row.organizationId),
      links.map(({ link }) => link.seq),
      links.map(({ row }) => row.id),
      links.map(({ row }) => row.at),
      links.map(({ link }) => link.prev),
      links.map(({ link }) => link.hash),
      heads.map((head) => head.organizationId),
      heads.map((head) => head.seq),
      heads.map((head) => head.hash),
      mayBeMore && BigInt(xid) < BigInt(horizon) ? xid : horizon,
    ],
  })
  return heads
}

/** Where each chain goes on: at its last link, or beyond it when the head knows of more, so that a cut stays to be seen. */
async function readHeads(client: PoolClient, organizationIds: string[]): Promise<Map<string, ChainPoint>> {
  const { rows } = await client.query<ChainPoint & { organizationId: string }>({
    name: 'audit-heads',
    text: HEADS,
    values: [organizationIds],
  })
  return new Map(rows.map(({ organizationId, seq, hash: last }) => [organizationId, { seq, hash: last }]))
}

export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** The columns of an audit row `a` as the chain takes them. */
export const CHAIN_COLUMNS = `a.organization_id AS "organizationId", a.id,
  to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, a.actor_id AS "actorId",
  a.on_behalf_of AS "onBehalfOf", a.session_id AS "sessionId", a.request_id AS "requestId", a.action, a.subject_id AS "subjectId", a.detail::text AS detail`

/**
 * An audit row `a` without a seal that a sealer has yet to find. A sub-select with a value is never turned into a join, which
 * with unlucky estimates would read all seals. A `settled` that lies ahead came with a copy of another cluster's data.
 */
export const UNSEALED_ROWS = `
  a.xid >= (SELECT CASE WHEN settled <= pg_snapshot_xmin(pg_current_snapshot()) THEN settled ELSE '0'::xid8 END FROM audit_sealer)
  AND (SELECT s.seq FROM audit_seal s WHERE s.organization_id = a.organization_id AND s.audit_id = a.id) IS NULL`

// Below the snapshot's xmin every transaction has ended: what it wrote is among these rows or was never committed.
const UNSEALED = `
  SELECT ${CHAIN_COLUMNS}, a.xid::text AS xid, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon
  FROM audit a WHERE ${UNSEALED_ROWS} ORDER BY a.xid LIMIT $1`

const HEADS = `
  SELECT o.id AS "organizationId", greatest(h.seq, l.seq) AS seq,
         encode(CASE WHEN h.seq > coalesce(l.seq, 0) THEN h.hash ELSE l.hash END, 'hex') AS hash
  FROM unnest($1::uuid[]) AS o (id)
  LEFT JOIN audit_head h ON h.organization_id = o.id
  LEFT JOIN LATERAL (
    SELECT seq, hash FROM audit_seal s WHERE s.organization_id = o.id ORDER BY s.seq DESC LIMIT 1
  ) l ON true
  WHERE h.seq IS NOT NULL OR l.seq IS NOT NULL`

const SEAL = `
  WITH links AS (
    INSERT INTO audit_seal (organization_id, seq, audit_id, at, prev, hash)
    SELECT l.organization_id, l.seq, l.audit_id, l.at, decode(l.prev, 'hex'), decode(l.hash, 'hex')
    FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[])
      AS l (organization_id, seq, audit_id, at, prev, hash)
  ), heads AS (
    INSERT INTO audit_head (organization_id, seq, hash)
    SELECT h.organization_id, h.seq, decode(h.hash, 'hex')
    FROM unnest($7::uuid[], $8::bigint[], $9::text[]) AS h (organization_id, seq, hash)
    ON CONFLICT (organization_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
  )
  UPDATE audit_sealer SET settled = $10::xid8`
