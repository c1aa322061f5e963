import type { Actor } from '../domain/identity/actor.ts'
import { type AuditEntry, type NewsEvent, shardOf } from '../domain/news.ts'
import type { Instant } from '../domain/time/instant.ts'
import type { OrganizationTx } from './transaction.ts'

/**
 * Numbers and keeps the news of a command and its audit row. Always the last statement before COMMIT: the topic heads
 * are locked here, in topic order, until the commit, so commit order is sequence order and no number is ever missing.
 */
export async function record(tx: OrganizationTx, entry: RecordEntry): Promise<void> {
  const { rows } = await tx.query<{ xid: string }>('outbox-record', RECORD, [tx.organizationId, ...recordValues(entry)])
  const xid = rows[0]?.xid
  if (xid !== undefined) tx.transactionId = xid
}

export interface RecordEntry {
  actor: Pick<Actor, 'userId' | 'sessionId' | 'requestId'>
  now: Instant
  /** Of the audit row. */
  id: string
  events: readonly NewsEvent[]
  audit: AuditEntry
}

/** The parameters of `recordParts`, in order. */
export function recordValues({ actor, now, id, events, audit }: RecordEntry): unknown[] {
  return [
    now,
    events.map((event) => event.topic),
    events.map((event) => event.type),
    events.map((event) => JSON.stringify(event.data)),
    events.map((event) => shardOf(event.topic)),
    id,
    actor.userId,
    actor.sessionId,
    actor.requestId,
    audit.action,
    audit.subjectId,
    JSON.stringify(audit.detail ?? {}),
  ]
}

/**
 * The parts of a WITH that record, for a statement whose `$1` is the organisation and whose parameters from `$first` on are
 * `recordValues`. Nothing is recorded unless `condition` holds: naming another part in it also makes that part run before
 * the topic heads are locked.
 */
export function recordParts(first: number, condition: string): string {
  const $ = (index: number) => `$${first + index}`
  const at = `to_timestamp(${$(0)}::float8 / 1000)`
  return `
  event AS (
    SELECT * FROM unnest(${$(1)}::text[], ${$(2)}::text[], ${$(3)}::text[], ${$(4)}::smallint[]) AS e (topic, type, data, shard)
    WHERE ${condition}
  ), head AS (
    INSERT INTO topic_head (organization_id, topic, seq)
    SELECT $1, topic, 1 FROM event ORDER BY topic
    ON CONFLICT (organization_id, topic) DO UPDATE SET seq = topic_head.seq + 1
    RETURNING topic, seq
  ), kept AS (
    INSERT INTO outbox (organization_id, topic, seq, type, at, data, shard)
    SELECT $1, topic, head.seq, type, ${at}, data::jsonb, shard
    FROM head JOIN event USING (topic)
  ), audited AS (
    INSERT INTO audit (organization_id, id, at, actor_id, session_id, request_id, action, subject_id, detail)
    SELECT $1, ${$(5)}::uuid, ${at}, ${$(6)}::uuid, ${$(7)}::uuid, ${$(8)}, ${$(9)}, ${$(10)}::uuid, ${$(11)}::jsonb
    WHERE ${condition}
    RETURNING pg_current_xact_id()::text AS xid
  )`
}

const RECORD = `WITH ${recordParts(2, 'true')} SELECT xid FROM audited`
