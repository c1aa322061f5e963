import type { MeetingAggregate, PersonFacts } from '../../domain/meetings/ports.ts'
import type { Told } from '../../domain/notifications/announce.ts'
import { isGuest } from '../../domain/notifications/message.ts'
import { type Preferences, preferencesOf } from '../../domain/notifications/preferences.ts'
import { type Instant, MINUTE_MS } from '../../domain/time/instant.ts'
import { type MeetingRow, readAggregate } from '../meetings/meetings-rows.ts'
import { firstIdOf } from '../first-id.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A person as messages need him. */
export interface Reader extends Omit<PersonFacts, 'reminderMinutes'> {
  timezone: string
  preferences: Preferences
}

/**
 * The meeting as it is, held as it is until the end of the transaction: commands on it wait that long. undefined: there is none.
 */
export async function holdMeeting(tx: OrganizationTx, id: string): Promise<MeetingAggregate | undefined> {
  const { rows } = await tx.query<MeetingRow>(
    'meeting-hold',
    'SELECT * FROM meeting WHERE organization_id = $1 AND id = $2 FOR SHARE',
    [tx.organizationId, id],
  )
  return rows[0] && readAggregate(tx, rows[0])
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

export async function roomNames(tx: OrganizationTx, roomIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    'room-names',
    'SELECT name FROM room WHERE organization_id = $1 AND id = ANY ($2::uuid[]) ORDER BY array_position($2::uuid[], id)',
    [tx.organizationId, roomIds],
  )
  return rows.map((row) => row.name)
}

/**
 * What people were told of the meeting, locked. `nothing`: not even that it was made, though that is still in the log.
 * `unknown`: it is older than what is kept of the log.
 */
export async function lockTold(
  tx: OrganizationTx,
  meetingId: string,
): Promise<{ told: Told; announcedAt: Instant } | 'nothing' | 'unknown'> {
  const { rows } = await tx.query<{ told: Told; announced_at: Instant }>(
    'told-lock',
    'SELECT told, announced_at FROM announcement WHERE organization_id = $1 AND meeting_id = $2 FOR UPDATE',
    [tx.organizationId, meetingId],
  )
  if (rows[0] !== undefined) return { told: rows[0].told, announcedAt: rows[0].announced_at }
  const first = await tx.query(
    'told-first',
    `SELECT FROM outbox WHERE organization_id = $1 AND topic = $2 AND seq = 1`,
    [tx.organizationId, `meeting:${meetingId}`],
  )
  return first.rowCount === 0 ? 'unknown' : 'nothing'
}

export async function keepTold(tx: OrganizationTx, meetingId: string, told: Told, now: Instant): Promise<void> {
  await tx.query(
    'told-keep',
    `INSERT INTO announcement (organization_id, meeting_id, told, announced_at)
     VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000))
     ON CONFLICT (organization_id, meeting_id) DO UPDATE SET told = excluded.told, announced_at = excluded.announced_at`,
    [tx.organizationId, meetingId, JSON.stringify(told), now],
  )
}

/** A change is told within seconds; one that waited longer is told to everybody. */
const MAX_ACTOR_AGE_MS = 10 * MINUTE_MS

/** Who alone changed the meeting lately; undefined when it was several, or nobody knows. */
export async function soleActor(
  tx: OrganizationTx,
  meetingId: string,
  { since, now }: { since: Instant; now: Instant },
): Promise<string | undefined> {
  const from = Math.max(since, now - MAX_ACTOR_AGE_MS)
  const { rows } = await tx.query<{ actor_id: string }>(
    'sole-actor',
    // Ids are in the order of time: only the last minutes of the record are read.
    `SELECT DISTINCT actor_id FROM audit
     WHERE organization_id = $1 AND id >= $2 AND at >= to_timestamp($3::float8 / 1000) AND subject_id = $4
       AND action LIKE 'meeting.%' LIMIT 2`,
    [tx.organizationId, firstIdOf(from), from, meetingId],
  )
  return rows.length === 1 ? rows[0]?.actor_id : undefined
}
