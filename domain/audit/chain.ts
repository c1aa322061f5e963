/** An audit row as it is sealed. */
export interface AuditRow {
  organizationId: string
  id: string
  /** UTC, ISO 8601 with microseconds: what the store keeps, to its last digit. */
  at: string
  actorId: string
  /** In whose name a delegate acted. */
  onBehalfOf: string | null
  sessionId: string | null
  requestId: string
  action: string
  subjectId: string
  /**
   * The JSON as PostgreSQL writes a jsonb: no key twice, keys by length and then by bytes, `: ` and `, ` between, numbers
   * with the digits they were given.
   */
  detail: string
}

/** One link. Hashes are SHA-256 as lower-case hex. */
export interface Seal {
  seq: number
  prev: string
  hash: string
}

/** A place on a chain: what the next link hangs on. */
export type ChainPoint = Pick<Seal, 'seq' | 'hash'>

/** Before the first link. */
export const GENESIS = '0'.repeat(64)

export type Sha256 = (text: string) => string

/**
 * The hash of a link: SHA-256 over the UTF-8 of this JSON array (as ECMAScript's JSON.stringify writes it, without spaces):
 * `["convoke-audit-1", prev, seq, organizationId, id, at, actorId, sessionId, requestId, action, subjectId, detail]`, `detail`
 * being a string and `sessionId` perhaps null. A row in somebody's name is `["convoke-audit-2", …]` with `onBehalfOf` at the end.
 */
export function linkHash(sha256: Sha256, prev: string, seq: number, row: AuditRow): string {
  const { organizationId, id, at, actorId, onBehalfOf, sessionId, requestId, action, subjectId, detail } = row
  return sha256(
    JSON.stringify([
      onBehalfOf === null ? 'convoke-audit-1' : 'convoke-audit-2',
      prev,
      seq,
      organizationId,
      id,
      at,
      actorId,
      sessionId,
      requestId,
      action,
      subjectId,
      detail,
      ...(onBehalfOf === null ? [] : [onBehalfOf]),
    ]),
  )
}

/** Rows found together, in the order in which they go on the chain. */
export function sealingOrder(a: Pick<AuditRow, 'at' | 'id'>, b: Pick<AuditRow, 'at' | 'id'>): number {
  return compare(a.at, b.at) || compare(a.id, b.id)
}

/** The next links of one organisation's chain, one per row in this order. */
export function sealRows(sha256: Sha256, head: ChainPoint, rows: readonly AuditRow[]): Seal[] {
  let { seq, hash } = head
  return rows.map((row) => {
    const prev = hash
    seq += 1
    hash = linkHash(sha256, prev, seq, row)
    return { seq, prev, hash }
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
