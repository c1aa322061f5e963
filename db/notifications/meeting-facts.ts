import type { MeetingAggregate, PersonFacts } from '../../domain/meetings/ports.ts'
import type { Told } from '../../domain/notifications/announce.ts'
import { isGuest } from '../../domain/notifications/message.ts'
import { type Preferences, preferencesOf } from '../../domain/notifications/preferences.ts'
import { type Instant, MINUTE_MS } from '../../domain/time/instant.ts'
import { type MeetingRow, meetingOf, readOccurrences, readParticipants } from '../meetings/meetings-rows.ts'
import { firstIdOf } from '../first-id.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A person as messages need him. */
export interface Reader extends Omit<PersonFacts, 'reminderMinutes'> {
  timezone: string
  preferences: Preferences
}

/**
 * Meetings as they are, held as they are until the end of the transaction: commands on them wait that long. What is not there
 * is missing. `occurrencesOf`: whose occurrences are read, for who needs no others; all when absent.
 */
export async function holdMeetings(
  tx: OrganizationTx,
  ids: readonly string[],
  occurrencesOf = ids,
): Promise<Map<string, MeetingAggregate>> {
  const [{ rows }, participants, occurrences] = await Promise.all([
    tx.query<MeetingRow>(
      'meetings-hold',
      'SELECT * FROM meeting WHERE organization_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR SHARE',
      [tx.organizationId, ids],
    ),
    readParticipants(tx, ids),
    readOccurrences(tx, occurrencesOf),
  ])
  const aggregateOf = (row: MeetingRow): MeetingAggregate => {
    return {
      meeting: meetingOf(row),
      participants: participants.get(row.id) ?? [],
      occurrences: occurrences.get(row.id) ?? [],
    }
  }
  return new Map(rows.map((row) => [row.id, aggregateOf(row)]))
}

/** By id; guests and whom this organisation does not have are missing. */
export async function readReaders(tx: OrganizationTx, recipients: readonly string[]): Promise<Map<string, Reader>> {
  const ids = recipients.filter((recipient) => !isGuest(recipient))
  const { rows } = await tx.query<Omit<Reader, 'preferences'> & { preferences: object }>(
    'readers',
    `SELECT id, email, first_name AS "firstName", last_name AS "lastName", timezone, preferences
     FROM users WHERE organization_id = $1 AND id = ANY ($2::uuid[])`,
    [tx.organizationId, ids],
  )
  return new Map(rows.map((row) => [row.id, { ...row, preferences: preferencesOf(row.preferences) }]))
}

/** By id. */
export async function roomNames(tx: OrganizationTx, roomIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    'room-names',
    'SELECT id, name FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[])',
    [tx.organizationId, roomIds],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export interface LastTold {
  told: Told
  announcedAt: Instant
}

/**
 * What people were told of these meetings, locked. `nothing`: not even that it was made, though that is still in the log.
 * `unknown`: it is older than what is kept of the log.
 */
export async function lockTold(
  tx: OrganizationTx,
  meetingIds: readonly string[],
): Promise<Map<string, LastTold | 'nothing' | 'unknown'>> {
  const { rows } = await tx.query<{ meeting_id: string; told: Told; announced_at: Instant }>(
    'told-lock',
    `SELECT meeting_id, told, announced_at FROM announcement
     WHERE organization_id = $1 AND meeting_id = ANY ($2::uuid[]) ORDER BY meeting_id FOR UPDATE`,
    [tx.organizationId, meetingIds],
  )
  const last = new Map<string, LastTold | 'nothing' | 'unknown'>(
    rows.map(({ meeting_id, told, announced_at }) => [meeting_id, { told, announcedAt: announced_at }]),
  )
  const others = meetingIds.filter((id) => !last.has(id))
  if (others.length === 0) return last
  const first = await tx.query<{ topic: string }>(
    'told-first',
    'SELECT topic FROM outbox WHERE organization_id = $1 AND topic = ANY ($2::text[]) AND seq = 1',
    [tx.organizationId, others.map((id) => `meeting:${id}`)],
  )
  const logged = new Set(first.rows.map(({ topic }) => topic))
  for (const id of others) last.set(id, logged.has(`meeting:${id}`) ? 'nothing' : 'unknown')
  return last
}

export async function keepTold(tx: OrganizationTx, toldOf: ReadonlyMap<string, Told>, now: Instant): Promise<void> {
  await tx.query(
    'told-keep',
    `INSERT INTO announcement (organization_id, meeting_id, told, announced_at)
     SELECT $1, t.meeting_id, t.told::jsonb, to_timestamp($4::float8 / 1000)
     FROM unnest($2::uuid[], $3::text[]) AS t (meeting_id, told) ORDER BY t.meeting_id
     ON CONFLICT (organization_id, meeting_id) DO UPDATE SET told = excluded.told, announced_at = excluded.announced_at`,
    [tx.organizationId, [...toldOf.keys()], [...toldOf.values()].map((told) => JSON.stringify(told)), now],
  )
}

/** Why these meetings were cancelled as a whole the last time, of those of which it was said. */
export async function cancelReasons(tx: OrganizationTx, meetingIds: readonly string[]): Promise<Map<string, string>> {
  if (meetingIds.length === 0) return new Map()
  const { rows } = await tx.query<{ meeting_id: string; reason: string | null }>(
    'cancel-reasons',
    `SELECT DISTINCT ON (meeting_id) meeting_id, changes->'reason'->>'after' AS reason FROM meeting_change
     WHERE organization_id = $1 AND meeting_id = ANY ($2::uuid[]) AND action = 'meeting.cancel' AND scope = 'all'
     ORDER BY meeting_id, id DESC`,
    [tx.organizationId, meetingIds],
  )
  return new Map(rows.flatMap(({ meeting_id, reason }) => (reason === null ? [] : [[meeting_id, reason]])))
}

/** A change is told within seconds; one that waited longer is told to everybody. */
const MAX_ACTOR_AGE_MS = 10 * MINUTE_MS

/** Who alone changed each meeting since it was told last; those that several changed lately, or nobody knows who, are missing. */
export async function soleActors(
  tx: OrganizationTx,
  sinceOf: ReadonlyMap<string, Instant>,
  now: Instant,
): Promise<Map<string, string>> {
  const from = [...sinceOf.values()].map((since) => Math.max(since, now - MAX_ACTOR_AGE_MS))
  const { rows } = await tx.query<{ meeting_id: string; actor_id: string }>(
    'sole-actors',
    // Ids are in the order of time: only the last minutes of the record are read, once for all.
    `WITH lately AS MATERIALIZED (
       SELECT subject_id, actor_id, at FROM audit
       WHERE organization_id = $1 AND id >= $4 AND at >= to_timestamp($5::float8 / 1000) AND subject_id = ANY ($2::uuid[])
         AND action LIKE 'meeting.%'
     )
     SELECT subject_id AS meeting_id, min(actor_id::text) AS actor_id
     FROM lately JOIN unnest($2::uuid[], $3::float8[]) AS m (id, since) ON id = subject_id AND at >= to_timestamp(since / 1000)
     GROUP BY subject_id HAVING count(DISTINCT actor_id) = 1`,
    [tx.organizationId, [...sinceOf.keys()], from, firstIdOf(Math.min(...from)), Math.min(...from)],
  )
  return new Map(rows.map((row) => [row.meeting_id, row.actor_id]))
}
