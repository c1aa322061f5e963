import type { Pool } from 'pg'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A document as stored: a snapshot, if any, and the log after it, up to `head`. */
export interface StoredDoc {
  head: number
  updates: Uint8Array[]
  /** Of the newest snapshot; 0 without one. */
  snapshotSeq: number
  /** How many updates and bytes the log has after the snapshot, and when the last was written. */
  log: { count: number; bytes: number; lastAt: Instant | undefined }
}

/** undefined: it was never opened. Throws when its log has a gap: half a document must not pass for a whole one. */
export async function readDoc(tx: OrganizationTx, docId: string): Promise<StoredDoc | undefined> {
  const [whole, log] = await Promise.all([
    tx.query<{ head: number; upto_seq: number | null; state: Buffer | null }>('doc-read', READ, [
      tx.organizationId,
      docId,
    ]),
    tx.query<LogRow>('doc-read-log', READ_LOG, [tx.organizationId, docId]),
  ])
  const [row] = whole.rows
  if (row === undefined) return undefined
  const snapshotSeq = row.upto_seq ?? 0
  refuseGap(docId, log.rows, snapshotSeq, row.head)
  return {
    head: row.head,
    snapshotSeq,
    updates: [...(row.state === null ? [] : [row.state]), ...log.rows.map(({ payload }) => payload)],
    log: {
      count: log.rows.length,
      bytes: log.rows.reduce((sum, { payload }) => sum + payload.length, 0),
      lastAt: log.rows.at(-1)?.at,
    },
  }
}

/** The updates after `seq`, in order; undefined when the log does not reach back that far. */
export async function readDocSince(
  tx: OrganizationTx,
  docId: string,
  seq: number,
): Promise<{ seq: number; payload: Uint8Array }[] | undefined> {
  const { rows } = await tx.query<LogRow>('doc-read-since', READ_SINCE, [tx.organizationId, docId, seq])
  return rows.every((row, i) => row.seq === seq + 1 + i) ? rows : undefined
}

export interface DocAppend {
  docId: string
  payload: Uint8Array
  authorIds: readonly string[]
}

/**
 * Gives each document's update the next number of its log and keeps it. Locks the documents in order of their ids. The answer
 * lacks documents that are gone.
 */
export async function appendUpdates(
  tx: OrganizationTx,
  appends: readonly DocAppend[],
  now: Instant,
): Promise<Map<string, number>> {
  const ids = appends.map(({ docId }) => docId)
  const values = [
    tx.organizationId,
    ids,
    appends.map(({ payload }) => payload),
    appends.map(({ authorIds }) => authorIds.join()),
    now,
  ]
  const [, { rows }] = await Promise.all([
    lockDocs(tx, ids),
    tx.query<{ doc_id: string; seq: number }>('doc-append', APPEND, values),
  ])
  return new Map(rows.map((row) => [row.doc_id, row.seq]))
}

export function lockDocs(tx: OrganizationTx, docIds: readonly string[]): Promise<unknown> {
  return tx.query('doc-lock', LOCK, [tx.organizationId, docIds])
}

/** How far each of these documents is, of any organisation; the order is that of the question, null where there is none. */
export async function readDocHeads(
  relay: Pool,
  docs: readonly { organizationId: string; docId: string }[],
): Promise<(number | null)[]> {
  const { rows } = await relay.query<{ head: number | null }>({
    name: 'doc-heads',
    text: `SELECT d.head FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS asked (organization_id, id, n)
           LEFT JOIN doc d USING (organization_id, id) ORDER BY asked.n`,
    values: [docs.map((doc) => doc.organizationId), docs.map((doc) => doc.docId)],
  })
  return rows.map((row) => row.head)
}

function refuseGap(docId: string, rows: readonly LogRow[], after: number, head: number): void {
  const isWhole = rows.length === head - after && rows.every((row, i) => row.seq === after + 1 + i)
  if (!isWhole) throw new Error(`the log of ${docId} has a gap between ${after} and ${head}`)
}

interface LogRow {
  seq: number
  payload: Buffer
  at: Instant
}

const NEWEST = `(SELECT s.upto_seq, s.state FROM doc_snapshot s
  WHERE s.organization_id = $1 AND s.doc_id = $2 ORDER BY s.upto_seq DESC LIMIT 1)`

const READ = `
  SELECT d.head, s.upto_seq, s.state FROM doc d LEFT JOIN ${NEWEST} AS s ON true
  WHERE d.organization_id = $1 AND d.id = $2`

const READ_LOG = `
  SELECT u.seq, u.payload, u.at FROM doc_update u
  WHERE u.organization_id = $1 AND u.doc_id = $2
    AND u.seq > coalesce((SELECT max(s.upto_seq) FROM doc_snapshot s WHERE s.organization_id = $1 AND s.doc_id = $2), 0)
  ORDER BY u.seq`

const READ_SINCE = `
  SELECT seq, payload, at FROM doc_update WHERE organization_id = $1 AND doc_id = $2 AND seq > $3 ORDER BY seq`

const LOCK = `SELECT FROM doc WHERE organization_id = $1 AND id = ANY ($2::text[]) ORDER BY id FOR NO KEY UPDATE`

const APPEND = `
  WITH given AS (
    SELECT * FROM unnest($2::text[], $3::bytea[], $4::text[]) AS g (doc_id, payload, author_ids)
  ), moved AS (
    UPDATE doc SET head = head + 1 FROM given
    WHERE doc.organization_id = $1 AND doc.id = given.doc_id
    RETURNING doc.id, doc.head
  )
  INSERT INTO doc_update (organization_id, doc_id, seq, payload, author_ids, at)
  SELECT $1, moved.id, moved.head, given.payload,
         CASE WHEN given.author_ids = '' THEN '{}' ELSE string_to_array(given.author_ids, ',')::uuid[] END,
         to_timestamp($5::float8 / 1000)
  FROM moved JOIN given ON given.doc_id = moved.id
  RETURNING doc_id, seq`
