import { readOnly } from '../../db/transaction.ts'
import type { DemoLoad } from './loading.ts'

/** What an earlier start that did not finish has left. */
export function existingIds(
  { pool, organizationId }: DemoLoad,
  table: 'users' | 'room' | 'meeting',
): Promise<Set<string>> {
  return readOnly(pool, organizationId, async (tx) => {
    const text = `SELECT id FROM ${table} WHERE organization_id = $1`
    const { rows } = await tx.query<{ id: string }>(`demo-${table}-ids`, text, [organizationId])
    return new Set(rows.map(({ id }) => id))
  })
}
