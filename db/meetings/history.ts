import type { Pool } from 'pg'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Visibility, can } from '../../domain/identity/can.ts'
import type { Changes, KeptChange } from '../../domain/meetings/edits/kept-change.ts'
import type { Meeting, Occurrence } from '../../domain/meetings/meeting.ts'
import { occurrenceResource, seriesResource } from '../../domain/meetings/open-meeting.ts'
import { type Instant, MINUTE_MS, plus } from '../../domain/time/instant.ts'
import { firstIdOf } from '../first-id.ts'
import { type OrganizationTx, readOnly } from '../transaction.ts'
import { type SeenMeeting, seeMeeting } from './queries.ts'

/** An entry of a meeting's history, with names as far as the viewer may know them. */
export interface HistoryEntry extends Omit<KeptChange, 'meetingId' | 'actorId' | 'onBehalfOf' | 'sight'> {
  id: string
  at: Instant
  actor: Named
  /** In whose name a delegate acted. */
  onBehalfOf: Named | null
}

export interface Named {
  id: string
  /** null: he is not here any more, or this viewer may not see people. */
  name: string | null
}

/** Writes one entry, with the command it tells of. */
export async function keepChange(tx: OrganizationTx, id: string, at: Instant, kept: KeptChange): Promise<void> {
  const { meetingId, actorId, onBehalfOf, action, scope, recurrenceId, version, changes, sight } = kept
  await tx.query('meeting-change-keep', KEEP, [
    ...[tx.organizationId, meetingId, id, at, actorId, onBehalfOf, action, scope, recurrenceId, version],
    ...[JSON.stringify(changes), sight?.visibility ?? null, sight?.userIds ?? null],
  ])
}

/**
 * What became of a meeting, newest first; the last entry is the booking itself, which nobody wrote down. `hidden`: this viewer may
 * not know of the meeting; `unreadable`: he may, but not read it. Who may read it only because it is open to the organisation
 * is told nothing from before it was; of an occurrence nobody is told what was not for him then, or is not now.
 */
export function meetingHistory(
  pool: Pool,
  actor: Actor,
  meetingId: string,
  { limit, before }: { limit: number; before: string | undefined },
): Promise<HistoryEntry[] | 'hidden' | 'unreadable'> {
  return readOnly(pool, actor.organizationId, async (tx) => {
    const seen = await seeMeeting(tx, actor, meetingId)
    if (seen === undefined) return 'hidden'
    const resource = seriesResource(seen.meeting, seen.participants)
    if (!can(actor, 'read_content', resource)) return 'unreadable'
    const isInvited = can(actor, 'read_content', { ...resource, visibility: 'participants' })
    const { rows } = await tx.query<EntryRow>('meeting-history', HISTORY, [
      ...[tx.organizationId, meetingId, before ?? null, limit, isInvited],
    ])
    const entries = rows.map((row) => entryOf(mayReadChange(actor, seen, row) ? row : { ...row, changes: {} }))
    if (entries.length < limit) entries.push(await bookingOf(tx, seen.meeting))
    return withNames(tx, actor, seen.meeting, entries)
  })
}

interface Row extends Omit<KeptChange, 'meetingId' | 'sight'> {
  id: string
  at: Instant
}

interface EntryRow extends Row {
  visibility: Visibility | null
  userIds: string[] | null
  /** What its occurrence has of its own now. */
  override: Occurrence['override']
  /** There is an occurrence with that id. */
  isThere: boolean
}

function mayReadChange(actor: Actor, seen: SeenMeeting, row: EntryRow): boolean {
  if (row.scope !== 'this') return true
  const series = seriesResource(seen.meeting, seen.participants)
  const { visibility, userIds } = row
  const then = { ...series, visibility: visibility ?? 'participants', participantIds: userIds ?? series.participantIds }
  const now = row.isThere ? [occurrenceResource(seen, row)] : []
  return [then, ...now].every((resource) => can(actor, 'read_content', resource))
}

function entryOf({ id, at, actorId, onBehalfOf, action, scope, recurrenceId, version, changes }: Row): HistoryEntry {
  return {
    id,
    at,
    actor: { id: actorId, name: null },
    onBehalfOf: onBehalfOf === null ? null : { id: onBehalfOf, name: null },
    ...{ action, scope, recurrenceId, version, changes },
  }
}

