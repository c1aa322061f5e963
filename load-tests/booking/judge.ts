import pg from 'pg'

export interface Verdict {
  /** Pairs of exclusive claims of one resource that overlap. */
  overlaps: number
  claims: number
  /** As PostgreSQL counts them: also those that were retried and that no caller heard of. */
  deadlocks: number
}

/** Looks at what is there, as the owner and without the constraint's own index: whoever trusts the constraint asks nobody. */
export async function judge(url: string): Promise<Verdict> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    await owner.query(
      'SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off; SET work_mem = 262144',
    )
    const { rows } = await owner.query<{ [name in keyof Verdict]: string }>(`
      WITH hour AS MATERIALIZED (
        SELECT a.*, h FROM allocation a,
          generate_series(date_trunc('hour', blocked_from), blocked_until - interval '1 microsecond', interval '1 hour') h
        WHERE exclusive
      )
      SELECT
        (SELECT count(DISTINCT (a.id, b.id)) FROM hour a JOIN hour b USING (organization_id, resource_id, h)
         WHERE a.id < b.id AND a.blocked_from < b.blocked_until AND b.blocked_from < a.blocked_until) AS overlaps,
        (SELECT count(*) FROM allocation WHERE exclusive) AS claims,
        (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) AS deadlocks`)
    const [row] = rows
    return { overlaps: Number(row?.overlaps), claims: Number(row?.claims), deadlocks: Number(row?.deadlocks) }
  } finally {
    await owner.end()
  }
}
