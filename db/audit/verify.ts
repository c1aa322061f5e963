import type { Pool } from 'pg'
import { type AuditRow, type ChainPoint, GENESIS, type Seal } from '../../domain/audit/chain.ts'
import {
  type ChainProblem,
  type SealedRow,
  followChain,
  judgeAnchor,
  judgeEnd,
} from '../../domain/audit/verify-chain.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { type OrganizationTx, readOnly } from '../transaction.ts'
import { CHAIN_COLUMNS, UNSEALED_ROWS, sha256 } from './seal-rows.ts'

/** Links read and hashed at a time, each time in a snapshot of their own. */
const PAGE = 1_000
/** One call follows the chain for so long; the caller goes on where it ended. */
const FOLLOW_MS = 2_000
/** What waits for the sealer is a handful; more is told as this many. */
const MAX_UNSEALED = 10_000

export interface Verdict {
  /** Nothing is wrong with what was followed. */
  ok: boolean
  /** Links followed in this call. */
  checked: number
  /** The last link that holds: `after` of the next call. */
  verifiedUntil: number
  /** The end of the chain was reached. */
  complete: boolean
  firstProblem?: ChainProblem
  /** When the newest sealed row was written; null: nothing is sealed. */
  sealedUntil: Instant | null
  /** Rows the sealer has yet to see. */
  unsealed: number
  head: ChainPoint | null
}

interface VerifyRequest {
  /** Link after which to begin; 0 is the beginning. */
  after: number
  /** A link as it was once seen. */
  anchor?: ChainPoint | undefined
}

/**
 * Follows the chain of an organisation from `after` to its end, page by page, or for FOLLOW_MS. That the chain is the one it
 * was before is known only through an anchor that was kept outside.
 */
export async function verifyChain(
  pool: Pool,
  organizationId: string,
  { after, anchor }: VerifyRequest,
): Promise<Verdict> {
  const read = <T>(work: (tx: OrganizationTx) => Promise<T>) => readOnly(pool, organizationId, work)
  const deadline = performance.now() + FOLLOW_MS
  const [start, anchored] = await read((tx) =>
    Promise.all([hashAt(tx, after), anchor === undefined ? undefined : hashAt(tx, anchor.seq)]),
  )
  let point: ChainPoint = { seq: after, hash: start ?? GENESIS }
  let problem: ChainProblem | undefined = start === undefined ? { seq: after, kind: 'truncated' } : undefined
  let complete = false
  while (problem === undefined && !complete && performance.now() < deadline) {
    const { page, head } = await read((tx) => readPage(tx, point.seq))
    const followed = followChain(sha256, point, page)
    point = followed.point
    complete = page.length < PAGE
    problem = followed.problem ?? (complete ? judgeEnd(point, head ?? NOTHING) : undefined)
  }
  problem ??= anchor && judgeAnchor(anchor, anchored)
  const state = await read(readState)
  return {
    ok: problem === undefined,
    checked: point.seq - after,
    verifiedUntil: point.seq,
    complete,
    ...(problem === undefined ? {} : { firstProblem: problem }),
    ...state,
  }
}

const NOTHING: ChainPoint = { seq: 0, hash: GENESIS }

async function hashAt(tx: OrganizationTx, seq: number): Promise<string | undefined> {
  if (seq === 0) return GENESIS
  const { rows } = await tx.query<{ hash: string }>('audit-hash-at', HASH_AT, [tx.organizationId, seq])
  return rows[0]?.hash
}

async function readPage(
  tx: OrganizationTx,
  after: number,
): Promise<{ page: SealedRow[]; head: ChainPoint | undefined }> {
  const [links, head] = await Promise.all([
    tx.query<Seal & (AuditRow | { id: null })>('audit-links', LINKS, [tx.organizationId, after, PAGE]),
    readHead(tx),
  ])
  return { page: links.rows.map(sealedRow), head }
}

function sealedRow({ seq, prev, hash, ...row }: Seal & (AuditRow | { id: null })): SealedRow {
  return { seal: { seq, prev, hash }, row: row.id === null ? undefined : row }
}

async function readState(tx: OrganizationTx): Promise<Pick<Verdict, 'sealedUntil' | 'unsealed' | 'head'>> {
  const [state, head] = await Promise.all([
    tx.query<{ sealedUntil: Instant | null; unsealed: number }>('audit-state', STATE, [
      tx.organizationId,
      MAX_UNSEALED,
    ]),
    readHead(tx),
  ])
  return { sealedUntil: null, unsealed: 0, ...state.rows[0], head: head ?? null }
}

async function readHead(tx: OrganizationTx): Promise<ChainPoint | undefined> {
  const { rows } = await tx.query<ChainPoint>('audit-head', HEAD, [tx.organizationId])
  return rows[0]
}

const HASH_AT = `SELECT encode(hash, 'hex') AS hash FROM audit_seal WHERE organization_id = $1 AND seq = $2`

const HEAD = `SELECT seq, encode(hash, 'hex') AS hash FROM audit_head WHERE organization_id = $1`

// Row by row, so that no page reads more of the audit than its own rows, whatever the planner thinks.
const LINKS = `
  SELECT s.seq, encode(s.prev, 'hex') AS prev, encode(s.hash, 'hex') AS hash, r.*
  FROM audit_seal s LEFT JOIN LATERAL (
    SELECT ${CHAIN_COLUMNS} FROM audit a
    WHERE a.organization_id = s.organization_id AND a.id = s.audit_id AND a.at = s.at LIMIT 1
  ) r ON true
  WHERE s.organization_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT $3`

const STATE = `
  SELECT (SELECT s.at FROM audit_seal s WHERE s.organization_id = $1 ORDER BY s.seq DESC LIMIT 1) AS "sealedUntil",
         (SELECT count(*) FROM (
            SELECT FROM audit a WHERE a.organization_id = $1 AND ${UNSEALED_ROWS} LIMIT $2
          ) unsealed)::integer AS unsealed`
