import type { NewsRow } from './news-log.ts'
import type { OrganizationTx } from './transaction.ts'

/** The last seq of each topic; a topic that never had news is missing. */
export async function readHeads(tx: OrganizationTx, topics: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ topic: string; seq: number }>(
    'topic-heads',
    `SELECT topic, seq FROM topic_head WHERE organization_id = $1 AND topic = ANY ($2)`,
    [tx.organizationId, topics],
  )
  return new Map(rows.map((row) => [row.topic, row.seq]))
}

/** What a client missed: the topic's events with `after < seq <= upTo`, in order. Fewer when old ones were removed. */
export async function readTopicNews(
  tx: OrganizationTx,
  { topic, after, upTo }: { topic: string; after: number; upTo: number },
): Promise<NewsRow[]> {
  const { rows } = await tx.query<NewsRow>(
    'topic-news',
    `SELECT organization_id AS "organizationId", topic, seq, type, at, data, shard, coalesce(position, 0) AS position
     FROM outbox WHERE organization_id = $1 AND topic = $2 AND seq > $3 AND seq <= $4 ORDER BY seq`,
    [tx.organizationId, topic, after, upTo],
  )
  return rows
}
