import pg from 'pg'
import { vi } from 'vitest'
import type { OrganizationTx } from '../db/transaction.ts'

/** A statement as it went to the store. */
export interface Statement {
  name: string
  text: string
  values: unknown[]
}

/** What `work` asked the store by prepared statements, in order. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  try {
    await work()
    const asked = spy.mock.calls.map(([query]: unknown[]) => query as Partial<Statement>)
    return asked.filter((one): one is Statement => typeof one.name === 'string' && one.name !== '')
  } finally {
    spy.mockRestore()
  }
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: Node[]
}

export interface Read {
  /** `allocation by allocation_resource`; without an index `allocation whole`. */
  what: string
  relation: string
  /** Rows that were looked at, those that a filter dropped included. */
  rows: number
}

/**
 * What the store reads of tables for a statement, planned as for any values (so it is in our sessions, db/pool.ts) and executed with its
 * own, unless it inserts: what was written once cannot be written again.
 */
export async function readsOf(tx: OrganizationTx, { text, values }: Statement): Promise<Read[]> {
  await tx.query('', `PREPARE looked_at AS ${text}`, [])
  const run = /^\s*INSERT/.test(text) ? '' : 'ANALYZE, '
  const given = values.length === 0 ? '' : `(${values.map(literal).join()})`
  const { rows } = await tx.query<Explained>('', `EXPLAIN (${run}FORMAT JSON) EXECUTE looked_at${given}`, [])
  await tx.query('', 'DEALLOCATE looked_at', [])
  return rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan)).flatMap(readOf)
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (!Array.isArray(value)) return pg.escapeLiteral(String(value as string | number | boolean))
  const items = value.map((item) => (item === null ? 'NULL' : JSON.stringify(String(item))))
  return pg.escapeLiteral(`{${items.join()}}`)
}

interface Explained extends pg.QueryResultRow {
  'QUERY PLAN': [{ Plan: Node }]
}

function nodesOf(plan: Node): Node[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

function readOf(node: Node): Read[] {
  const { 'Node Type': type, 'Relation Name': relation, 'Index Name': index, 'Actual Loops': loops = 0 } = node
  if (type === 'Bitmap Index Scan') return []
  if (relation === undefined || type === 'ModifyTable') return []
  const each = [node['Actual Rows'], node['Rows Removed by Filter'], node['Rows Removed by Index Recheck']]
  const rows = each.reduce<number>((sum, one) => sum + (one ?? 0), 0) * loops
  const way = type === 'Seq Scan' ? 'whole' : `by ${index ?? indexBelow(node) ?? type}`
  return [{ what: `${relation} ${way}`, relation, rows }]
}

function indexBelow(node: Node): string | undefined {
  return nodesOf(node).find((one) => one['Index Name'] !== undefined)?.['Index Name']
}