/** A booking writes no entry: it is the meeting's own row, and the audit knows who made it. */
async function bookingOf(tx: OrganizationTx, { id, organizerId, createdAt }: Meeting): Promise<HistoryEntry> {
  const { rows } = await tx.query<Pick<Row, 'actorId' | 'onBehalfOf'>>('meeting-booked-by', BOOKED_BY, [
    tx.organizationId,
    id,
    createdAt,
    ...[createdAt, plus(createdAt, MINUTE_MS)].map(firstIdOf),
  ])
  const { actorId, onBehalfOf } = rows[0] ?? { actorId: organizerId, onBehalfOf: null }
  const action = 'meeting.book'
  return entryOf({
    ...{ id, at: createdAt, actorId, onBehalfOf, action, scope: 'all', recurrenceId: null, version: 1, changes: {} },
  })
}

/** People by name where the viewer may see people; the organizer is named on the meeting itself. */
async function withNames(
  tx: OrganizationTx,
  actor: Actor,
  { organizerId }: Meeting,
  entries: readonly HistoryEntry[],
): Promise<HistoryEntry[]> {
  const ids = entries.flatMap((entry) => [
    entry.actor.id,
    ...(entry.onBehalfOf === null ? [] : [entry.onBehalfOf.id]),
    ...peopleIn(entry.changes).flatMap(({ userId }) => userId ?? []),
  ])
  const known = [...new Set(ids)].filter((id) => id === organizerId || can(actor, 'read', { kind: 'user', userId: id }))
  const { rows } = await tx.query<{ id: string; name: string }>('names-of-people', NAMES, [tx.organizationId, known])
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  const named = ({ id }: Named): Named => ({ id, name: names.get(id) ?? null })
  return entries.map((entry) => ({
    ...entry,
    actor: named(entry.actor),
    onBehalfOf: entry.onBehalfOf && named(entry.onBehalfOf),
    changes: withNamesIn(entry.changes, names),
  }))
}

interface ChangedPerson {
  userId?: string
  email?: string
  role: string
}

function peopleIn({ participants }: Changes): ChangedPerson[] {
  return [participants?.before ?? [], participants?.after ?? []].flat() as ChangedPerson[]
}

function withNamesIn(changes: Changes, names: ReadonlyMap<string, string>): Changes {
  const { participants } = changes
  if (participants === undefined) return changes
  const named = (list: unknown) =>
    (list as ChangedPerson[]).map((person) =>
      person.userId === undefined ? person : { ...person, name: names.get(person.userId) ?? null },
    )
  return { ...changes, participants: { before: named(participants.before), after: named(participants.after) } }
}

const KEEP = `
  INSERT INTO meeting_change (organization_id, meeting_id, id, at, actor_id, on_behalf_of, action, scope, recurrence_id, version,
                              changes, visibility, user_ids)
  VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000), $5, $6, $7, $8, $9, $10, $11::jsonb, $12, $13::uuid[])`

// For who is not invited ($5), from the last change of who may read it on; of that one nothing else.
const HISTORY = `
  WITH opened AS (
    SELECT id FROM meeting_change
    WHERE NOT $5::boolean AND organization_id = $1 AND meeting_id = $2 AND scope <> 'this' AND changes ? 'visibility'
    ORDER BY id DESC LIMIT 1
  )
  SELECT c.id, c.at, c.actor_id AS "actorId", c.on_behalf_of AS "onBehalfOf", c.action, c.scope,
         c.recurrence_id AS "recurrenceId", c.version, c.visibility, c.user_ids AS "userIds",
         CASE WHEN c.id = opened.id THEN jsonb_build_object('visibility', c.changes->'visibility') ELSE c.changes END AS changes,
         o.override, o.recurrence_id IS NOT NULL AS "isThere"
  FROM meeting_change c
  LEFT JOIN opened ON true
  LEFT JOIN occurrence o
    ON o.organization_id = $1 AND o.meeting_id = $2 AND o.recurrence_id = c.recurrence_id AND c.scope = 'this'
  WHERE c.organization_id = $1 AND c.meeting_id = $2 AND ($3::uuid IS NULL OR c.id < $3)
    AND (opened.id IS NULL OR c.id >= opened.id)
  ORDER BY c.id DESC LIMIT $4`

// Ids are in the order of time: of the record only that minute is read.
const BOOKED_BY = `
  SELECT actor_id AS "actorId", on_behalf_of AS "onBehalfOf" FROM audit
  WHERE organization_id = $1 AND subject_id = $2 AND id >= $4 AND id < $5
    AND at >= to_timestamp($3::float8 / 1000) AND at < to_timestamp($3::float8 / 1000) + interval '1 ms'
  ORDER BY id LIMIT 1`

const NAMES = `
  SELECT id, first_name || ' ' || last_name AS name FROM users WHERE organization_id = $1 AND id = ANY ($2::uuid[])`
