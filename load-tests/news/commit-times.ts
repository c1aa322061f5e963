import pg from 'pg'

/** When PostgreSQL committed what a topic's event tells: epoch milliseconds, by `topic seq`. */
export type CommitTimes = Map<string, number>

export interface LogView extends AsyncDisposable {
  /** Of all news of rooms whose meetings were committed since `since` (epoch milliseconds). */
  commitTimes(since: number): Promise<CommitTimes>
  /** The last number of every topic. */
  heads(): Promise<Map<string, number>>
  settled(): Promise<boolean>
}

/** Looks as the owner; needs a server with `track_commit_timestamp`. */
export function openLogView(url: string): LogView {
  const owner = new pg.Pool({ connectionString: url, max: 1 })
  owner.on('error', () => {})
  return {
    async commitTimes(since) {
      // The event's own row is written again when it is delivered; its meeting's row is not.
      const { rows } = await owner.query<{ key: string; at: number }>(
        `SELECT topic || ' ' || seq AS key, (extract(epoch FROM pg_xact_commit_timestamp(m.xmin)) * 1000)::float8 AS at
         FROM outbox o JOIN meeting m ON m.organization_id = o.organization_id AND m.id = (o.data->>'meetingId')::uuid
         WHERE o.topic LIKE 'room:%' AND o.at >= to_timestamp($1::float8 / 1000)`,
        [since],
      )
      return new Map(rows.map(({ key, at }) => [key, at]))
    },
    async heads() {
      const { rows } = await owner.query<{ topic: string; seq: string }>('SELECT topic, seq FROM topic_head')
      return new Map(rows.map(({ topic, seq }) => [topic, Number(seq)]))
    },
    async settled() {
      const { rows } = await owner.query<{ open: boolean }>(
        'SELECT EXISTS (SELECT FROM outbox WHERE position IS NULL) AS open',
      )
      return rows[0]?.open === false
    },
    [Symbol.asyncDispose]: () => owner.end(),
  }
}
