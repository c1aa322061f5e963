import { type AuditRow, type ChainPoint, type Seal, type Sha256, linkHash } from './chain.ts'

/** A seal and the row it stands for; undefined when that row is not there. */
export interface SealedRow {
  seal: Seal
  row: AuditRow | undefined
}

export type Tampering = 'edited' | 'deleted' | 'reordered' | 'truncated' | 'rewritten'

export interface ChainProblem {
  seq: number
  kind: Tampering
}

/**
 * Follows the chain from `from` through one page of links, in the order of their numbers. The point reached, or the first
 * link that does not hold:
 * - `deleted`: the link or its row is missing.
 * - `reordered`: it stands where another link of the page belongs.
 * - `edited`: it is there and not what was sealed.
 */
export function followChain(
  sha256: Sha256,
  from: ChainPoint,
  page: readonly SealedRow[],
): { point: ChainPoint; problem?: ChainProblem } {
  let point = from
  for (const { seal, row } of page) {
    const seq = point.seq + 1
    if (seal.seq !== seq || row === undefined) return { point, problem: { seq, kind: 'deleted' } }
    const holds = seal.prev === point.hash && seal.hash === linkHash(sha256, point.hash, seq, row)
    if (!holds) return { point, problem: { seq, kind: isMoved(sha256, point, seal, page) ? 'reordered' : 'edited' } }
    point = { seq, hash: seal.hash }
  }
  return { point }
}

/** Whether the chain ends where it is known to: undefined when it does. */
export function judgeEnd(point: ChainPoint, head: ChainPoint): ChainProblem | undefined {
  if (head.seq > point.seq) return { seq: point.seq + 1, kind: 'truncated' }
  if (head.seq < point.seq || head.hash !== point.hash) return { seq: Math.max(head.seq, 1), kind: 'rewritten' }
  return undefined
}

/** A link somebody keeps outside, against the one that is there now (undefined: none). Only this sees a whole new chain. */
export function judgeAnchor(anchor: ChainPoint, found: string | undefined): ChainProblem | undefined {
  if (found === anchor.hash) return undefined
  return { seq: anchor.seq, kind: found === undefined ? 'truncated' : 'rewritten' }
}

/** Another link or row of the page fits here, or this link hangs on another one: things changed places. */
function isMoved(sha256: Sha256, point: ChainPoint, seal: Seal, page: readonly SealedRow[]): boolean {
  const fits = (row: AuditRow | undefined) =>
    row !== undefined && linkHash(sha256, point.hash, point.seq + 1, row) === seal.hash
  if (seal.prev === point.hash) return page.some(({ row }) => fits(row))
  return page.some((other) => other.seal !== seal && (other.seal.hash === seal.prev || other.seal.prev === point.hash))
}
