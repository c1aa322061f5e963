import type { Actor } from '../domain/identity/actor.ts'
import { type AuditEntry, type NewsEvent, shardOf } from '../domain/news.ts'
import type { Instant } from '../domain/time/instant.ts'
import type { OrganizationTx } from './transaction.ts'

/**
 * Numbers and keeps the news of a command and its audit row, or of each thing that one command wrote. Always the last statement before COMMIT: the topic heads
 * are locked here, in topic order, until the commit, so commit order is sequence order and no number is ever missing.
 */
export async function record(tx: OrganizationTx, ...entries: RecordEntry[]): Promise<void> {
  const { rows } = await tx.query<{ xid: string }>('outbox-record', RECORD, [
    tx.organizationId,
    ...recordValues(entries),
  ])
  const xid = rows[0]?.xid
  if (xid !== undefined) tx.transactionId = xid
}

export interface RecordEntry {
  actor: Pick<Actor, 'userId' | 'delegateId' | 'sessionId' | 'requestId' | 'trace'>
  now: Instant
  /** Of the audit row. */
  id: string
  events: readonly NewsEvent[]
  audit: AuditEntry
}

/** The parameters of `recordParts`, in order: of one command, or of several that share a transaction, first things first. */
export function recordValues(entries: readonly RecordEntry[]): unknown[] {
  const events = entries.flatMap(({ events: own, now, actor: { trace } }) =>
    own.map((event) => ({ ...event, now, trace })),
  )
  const counts = new Map<string, number>()
  const ranks = events.map(({ topic }) => {
    const rank = (counts.get(topic) ?? 0) + 1
    counts.set(topic, rank)
    return rank
  })
  return [
    [...counts.keys()],
    [...counts.values()],
    events.map((event) => event.topic),
    // How many of the same topic follow: the head says the last number.
    events.map((event, i) => (counts.get(event.topic) as number) - (ranks[i] as number)),
    events.map((event) => event.type),
    events.map((event) => event.now),
    events.map((event) => JSON.stringify(event.data)),
    events.map((event) => shardOf(event.topic)),
    entries.map((entry) => entry.id),
    entries.map((entry) => entry.now),
    entries.map(({ actor }) => actor.delegateId ?? actor.userId),
    entries.map(({ actor }) => actor.sessionId),
    entries.map(({ actor }) => actor.requestId),
    entries.map(({ audit }) => audit.action),
    entries.map(({ audit }) => audit.subjectId),
    entries.map(({ audit }) => JSON.stringify(audit.detail ?? {})),
    events.map((event) => event.trace ?? null),
    entries.map(({ actor }) => (actor.delegateId === undefined ? null : actor.userId)),
  ]
}

/**
 * The parts of a WITH that record, for a statement whose `$1` is the organisation and whose parameters from `$first` on are
 * `recordValues`. Nothing is recorded unless `condition` holds: naming another part in it also makes that part run before
 * the topic heads are locked. The relay delivers by `id`, so rows of a topic are inserted in the order of their numbers.
 */
export function recordParts(first: number, condition: string): string {
  const $ = (index: number) => `$${first + index}`
  return `
  head AS (
    INSERT INTO topic_head (organization_id, topic, seq)
    SELECT $1, t.topic, t.count FROM unnest(${$(0)}::text[], ${$(1)}::bigint[]) AS t (topic, count)
    WHERE ${condition} ORDER BY t.topic
    ON CONFLICT (organization_id, topic) DO UPDATE SET seq = topic_head.seq + excluded.seq
    RETURNING topic, seq
  ), kept AS (
    INSERT INTO outbox (organization_id, topic, seq, type, at, data, shard, trace)
    SELECT $1, topic, head.seq - e.back, e.type, to_timestamp(e.at / 1000), e.data::jsonb, e.shard, e.trace
    FROM head JOIN unnest(${$(2)}::text[], ${$(3)}::bigint[], ${$(4)}::text[], ${$(5)}::float8[], ${$(6)}::text[], ${$(7)}::smallint[],
                          ${$(16)}::text[]) AS e (topic, back, type, at, data, shard, trace) USING (topic)
    ORDER BY e.back DESC
  ), audited AS (
    INSERT INTO audit (organization_id, id, at, actor_id, session_id, request_id, action, subject_id, detail, on_behalf_of)
    SELECT $1, a.id, to_timestamp(a.at / 1000), a.actor_id, a.session_id, a.request_id, a.action, a.subject_id, a.detail::jsonb,
           a.on_behalf_of
    FROM unnest(${$(8)}::uuid[], ${$(9)}::float8[], ${$(10)}::uuid[], ${$(11)}::uuid[], ${$(12)}::text[], ${$(13)}::text[], ${$(14)}::uuid[],
                ${$(15)}::text[], ${$(17)}::uuid[])
      AS a (id, at, actor_id, session_id, request_id, action, subject_id, detail, on_behalf_of)
    WHERE ${condition}
  )`
}

const RECORD = `WITH ${recordParts(2, 'true')} SELECT pg_current_xact_id()::text AS xid`
