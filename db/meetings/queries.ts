import type { Pool } from 'pg'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { Meeting, Participant } from '../../domain/meetings/meeting.ts'
import { type MeetingView, type OccurrenceView, meetingView } from '../../domain/meetings/meeting-view.ts'
import { asSeenBy, occurrenceSeenBy, resourceOf } from '../../domain/meetings/open-meeting.ts'
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
import { isInvited, visibilityOf } from './occurrence-sight.ts'

/** A meeting as one viewer may see it; without content where he may only know that the time is taken. */
export interface SeenMeeting {
  participants: Participant[]
  meeting: Meeting
  view: MeetingView
  /** The same with all content, for what is decided about each occurrence. */
  whole: MeetingView
  facts: BookingFacts
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
  return seeMeetings(tx, actor, await readRows(tx, ids), last)
}

/** Occurrences that overlap the window and that this viewer may know of, by start. */
export function listOccurrences(pool: Pool, actor: Actor, filter: OccurrenceFilter): Promise<OccurrenceView[]> {
  return readOnly(pool, actor.organizationId, async (tx) => {
    const { rows } = await tx.query<ListedRow>('occurrences-list', LIST_OCCURRENCES, [
      ...filterValues(tx, actor, filter),
      ...(filter.after ?? [null, null, null]),
    ])
    const seen = await meetingsBehind(tx, actor, rows)
    return rows.flatMap((row) => seeOccurrence(actor, seen.get(row.meeting_id), row))
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
    const { rows } = await tx.query<ListedRow>('occurrences-of-window', OCCURRENCES_OF, [
      ...filterValues(tx, actor, { from, to, status, limit }),
      ...[meetingId, after ?? null],
    ])
    const seen = (await meetingsBehind(tx, actor, rows, [meetingId])).get(meetingId)
    if (seen === undefined || !can(actor, 'read', resourceOf(seen.meeting, seen.participants))) return undefined
    return rows.flatMap((row) => seeOccurrence(actor, seen, row))
  })
}

type ListedRow = OccurrenceRow & { meeting_id: string }

/** The meetings of listed occurrences, with the rooms that those name; what may be seen is decided about each occurrence. */
async function meetingsBehind(
  tx: ReadTx,
  actor: Actor,
  rows: readonly ListedRow[],
  ids: readonly string[] = [...new Set(rows.map((row) => row.meeting_id))],
): Promise<Map<string, SeenMeeting>> {
  const firstRooms = rows.flatMap(({ override }) => override?.roomIds?.slice(0, 1) ?? [])
  const read = await readMeetings(tx, actor, await readRows(tx, ids), tx.last, firstRooms)
  return new Map(read.map((one) => [one.meeting.id, one]))
}

async function readRows(tx: OrganizationTx, ids: readonly string[]): Promise<MeetingRow[]> {
  const { rows } = await tx.query<MeetingRow>(
    'meetings-by-id',
    'SELECT * FROM meeting WHERE organization_id = $1 AND id = ANY ($2::uuid[])',
    [tx.organizationId, ids],
  )
  return rows
}

function seeOccurrence(actor: Actor, seen: SeenMeeting | undefined, row: ListedRow): OccurrenceView[] {
  const occurrence = seen && occurrenceSeenBy(actor, seen, seen.whole, occurrenceOf(row), seen.facts)
  return occurrence === undefined ? [] : [occurrence]
}

/** Each with its people and rooms, as far as the viewer may see them; what he may not know of is left out. */
async function seeMeetings(
  tx: OrganizationTx,
  actor: Actor,
  rows: readonly MeetingRow[],
  last?: ReadTx['last'],
): Promise<SeenMeeting[]> {
  const read = await readMeetings(tx, actor, rows, last)
  return read.filter(({ meeting, participants }) => can(actor, 'read', resourceOf(meeting, participants)))
}

async function readMeetings(
  tx: OrganizationTx,
  actor: Actor,
  rows: readonly MeetingRow[],
  last: ReadTx['last'] = (queue) => queue(),
  roomsBeside: readonly string[] = [],
): Promise<SeenMeeting[]> {
  if (rows.length === 0) return []
  const meetings = rows.map(meetingOf)
  const ids = meetings.map((meeting) => meeting.id)
  const [participants, facts] = await last(() =>
    Promise.all([readParticipants(tx, ids), factsOfAll(tx, meetings, roomsBeside)]),
  )
  return meetings.map((meeting) => {
    const invited = participants.get(meeting.id) ?? []
    const whole = meetingView(meeting, invited, facts)
    return { meeting, participants: invited, view: asSeenBy(actor, meeting, invited, whole), whole, facts }
  })
}

function factsOfAll(
  tx: OrganizationTx,
  meetings: readonly Meeting[],
  roomsBeside: readonly string[],
): Promise<BookingFacts> {
  const rooms = new Set([...meetings.flatMap((meeting) => meeting.roomIds.slice(0, 1)), ...roomsBeside])
  return readFacts(tx, [...rooms], [...new Set(meetings.map((meeting) => meeting.organizerId))], [])
}

