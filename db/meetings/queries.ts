import type { Pool } from 'pg'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { Meeting, Participant } from '../../domain/meetings/meeting.ts'
import {
  type MeetingView,
  type OccurrenceView,
  meetingView,
  occurrenceView,
} from '../../domain/meetings/meeting-view.ts'
import { asSeenBy, resourceOf } from '../../domain/meetings/open-meeting.ts'
import type { BookingFacts } from '../../domain/meetings/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { type OrganizationTx, type ReadTx, readOnly } from '../transaction.ts'
import {
  type MeetingRow,
  type OccurrenceRow,
  meetingOf,
  occurrenceOf,
  readFacts,
  readParticipants,
} from './meetings-rows.ts'
import { LONGEST_BLOCK_MS } from './meetings-sql.ts'

/** A meeting as one viewer may see it; without content where he may only know that the time is taken. */
export interface SeenMeeting {
  participants: Participant[]
  meeting: Meeting
  view: MeetingView
}

/** Which meetings. Who, by whom and where are content: these find only what the viewer may read. */
interface MeetingFilter {
  from: Instant
  to: Instant
  status: 'live' | 'cancelled'
  participantId?: string | undefined
  organizerId?: string | undefined
  roomId?: string | undefined
  limit: number
}

export interface OccurrenceFilter extends MeetingFilter {
  /** Sort key of the last item of the page before. */
  after?: readonly [startsAt: number, meetingId: string, recurrenceId: string] | undefined
}

/** undefined: there is none, or this viewer may not know of it. */
export function meetingById(pool: Pool, actor: Actor, id: string): Promise<SeenMeeting | undefined> {
  return readOnly(pool, actor.organizationId, (tx) => seeMeeting(tx, actor, id, tx.last))
}

/** `last` of a read that asks nothing else. */
export async function seeMeeting(
  tx: OrganizationTx,
  actor: Actor,
  id: string,
  last?: ReadTx['last'],
): Promise<SeenMeeting | undefined> {
  const { rows } = await tx.query<MeetingRow>(
    'meeting-by-id',
    'SELECT * FROM meeting WHERE organization_id = $1 AND id = $2',
    [tx.organizationId, id],
  )
  const [seen] = await seeMeetings(tx, actor, rows, last)
  return seen
}

/** In no order; what this viewer may not know of is left out. */
export async function seeMeetingsById(
  tx: OrganizationTx,
  actor: Actor,
  ids: readonly string[],
  last?: ReadTx['last'],
): Promise<SeenMeeting[]> {
  const { rows } = await tx.query<MeetingRow>(
    'meetings-by-id',
    'SELECT * FROM meeting WHERE organization_id = $1 AND id = ANY ($2::uuid[])',
    [tx.organizationId, ids],
  )
  return seeMeetings(tx, actor, rows, last)
}

/** Occurrences that overlap the window and that this viewer may know of, by start. */
export function listOccurrences(pool: Pool, actor: Actor, filter: OccurrenceFilter): Promise<OccurrenceView[]> {
  return readOnly(pool, actor.organizationId, async (tx) => {
    const { rows } = await tx.query<OccurrenceRow & { meeting_id: string }>('occurrences-list', LIST_OCCURRENCES, [
      ...filterValues(tx, actor, filter),
      ...(filter.after ?? [null, null, null]),
    ])
    const ids = [...new Set(rows.map((row) => row.meeting_id))]
    const seen = new Map((await seeMeetingsById(tx, actor, ids, tx.last)).map(({ view }) => [view.id, view]))
    return rows.flatMap((row) => {
      const view = seen.get(row.meeting_id)
      return view === undefined ? [] : [occurrenceView(view, occurrenceOf(row))]
    })
  })
}

export interface SeriesFilter extends MeetingFilter {
  after?: readonly [startsAt: number, id: string] | undefined
}

/** Meetings as such, recurring or not, that have an occurrence of that status in the window; by first start. */
export function listMeetings(pool: Pool, actor: Actor, filter: SeriesFilter): Promise<MeetingView[]> {
  return readOnly(pool, actor.organizationId, async (tx) => {
    const { rows } = await tx.query<MeetingRow>('meetings-list', LIST_MEETINGS, [
      ...filterValues(tx, actor, filter),
      ...(filter.after ?? [null, null]),
    ])
    return (await seeMeetings(tx, actor, rows, tx.last)).map(({ view }) => view)
  })
}

/** The occurrences of one meeting in a window, cancelled ones only when asked for; undefined when it may not be known. */
export function occurrencesOf(
  pool: Pool,
  actor: Actor,
  meetingId: string,
  {
    from,
    to,
    status,
    limit,
    after,
  }: Pick<OccurrenceFilter, 'from' | 'to' | 'status' | 'limit'> & { after?: string | undefined },
): Promise<OccurrenceView[] | undefined> {
  return readOnly(pool, actor.organizationId, async (tx) => {
    const seen = await seeMeeting(tx, actor, meetingId)
    if (seen === undefined) return undefined
    const { rows } = await tx.query<OccurrenceRow>(
      'occurrences-of-window',
      `SELECT meeting_id, recurrence_id, starts_at, ends_at, status FROM occurrence
       WHERE organization_id = $1 AND meeting_id = $2 AND (status = 'cancelled') = ($5 = 'cancelled')
         AND starts_at < to_timestamp($4::float8 / 1000) AND ends_at > to_timestamp($3::float8 / 1000)
         AND ($6::text IS NULL OR recurrence_id > $6)
       ORDER BY recurrence_id LIMIT $7`,
      [tx.organizationId, meetingId, from, to, status, after ?? null, limit],
    )
    return rows.map((row) => occurrenceView(seen.view, occurrenceOf(row)))
  })
}

