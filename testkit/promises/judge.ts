import pg from 'pg'
import type { TestNetwork } from '../network.ts'

/**
 * Looks at the rows themselves, as the owner of the store and with statements of its own: nothing the product says about
 * itself is believed.
 */
export interface Judge extends AsyncDisposable {
  query: <R extends object>(text: string, values?: unknown[]) => Promise<R[]>
  /** One sentence for each row that breaks a promise; empty when all hold. */
  faults: () => Promise<string[]>
  /** Rows in every table that a booking writes to. */
  rowCounts: () => Promise<Record<string, number>>
  /** The last seq of a topic; 0 when nothing ever happened there. */
  head: (topic: string) => Promise<number>
  /** Makes work that waits for its time due at once, as if the time had passed. */
  hasten: (kind: string, subjects: readonly string[]) => Promise<void>
}

export function openJudge({ database }: Pick<TestNetwork, 'database'>): Judge {
  const pool = new pg.Pool({ connectionString: database.url, max: 2, options: '-c timezone=UTC' })
  pool.on('error', () => {})
  const query = async <R extends object>(text: string, values: unknown[] = []) =>
    (await pool.query<R & pg.QueryResultRow>(text, values)).rows as R[]
  return {
    query,
    async faults() {
      const found = await Promise.all(
        Object.entries(FAULTS).map(async ([promise, sql]) => {
          const rows = await query<{ fault: string }>(sql)
          return rows.map(({ fault }) => `${promise}: ${fault}`)
        }),
      )
      return found.flat()
    },
    async rowCounts() {
      const counts = TABLES.map((table) => `(SELECT count(*)::integer FROM ${table}) AS ${table}`)
      const [row] = await query<Record<string, number>>(`SELECT ${counts.join(', ')}`)
      return row as Record<string, number>
    },
    async head(topic) {
      const [row] = await query<{ seq: string }>('SELECT seq FROM topic_head WHERE topic = $1', [topic])
      return Number(row?.seq ?? 0)
    },
    async hasten(kind, subjects) {
      await query('UPDATE due SET due_at = now() WHERE kind = $1 AND subject = ANY ($2) AND due_at > now()', [
        kind,
        subjects,
      ])
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

const TABLES = [
  'meeting',
  'participant',
  'occurrence',
  'allocation',
  'outbox',
  'topic_head',
  'audit',
  'idempotency_key',
]

// What takes a room, told by the meetings and not by the allocations that the constraint watches.
const TAKEN = `
  SELECT o.organization_id, o.meeting_id, o.recurrence_id, r.room_id, o.starts_at, o.ends_at
  FROM occurrence o JOIN meeting m ON m.organization_id = o.organization_id AND m.id = o.meeting_id
  CROSS JOIN LATERAL (
    SELECT jsonb_array_elements_text(coalesce(o.override->'roomIds', to_jsonb(m.room_ids)))::uuid
  ) AS r (room_id)
  WHERE o.status IN ('tentative', 'pending', 'confirmed')`

const FAULTS = {
  'two meetings share a room': `
    WITH taken AS (${TAKEN})
    SELECT format('%s %s and %s %s', a.meeting_id, a.recurrence_id, b.meeting_id, b.recurrence_id) AS fault
    FROM taken a JOIN taken b ON a.organization_id = b.organization_id AND a.room_id = b.room_id
      AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
      AND (a.meeting_id, a.recurrence_id) < (b.meeting_id, b.recurrence_id)
    LIMIT 20`,
  'two claims overlap': `
    SELECT format('%s and %s', a.id, b.id) AS fault
    FROM allocation a JOIN allocation b ON a.organization_id = b.organization_id AND a.resource_id = b.resource_id
      AND a.blocked_from < b.blocked_until AND b.blocked_from < a.blocked_until AND a.id < b.id
    WHERE a.resource_kind = 'room' AND b.resource_kind = 'room'
    LIMIT 20`,
  'a live occurrence lacks a room': `
    WITH taken AS (${TAKEN})
    SELECT format('%s %s lacks %s', t.meeting_id, t.recurrence_id, t.room_id) AS fault
    FROM taken t LEFT JOIN allocation a ON a.organization_id = t.organization_id AND a.meeting_id = t.meeting_id
      AND a.recurrence_id = t.recurrence_id AND a.resource_id = t.room_id AND a.exclusive
      AND a.starts_at = t.starts_at AND a.ends_at = t.ends_at
    WHERE a.id IS NULL LIMIT 20`,
  'a claim belongs to nothing': `
    WITH taken AS (${TAKEN})
    SELECT format('%s of %s %s', a.resource_id, a.meeting_id, a.recurrence_id) AS fault
    FROM allocation a LEFT JOIN taken t ON a.organization_id = t.organization_id AND a.meeting_id = t.meeting_id
      AND a.recurrence_id = t.recurrence_id AND a.resource_id = t.room_id
    WHERE a.resource_kind = 'room' AND t.room_id IS NULL AND a.hold_id IS NULL LIMIT 20`,
  'a live meeting has nothing live': `
    SELECT m.id::text AS fault FROM meeting m
    WHERE m.status <> 'cancelled' AND NOT EXISTS (
      SELECT FROM occurrence o WHERE o.organization_id = m.organization_id AND o.meeting_id = m.id
        -- Each cancelled by itself, a series may have nothing left to come.
        AND (o.status <> 'cancelled' OR o.override ? 'cancelled'))
    LIMIT 20`,
  'a sequence has a gap or a double': `
    SELECT format('%s: head %s, %s events, %s numbers, last %s', topic, h.seq, o.events, o.numbers, o.last) AS fault
    FROM topic_head h FULL JOIN (
      SELECT organization_id, topic, count(*) AS events, count(DISTINCT seq) AS numbers, max(seq) AS last
      FROM outbox GROUP BY organization_id, topic
    ) o USING (organization_id, topic)
    WHERE (h.seq, h.seq, h.seq) IS DISTINCT FROM (o.events, o.numbers, o.last) LIMIT 20`,
  // Every change of a meeting moves its version by one; what is typed into its document does not.
  'changes and events of a meeting differ': `
    SELECT format('%s: version %s, %s writings, %s events', m.id, m.version, writings, coalesce(h.seq, 0)) AS fault
    FROM meeting m LEFT JOIN topic_head h ON h.organization_id = m.organization_id AND h.topic = 'meeting:' || m.id
    CROSS JOIN LATERAL (
      SELECT count(*) FROM audit a
      WHERE a.organization_id = m.organization_id AND a.subject_id = m.id AND a.action = 'meeting.write'
    ) AS written (writings)
    WHERE h.seq IS DISTINCT FROM m.version + writings LIMIT 20`,
  'changes and records of a meeting differ': `
    SELECT format('%s: version %s, %s audit rows', m.id, m.version, count(a.id)) AS fault
    FROM meeting m LEFT JOIN audit a ON a.organization_id = m.organization_id AND (
      (a.subject_id = m.id AND a.action IN ('meeting.book', 'meeting.change', 'meeting.cancel', 'meeting.restore', 'participant.respond', 'series.extend', 'series.resolve', 'room.walk_up'))
      OR (a.action IN ('room.release', 'room.extend') AND a.detail->>'meetingId' = m.id::text))
    GROUP BY m.organization_id, m.id HAVING m.version <> count(a.id) LIMIT 20`,
  'a release lacks reason or actor, or took the room from somebody': `
    SELECT format('%s %s', u.meeting_id, u.room_id) AS fault FROM room_use u
    WHERE u.released_at IS NOT NULL AND (
      u.released_by IS NULL OR u.release_reason IS NULL OR u.checked_in_at <= u.released_at
      OR NOT EXISTS (SELECT FROM audit a WHERE a.organization_id = u.organization_id AND a.action = 'room.release'
           AND a.actor_id = u.released_by AND a.subject_id = u.room_id AND a.detail->>'meetingId' = u.meeting_id::text
           AND a.detail->>'reason' = u.release_reason)
      OR EXISTS (SELECT FROM allocation a WHERE a.organization_id = u.organization_id AND a.id = u.allocation_id))
    LIMIT 20`,
}