/** `$1` to `$11` of the list statements. */
function filterValues(tx: OrganizationTx, actor: Actor, filter: MeetingFilter): unknown[] {
  const may = (verb: 'read' | 'read_content', visibility: Meeting['visibility']) =>
    can(actor, verb, { kind: 'meeting', visibility, organizerId: '', participantIds: [] })
  return [
    tx.organizationId,
    filter.from,
    filter.to,
    filter.limit,
    filter.status,
    filter.participantId ?? null,
    filter.organizerId ?? null,
    filter.roomId ?? null,
    actor.userId,
    may('read', 'participants'),
    may('read', 'organization'),
  ]
}

const attends = (isHere: string) => `(m.organizer_id = $9::uuid OR EXISTS (
  SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id = $9::uuid AND ${isHere}))`

/**
 * May the viewer know of what is in meeting `m`, and read it where the filter asks for content? The same decisions as
 * `can(actor, 'read', …)` and `can(actor, 'read_content', …)`, where paging needs them in SQL. Whom he asks for is no content if it
 * is himself.
 */
const isSeen = (visibility: string, isHere: string, isNamed: string) => `(
  ${attends(isHere)} OR (${visibility} = 'organization' AND $11::boolean) OR (
    ($10::boolean OR (${visibility} = 'busy_only' AND $11::boolean) OR ${isNamed})
    AND ($6::uuid IS NULL OR $6 = $9::uuid) AND $7::uuid IS NULL AND $8::uuid IS NULL))`

const IS_HERE = isInvited('o', 'p')
const IS_OCCURRENCE_SEEN = isSeen(visibilityOf('o'), IS_HERE, 'false')

// Whom only occurrences name knows of it; whom else they name is theirs to say.
const IS_ASKED_FOR = `
  ($6::uuid IS NULL OR m.organizer_id = $6 OR EXISTS (
    SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id = $6
      AND (p.in_series OR $6 = $9::uuid)))
  AND ($7::uuid IS NULL OR m.organizer_id = $7)
  AND ($8::uuid IS NULL OR $8 = ANY (m.room_ids))`

// The same of occurrence `o`: its own people and rooms come before its series'.
const IS_OCCURRENCE_ASKED_FOR = `
  ($6::uuid IS NULL OR m.organizer_id = $6 OR EXISTS (
    SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id = $6 AND ${IS_HERE}))
  AND ($7::uuid IS NULL OR m.organizer_id = $7)
  AND ($8::uuid IS NULL OR CASE WHEN o.override ? 'roomIds' THEN o.override->'roomIds' @> to_jsonb($8::text)
                                ELSE $8 = ANY (m.room_ids) END)`

const OVERLAPS = `
  o.starts_at < to_timestamp($3::float8 / 1000) AND o.ends_at > to_timestamp($2::float8 / 1000)
  AND (o.status = 'cancelled') = ($5 = 'cancelled')`

// Among all the occurrences that there are.
const IS_IN_WINDOW = `${OVERLAPS}
  AND o.starts_at > to_timestamp($2::float8 / 1000) - interval '${LONGEST_BLOCK_MS / 1000} s'`

const LIST_OCCURRENCES = `
  SELECT o.meeting_id, o.recurrence_id, o.starts_at, o.ends_at, o.status, o.override
  FROM occurrence o JOIN meeting m ON m.organization_id = $1 AND m.id = o.meeting_id
  WHERE o.organization_id = $1 AND ${IS_IN_WINDOW} AND ${IS_OCCURRENCE_ASKED_FOR}
    AND ${IS_OCCURRENCE_SEEN}
    AND ($12::float8 IS NULL OR (o.starts_at, o.meeting_id, o.recurrence_id) > (to_timestamp($12 / 1000), $13::uuid, $14::text))
  ORDER BY o.starts_at, o.meeting_id, o.recurrence_id
  LIMIT $4`

const OCCURRENCES_OF = `
  SELECT o.meeting_id, o.recurrence_id, o.starts_at, o.ends_at, o.status, o.override
  FROM occurrence o JOIN meeting m ON m.organization_id = $1 AND m.id = o.meeting_id
  WHERE o.organization_id = $1 AND o.meeting_id = $12 AND ${OVERLAPS} AND ${IS_OCCURRENCE_SEEN}
    AND ($13::text IS NULL OR o.recurrence_id > $13)
  ORDER BY o.recurrence_id
  LIMIT $4`

const LIST_MEETINGS = `
  SELECT m.* FROM meeting m
  WHERE m.organization_id = $1
    AND EXISTS (
      SELECT FROM occurrence o
      LEFT JOIN participant p ON p.organization_id = $1 AND p.meeting_id = o.meeting_id AND p.user_id = $9::uuid
      WHERE o.organization_id = $1 AND o.meeting_id = m.id AND ${IS_IN_WINDOW}
        AND (o.override->>'visibility' IS DISTINCT FROM 'participants' OR $10::boolean OR m.organizer_id = $9::uuid OR ${IS_HERE}))
    AND ${IS_ASKED_FOR} AND ${isSeen('m.visibility', 'p.in_series', attends('true'))}
    AND ($12::float8 IS NULL OR (m.starts_at, m.id) > (to_timestamp($12 / 1000), $13::uuid))
  ORDER BY m.starts_at, m.id
  LIMIT $4`
