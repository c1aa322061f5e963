import { type SQL, getTableColumns } from 'drizzle-orm'
import { type PgTable, QueryBuilder } from 'drizzle-orm/pg-core'
import type { OrganizationTx } from './transaction.ts'

export interface Selection {
  where: SQL | undefined
  orderBy?: SQL[]
  limit?: number
  /** Locks the rows until the transaction ends. */
  forUpdate?: true
}

/**
 * Whole rows of one table, for reads with optional conditions. Drizzle only words the statement; running it stays with
 * the transaction, so its errors and type parsers are the store's own and no Date or wrapped error comes in between.
 */
export async function selectRows<T extends PgTable>(
  tx: OrganizationTx,
  table: T,
  { where, orderBy = [], limit, forUpdate }: Selection,
): Promise<T['$inferSelect'][]> {
  let query = new QueryBuilder()
    .select()
    .from(table as PgTable)
    .where(where)
    .orderBy(...orderBy)
    .$dynamic()
  if (limit !== undefined) query = query.limit(limit)
  if (forUpdate) query = query.for('update')
  const { sql, params } = query.toSQL()
  const { rows } = await tx.query(statementName(sql), sql, params)
  const columns = Object.entries(getTableColumns(table))
  return rows.map((row) => Object.fromEntries(columns.map(([key, column]) => [key, row[column.name]])))
}

// Few shapes exist (one per set of conditions used), so each is worth a prepared statement; the bound is a net.
const MAX_NAMES = 500
const names = new Map<string, string>()

/** Without a name the statement is planned each time. */
function statementName(sql: string): string {
  const known = names.get(sql)
  if (known !== undefined) return known
  if (names.size >= MAX_NAMES) return ''
  const name = `select-${names.size}`
  names.set(sql, name)
  return name
}