/** Each with its people and rooms, as far as the viewer may see them; what he may not know of is left out. */
async function seeMeetings(
  tx: OrganizationTx,
  actor: Actor,
  rows: readonly MeetingRow[],
  last: ReadTx['last'] = (queue) => queue(),
): Promise<SeenMeeting[]> {
  if (rows.length === 0) return []
  const meetings = rows.map(meetingOf)
  const ids = meetings.map((meeting) => meeting.id)
  const [participants, facts] = await last(() => Promise.all([readParticipants(tx, ids), factsOfAll(tx, meetings)]))
  return meetings.flatMap((meeting) => {
    const invited = participants.get(meeting.id) ?? []
    const resource = resourceOf(meeting, invited)
    if (!can(actor, 'read', resource)) return []
    const view = asSeenBy(actor, meeting, invited, meetingView(meeting, invited, facts))
    return [{ meeting, participants: invited, view }]
  })
}

function factsOfAll(tx: OrganizationTx, meetings: readonly Meeting[]): Promise<BookingFacts> {
  const rooms = new Set(meetings.flatMap((meeting) => meeting.roomIds.slice(0, 1)))
  return readFacts(tx, [...rooms], [...new Set(meetings.map((meeting) => meeting.organizerId))], [])
}

/** `$1` to `$12` of the list statements. */
function filterValues(tx: OrganizationTx, actor: Actor, filter: MeetingFilter): unknown[] {
  const may = (verb: 'read' | 'read_content', visibility: Meeting['visibility']) =>
    can(actor, verb, { kind: 'meeting', visibility, organizerId: '', participantIds: [] })
  return [
    tx.organizationId,
    filter.from,
    filter.to,
    LONGEST_BLOCK_MS / 1000,
    filter.status,
    filter.participantId ?? null,
    filter.organizerId ?? null,
    filter.roomId ?? null,
    actor.userId,
    may('read', 'participants'),
    may('read', 'organization'),
    filter.limit,
  ]
}

const ATTENDS = `(m.organizer_id = $9::uuid OR EXISTS (
  SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id = $9::uuid))`

/**
 * May the viewer know of meeting `m`, and read it where the filter asks for content? The same decisions as `can(actor, 'read', …)`
 * and `can(actor, 'read_content', …)`, where paging needs them in SQL.
 */
const IS_SEEN = `(${ATTENDS} OR (m.visibility = 'organization' AND $11::boolean) OR (
  ($10::boolean OR (m.visibility = 'busy_only' AND $11::boolean))
  AND $6::uuid IS NULL AND $7::uuid IS NULL AND $8::uuid IS NULL))`

const IS_ASKED_FOR = `
  ($6::uuid IS NULL OR m.organizer_id = $6 OR EXISTS (
    SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id = $6))
  AND ($7::uuid IS NULL OR m.organizer_id = $7)
  AND ($8::uuid IS NULL OR $8 = ANY (m.room_ids))`

const IS_IN_WINDOW = `
  o.starts_at < to_timestamp($3::float8 / 1000) AND o.ends_at > to_timestamp($2::float8 / 1000)
  AND o.starts_at > to_timestamp($2::float8 / 1000) - make_interval(secs => $4)
  AND (o.status = 'cancelled') = ($5 = 'cancelled')`

const LIST_OCCURRENCES = `
  SELECT o.meeting_id, o.recurrence_id, o.starts_at, o.ends_at, o.status
  FROM occurrence o JOIN meeting m ON m.organization_id = $1 AND m.id = o.meeting_id
  WHERE o.organization_id = $1 AND ${IS_IN_WINDOW} AND ${IS_ASKED_FOR} AND ${IS_SEEN}
    AND ($13::float8 IS NULL OR (o.starts_at, o.meeting_id, o.recurrence_id) > (to_timestamp($13 / 1000), $14::uuid, $15::text))
  ORDER BY o.starts_at, o.meeting_id, o.recurrence_id
  LIMIT $12`

const LIST_MEETINGS = `
  SELECT m.* FROM meeting m
  WHERE m.organization_id = $1
    AND EXISTS (SELECT FROM occurrence o WHERE o.organization_id = $1 AND o.meeting_id = m.id AND ${IS_IN_WINDOW})
    AND ${IS_ASKED_FOR} AND ${IS_SEEN}
    AND ($13::float8 IS NULL OR (m.starts_at, m.id) > (to_timestamp($13 / 1000), $14::uuid))
  ORDER BY m.starts_at, m.id
  LIMIT $12`
