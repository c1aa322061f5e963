import type { Pool } from 'pg'
import { type BookMeeting, bookMeeting } from '../../domain/meetings/book-meeting.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Claim, Meeting } from '../../domain/meetings/meeting.ts'
import type { Entry, MeetingAggregate, MeetingsDeps, MeetingsTx } from '../../domain/meetings/ports.ts'
import { shardOf } from '../../domain/news.ts'
import { MACHINE } from './ours.ts'

/** A booking of one room by one person, decided and turned into parameters: only the writing is left. */
export type Prepared = unknown[]

/**
 * The peer: the very rows that the command writes for a single meeting in one room, by one statement written by hand for
 * exactly that. Same role, same wall, same constraints, same numbering of news, all in one packet; everything else
 * was done before.
 */
export async function writeIdenticalRows(pool: Pool, prepared: Prepared): Promise<void> {
  const client = await pool.connect()
  try {
    const { stream } = client.connection
    stream.cork()
    process.nextTick(() => stream.uncork())
    const [, , committed] = await Promise.all([
      client.query(`BEGIN; SET LOCAL app.organization = '${String(prepared[0])}'`),
      client.query({ name: 'identical-rows', text: IDENTICAL_ROWS, values: prepared }),
      client.query('COMMIT'),
    ])
    if (committed.command !== 'COMMIT') throw new Error('the rows were not committed')
  } finally {
    client.release()
  }
}

/** Lets the real command decide over facts from memory, and keeps what it would write. */
export async function prepare(actor: Actor, cmd: BookMeeting): Promise<Prepared> {
  let written: { aggregate: MeetingAggregate; claims: readonly Claim[]; entry: Entry } | undefined
  const deps: MeetingsDeps = {
    ...MACHINE,
    transact: (_actor, _now, work) =>
      work({
        facts: async (roomIds, userIds) => ({
          rooms: new Map(roomIds.map((id) => [id, { ...ROOM, id }])),
          people: new Map(
            userIds.map((id) => [
              id,
              { id, email: `${id}@example.org`, firstName: 'Ada', lastName: 'Load', reminderMinutes: null },
            ]),
          ),
        }),
        book: async (aggregate, claims, entry) => {
          written = { aggregate, claims, entry }
          return true
        },
      } satisfies Partial<MeetingsTx> as unknown as MeetingsTx),
  }
  const result = await bookMeeting(deps, actor, cmd)
  if (!result.ok || written === undefined) throw new Error('the decision was a refusal')
  const { aggregate, claims, entry } = written
  const events = entry.events.toSorted((a, b) => (a.topic < b.topic ? -1 : 1))
  return [
    ...meetingValues(actor.organizationId, aggregate.meeting),
    ...claims
      .toSorted((a, b) => (a.resourceId < b.resourceId ? -1 : 1))
      .flatMap((c) => [c.id, c.resourceId, c.resourceKind, c.exclusive]),
    ...events.flatMap((event) => [event.topic, event.type, JSON.stringify(event.data), shardOf(event.topic)]),
    MACHINE.newId(),
    actor.sessionId,
    actor.requestId,
    entry.audit.action,
    JSON.stringify(entry.audit.detail),
  ]
}

const ROOM = { name: 'Room', capacity: 600, floorId: null, equipment: [], bookingRules: {}, isActive: true }

function meetingValues(organizationId: string, m: Meeting): unknown[] {
  const times = [m.start, m.end, m.createdAt].map((at) => new Date(at).toISOString())
  const texts = [m.title, m.description, m.status, m.visibility, m.timezone, m.localStart]
  return [organizationId, m.id, m.organizerId, ...texts, ...times, m.tzVersion, m.roomIds, JSON.stringify(m.metadata)]
}

// $1-$15 the meeting, $16-$23 two claims, $24-$35 three events, $36-$40 the audit row.
const IDENTICAL_ROWS = `
  WITH written AS (
    INSERT INTO meeting (organization_id, id, organizer_id, title, description, status, visibility, timezone, local_start,
      starts_at, ends_at, exdates, rdates, materialised_until, tz_version, room_ids, metadata, version, text_revision,
      created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '{}', '{}', 'infinity', $13, $14, $15, 1, 1, $12, $12)
  ), occurs AS (
    INSERT INTO occurrence (organization_id, meeting_id, recurrence_id, starts_at, ends_at, status)
    VALUES ($1, $2, $9, $10, $11, $6)
  ), claimed AS (
    INSERT INTO allocation (organization_id, meeting_id, recurrence_id, starts_at, ends_at, blocked_from, blocked_until,
      id, resource_id, resource_kind, exclusive)
    VALUES ($1, $2, $9, $10, $11, $10, $11, $16, $17, $18, $19), ($1, $2, $9, $10, $11, $10, $11, $20, $21, $22, $23)
  ), head AS (
    INSERT INTO topic_head (organization_id, topic, seq) VALUES ($1, $24, 1), ($1, $28, 1), ($1, $32, 1)
    ON CONFLICT (organization_id, topic) DO UPDATE SET seq = topic_head.seq + 1
    RETURNING topic, seq
  ), audited AS (
    INSERT INTO audit (organization_id, id, at, actor_id, session_id, request_id, action, subject_id, detail)
    VALUES ($1, $36, $12, $3, $37, $38, $39, $2, $40)
  )
  INSERT INTO outbox (organization_id, topic, seq, type, at, data, shard)
  SELECT $1, topic, head.seq, type, $12, data, shard
  FROM head JOIN (
    VALUES ($24, $25, $26::jsonb, $27::smallint), ($28, $29, $30::jsonb, $31::smallint), ($32, $33, $34::jsonb, $35::smallint)
  ) AS event (topic, type, data, shard) USING (topic)`
