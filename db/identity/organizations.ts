import type { Pool } from 'pg'

/** Ids of organisations after that one, in order; for work that goes round all of them. */
export async function organizationsAfter(pool: Pool, after: string, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'organizations-after',
    text: 'SELECT id FROM identity.organization WHERE id > $1 ORDER BY id LIMIT $2',
    values: [after, limit],
  })
  return rows.map((row) => row.id)
}
