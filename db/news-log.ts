import type { Pool, PoolClient } from 'pg'
import type { Instant } from '../domain/time/instant.ts'

/** One event of the log. `position` is gap-free per shard, `seq` gap-free per topic of one organisation. */
export interface NewsRow {
  organizationId: string
  topic: string
  seq: number
  type: string
  at: Instant
  data: unknown
  shard: number
  position: number
  /** W3C traceparent of the request it came from; null or absent when no traces are made. */
  trace?: string | null | undefined
}

/** Takes the free or lapsed lease. `holder` is fresh for every try, so a statement left behind by a lost
 * connection can never pass for the present holder. */
export async function takeLease(relay: Pool, holder: string, ttlMs: number): Promise<boolean> {
  const { rowCount } = await relay.query({
    name: 'lease-take',
    text: `UPDATE relay_lease SET holder = $1, expires_at = clock_timestamp() + make_interval(secs => $2 / 1000.0)
           WHERE holder IS NULL OR expires_at <= clock_timestamp()`,
    values: [holder, ttlMs],
  })
  return rowCount === 1
}

/** false: somebody else has it. */
export async function renewLease(relay: Pool, holder: string, ttlMs: number): Promise<boolean> {
  const { rowCount } = await relay.query({
    name: 'lease-renew',
    text: `UPDATE relay_lease SET expires_at = clock_timestamp() + make_interval(secs => $2 / 1000.0)
           WHERE holder = $1`,
    values: [holder, ttlMs],
  })
  return rowCount === 1
}

export async function releaseLease(relay: Pool, holder: string): Promise<void> {
  await relay.query(`UPDATE relay_lease SET holder = NULL, expires_at = '-infinity' WHERE holder = $1`, [holder])
}

/**
 * Gives the oldest undelivered events their positions, committed when this returns; in order of shard and position,
 * with the epoch they belong to (undefined when there were none).
 * News of rooms makes, in the same transaction, one `floor.changed` per floor, which the next claim delivers, and marks the
 * organisation's dashboard (`tellDashboards`). Does nothing unless `holder` has the unexpired lease. The lease row stays locked until the commit, and a holder is
 * never reinstated once replaced, so whoever passes sees every position that others gave out.
 */
export async function claimNews(relay: Pool, holder: string, limit: number): Promise<Claimed> {
  const { rows } = await relay.query<NewsRow & { epoch: number; derived: number }>({
    name: 'news-claim',
    text: CLAIM,
    values: [holder, limit],
  })
  const inOrder = rows.sort((a, b) => a.shard - b.shard || a.position - b.position)
  return { epoch: rows[0]?.epoch, rows: inOrder, derived: rows[0]?.derived ?? 0 }
}

export interface Claimed {
  epoch: number | undefined
  rows: NewsRow[]
  /** How many new events of floors wait for the next claim. */
  derived: number
}

/**
 * Makes the `dashboard.changed` of every organisation whose floors have changed and whose last one is `pauseMs` ago. `told`: so
 * many wait for the next claim. `left`: so many organisations are still to be told.
 */
export async function tellDashboards(
  relay: Pool,
  holder: string,
  pauseMs: number,
): Promise<{ told: number; left: number }> {
  const { rows } = await relay.query<{ told: number; left: number }>({
    name: 'news-dashboards',
    text: TELL_DASHBOARDS,
    values: [holder, pauseMs],
  })
  return rows[0] ?? { told: 0, left: 0 }
}

/** How far the relay is in each shard (index = shard), and the epoch of the log. */
export async function readPositions(relay: Pool): Promise<{ epoch: number; positions: number[] }> {
  const { rows } = await relay.query<{ epoch: number; positions: string[] }>({
    name: 'news-positions',
    text: `SELECT (SELECT epoch FROM relay_lease) AS epoch,
                  (SELECT array_agg(position::text ORDER BY shard) FROM relay_position) AS positions`,
  })
  const row = rows[0]
  if (row === undefined) throw new Error('the log has no positions')
  return { epoch: row.epoch, positions: row.positions.map(Number) }
}

/** The events of a shard with `after < position <= upTo`, in order, at most `limit`. */
export async function readNews(
  relay: Pool | PoolClient,
  { shard, after, upTo, limit }: { shard: number; after: number; upTo: number; limit: number },
): Promise<NewsRow[]> {
  const { rows } = await relay.query<NewsRow>({
    name: 'news-read',
    text: `SELECT organization_id AS "organizationId", topic, seq, type, at, data, shard, position, trace
           FROM outbox WHERE shard = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4`,
    values: [shard, after, upTo, limit],
  })
  return rows
}

/** Voids every cursor: the log went back to an earlier point. However many notice, `known` becomes `known + 1` once. */
export async function voidCursors(relay: Pool, known: number): Promise<void> {
  await relay.query('UPDATE relay_lease SET epoch = $1 + 1 WHERE epoch = $1', [known])
}

