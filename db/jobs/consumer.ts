import type { Pool, PoolClient } from 'pg'
import { SHARDS } from '../../domain/news.ts'
import { type NewsRow, readNews } from '../news-log.ts'

/** News read at a time: a transaction of some milliseconds. */
const BATCH = 500

/**
 * Lets a consumer start at the end of what is committed: what was before is not news to it (a sweep finds what it needs of
 * that). Positions are gap-free, so undelivered events take exactly the ones that follow.
 */
export async function enrolConsumer(relay: Pool, name: string): Promise<void> {
  await relay.query(
    `INSERT INTO log_consumer (name, shard, position)
     SELECT $1, p.shard, p.position + (SELECT count(*) FROM outbox o WHERE o.shard = p.shard AND o.position IS NULL)
     FROM relay_position p ON CONFLICT DO NOTHING`,
    [name],
  )
}

/** Is there delivered news that this consumer has not taken? */
export async function isBehind(relay: Pool, name: string): Promise<boolean> {
  const { rows } = await relay.query<{ behind: boolean }>({
    name: 'consumer-behind',
    text: `SELECT EXISTS (
             SELECT FROM log_consumer c JOIN relay_position p USING (shard) WHERE c.name = $1 AND c.position < p.position
           ) AS behind`,
    values: [name],
  })
  return rows[0]?.behind === true
}

/**
 * Takes the next news, in order within each shard, with what `take` makes of it in the same transaction: it comes once, or
 * again after a crash before the commit. Answers how many events were taken; `undefined` while another process takes some.
 */
export async function consumeNews(
  relay: Pool,
  name: string,
  take: (client: PoolClient, news: NewsRow[]) => Promise<void>,
): Promise<number | undefined> {
  const client = await relay.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const cursors = await lockCursors(client, name)
    const taken = cursors.length < SHARDS ? undefined : await consumeBatch(client, name, cursors, take)
    await client.query('COMMIT')
    return taken
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    client.release(broken)
  }
}

interface Cursor {
  shard: number
  position: number
  delivered: number
}

async function lockCursors(client: PoolClient, name: string): Promise<Cursor[]> {
  const { rows } = await client.query<Cursor>({
    name: 'consumer-lock',
    text: `SELECT c.shard, c.position, p.position AS delivered FROM log_consumer c JOIN relay_position p USING (shard)
           WHERE c.name = $1 ORDER BY c.shard FOR UPDATE OF c SKIP LOCKED`,
    values: [name],
  })
  return rows
}

async function consumeBatch(
  client: PoolClient,
  name: string,
  cursors: readonly Cursor[],
  take: (client: PoolClient, news: NewsRow[]) => Promise<void>,
): Promise<number> {
  const news: NewsRow[] = []
  const moved: { shard: number; position: number }[] = []
  for (const { shard, position, delivered } of cursors) {
    const limit = BATCH - news.length
    if (position >= delivered || limit === 0) continue
    const found = await readNews(client, { shard, after: position, upTo: delivered, limit })
    news.push(...found)
    // Fewer than asked: the rest was let go with its month.
    moved.push({ shard, position: found.length < limit ? delivered : (found.at(-1) as NewsRow).position })
  }
  if (moved.length === 0) return 0
  await take(client, news)
  await client.query({
    name: 'consumer-move',
    text: `UPDATE log_consumer c SET position = m.position FROM unnest($2::smallint[], $3::bigint[]) AS m (shard, position)
           WHERE c.name = $1 AND c.shard = m.shard`,
    values: [name, moved.map((m) => m.shard), moved.map((m) => m.position)],
  })
  return news.length
}