// The last condition is judged again on the row's newest version, should anybody have been quicker. Written as it is, it
// cannot lure the planner from the primary key to the index of undelivered rows, which with a backlog it would read
// once per row.
const CLAIM = `
  WITH lease AS MATERIALIZED (
    SELECT epoch FROM relay_lease WHERE holder = $1 AND expires_at > clock_timestamp() FOR UPDATE
  ), fresh AS MATERIALIZED (
    SELECT id, at, shard, organization_id, topic FROM outbox
    WHERE position IS NULL AND EXISTS (SELECT FROM lease) ORDER BY id LIMIT $2
  ), numbered AS MATERIALIZED (
    SELECT id, at, shard, row_number() OVER (PARTITION BY shard ORDER BY id) AS n FROM fresh
  ), moved AS (
    UPDATE relay_position p SET position = p.position + c.count
    FROM (SELECT shard, count(*) AS count FROM fresh GROUP BY shard) c
    WHERE p.shard = c.shard
    RETURNING p.shard, p.position - c.count AS base
  ), touched AS MATERIALIZED (
    SELECT DISTINCT f.organization_id, r.floor_id, r.id AS room_id
    FROM fresh f JOIN room r ON r.organization_id = f.organization_id
      AND r.id = CASE WHEN f.topic LIKE 'room:%' AND pg_input_is_valid(substr(f.topic, 6), 'uuid') THEN substr(f.topic, 6)::uuid END
    WHERE r.floor_id IS NOT NULL
  ), floors AS MATERIALIZED (
    SELECT organization_id, 'floor:' || floor_id AS topic,
           jsonb_build_object('floorId', floor_id, 'rooms', jsonb_agg(room_id ORDER BY room_id)) AS data
    FROM touched GROUP BY organization_id, floor_id
  ), dashboards AS (
    INSERT INTO dashboard_news AS d (organization_id, floors)
    SELECT organization_id, array_agg(DISTINCT floor_id) FROM touched GROUP BY organization_id ORDER BY organization_id
    ON CONFLICT (organization_id) DO UPDATE SET floors = ARRAY(SELECT DISTINCT unnest(d.floors || excluded.floors))
  ), ${derivedNews('floors', 'floor.changed')}
  , claimed AS (
  UPDATE outbox o SET position = moved.base + numbered.n
  FROM numbered JOIN moved USING (shard)
  WHERE o.id = numbered.id AND o.at = numbered.at AND coalesce(o.position, 0) = 0
  RETURNING o.organization_id AS "organizationId", o.topic, o.seq, o.type, o.at, o.data, o.shard, o.position, o.trace
  )
  SELECT *, (SELECT epoch FROM lease) AS epoch, (SELECT count(*)::integer FROM derived) AS derived FROM claimed`

// Told times are the store's own: whoever has the lease next goes on by them.
const TELL_DASHBOARDS = `
  WITH lease AS MATERIALIZED (
    SELECT epoch FROM relay_lease WHERE holder = $1 AND expires_at > clock_timestamp() FOR UPDATE
  ), due AS (
    UPDATE dashboard_news SET floors = '{}', told_at = clock_timestamp()
    WHERE cardinality(floors) > 0 AND told_at <= clock_timestamp() - make_interval(secs => $2 / 1000.0)
      AND EXISTS (SELECT FROM lease)
    RETURNING organization_id, old.floors
  ), dashboards AS MATERIALIZED (
    SELECT organization_id, 'dashboard:rooms:' || organization_id AS topic, jsonb_build_object('floors', floors) AS data FROM due
  ), ${derivedNews('dashboards', 'dashboard.changed')}
  SELECT (SELECT count(*)::integer FROM derived) AS told,
         (SELECT count(*)::integer FROM dashboard_news WHERE cardinality(floors) > 0) - (SELECT count(*)::integer FROM due) AS left`

/** The parts of a WITH that number and keep one event for each row of `source (organization_id, topic, data)`. Nobody else numbers these topics. */
function derivedNews(source: string, type: 'floor.changed' | 'dashboard.changed'): string {
  return `
  derived_head AS (
    INSERT INTO topic_head (organization_id, topic, seq)
    SELECT organization_id, topic, 1 FROM ${source} ORDER BY organization_id, topic
    ON CONFLICT (organization_id, topic) DO UPDATE SET seq = topic_head.seq + 1
    RETURNING organization_id, topic, seq
  ), derived AS (
    INSERT INTO outbox (organization_id, topic, seq, type, at, data, shard)
    SELECT organization_id, topic, h.seq, '${type}', clock_timestamp(), s.data, shard_of(topic)
    FROM derived_head h JOIN ${source} s USING (organization_id, topic)
    RETURNING 1
  )`
}
