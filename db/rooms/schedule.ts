import { type HoldSpan, holdSpan } from '../../domain/holds/hold-news.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Visibility, can } from '../../domain/identity/can.ts'
import { roomView } from '../../domain/rooms/room.ts'
import { BLIND, readsContent, roomStateView } from '../../domain/rooms/room-state.ts'
import type { OccurrenceStatus } from '../../domain/meetings/meeting.ts'
import type { RoomSpan } from '../../domain/meetings/meeting-news.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { type Instant, HOUR_MS, plus } from '../../domain/time/instant.ts'
import { LONGEST_BLOCK_MS } from '../meetings/meetings-sql.ts'
import { isInvited, visibilityOf } from '../meetings/occurrence-sight.ts'
import type { OrganizationTx } from '../transaction.ts'
import { lookAtRooms } from './room-look.ts'

/** A span of a room's day as one viewer may see it. */
export interface ScheduleItem {
  allocationId: string
  /** Of a booking that the viewer may know of. */
  meetingId?: string
  recurrenceId?: string
  start: string
  end: string
  kind: 'booking' | 'hold'
  status: OccurrenceStatus | 'held'
  title?: string
  /** Of a hold: its id, and when it is over unless it is renewed. */
  holdId?: string
  expiresAt?: string
}

interface ScheduleWindow {
  /** Holds that are over by then are not shown. */
  now: Instant
  from: Instant
  to: Instant
  limit: number
  /** Start and id of the last item of the page before. */
  after?: readonly [startsAt: number, allocationId: string] | undefined
}

/** What a topic `room:<id>` shows ahead. */
const STATE_WINDOW_MS = 48 * HOUR_MS
const MAX_STATE_ITEMS = 1_000

/** What takes the room in the window, by start; of a booking whose meeting only where the viewer may know of it, a title only where he may read it. */
export async function roomSchedule(
  tx: OrganizationTx,
  actor: Actor,
  roomId: string,
  window: ScheduleWindow,
): Promise<ScheduleItem[]> {
  return (await readSchedule(tx, actor.userId, roomId, window)).map((row) => scheduleItem(actor, roomId, row))
}

/** The state of topic `room:<id>`: the room, what it is doing, and 48 h of its allocations; ids, times, kind and status only. */
export async function roomState(
  tx: OrganizationTx,
  actor: Actor,
  roomId: string,
  now: Instant,
  need: 'state' | 'access',
): Promise<object | undefined> {
  if (!can(actor, 'watch', { kind: 'room', roomId })) return undefined
  if (need === 'access') return roomExists(tx, roomId)
  const [[look], rows] = await Promise.all([
    lookAtRooms(tx, actor.userId, { roomIds: [roomId] }, now),
    readSchedule(tx, actor.userId, roomId, {
      ...{ now, from: now, to: plus(now, STATE_WINDOW_MS), limit: MAX_STATE_ITEMS },
    }),
  ])
  if (look === undefined) return undefined
  return { room: roomView(look.room), state: roomStateView(look, now, BLIND), allocations: rows.map(spanOf) }
}

/** When a node dies, thousands of sockets resume elsewhere at once: they are asked no more than this. */
export async function roomExists(tx: OrganizationTx, roomId: string): Promise<object | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    'room-exists',
    'SELECT id FROM room WHERE organization_id = $1 AND id = $2',
    [tx.organizationId, roomId],
  )
  return rows[0]
}

type ScheduleRow = BookingRow | HeldRow

interface SpanRow {
  id: string
  starts_at: Instant
  ends_at: Instant
}

interface HeldRow extends SpanRow {
  meeting_id: null
  hold_id: string
  expires_at: Instant
}

interface BookingRow extends SpanRow {
  meeting_id: string
  recurrence_id: string
  status: OccurrenceStatus
  title: string
  visibility: Visibility
  organizer_id: string
  attends: boolean
}

async function readSchedule(
  tx: OrganizationTx,
  viewerId: string,
  roomId: string,
  window: ScheduleWindow,
): Promise<ScheduleRow[]> {
  const { rows } = await tx.query<ScheduleRow>('room-schedule', SCHEDULE, [
    tx.organizationId,
    roomId,
    window.from,
    window.to,
    LONGEST_BLOCK_MS / 1000,
    viewerId,
    ...(window.after ?? [null, null]),
    window.limit,
    window.now,
  ])
  return rows
}

function spanOf(row: ScheduleRow): RoomSpan | HoldSpan {
  return row.meeting_id === null ? heldSpan(row) : bookedSpan(row)
}

function heldSpan({ id, hold_id, starts_at, ends_at, expires_at }: HeldRow): HoldSpan {
  return holdSpan({ id: hold_id, expiresAt: expires_at }, { id, start: starts_at, end: ends_at })
}

function bookedSpan(row: BookingRow): RoomSpan {
  return {
    allocationId: row.id,
    meetingId: row.meeting_id,
    recurrenceId: row.recurrence_id,
    start: formatInstant(row.starts_at),
    end: formatInstant(row.ends_at),
    kind: 'booking',
    status: row.status,
  }
}

function scheduleItem(actor: Actor, roomId: string, row: ScheduleRow): ScheduleItem {
  if (row.meeting_id === null) return heldSpan(row)
  const { meetingId, recurrenceId, ...span } = bookedSpan(row)
  const resource = {
    kind: 'meeting',
    visibility: row.visibility,
    organizerId: row.organizer_id,
    participantIds: row.attends ? [actor.userId] : [],
  } as const
  const content = { visibility: row.visibility, organizerId: row.organizer_id, attends: row.attends }
  return {
    ...span,
    ...(can(actor, 'read', resource) && { meetingId, recurrenceId }),
    ...(readsContent(actor, roomId, content) && { title: row.title }),
  }
}

const SCHEDULE = `
  SELECT a.id, a.meeting_id, a.recurrence_id, a.starts_at, a.ends_at, o.status, coalesce(o.override->>'title', m.title) AS title,
         ${visibilityOf('o')} AS visibility, m.organizer_id, a.hold_id, h.expires_at,
         EXISTS (SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = a.meeting_id AND p.user_id = $6::uuid
                   AND ${isInvited('o', 'p')}) AS attends
  FROM allocation a
  LEFT JOIN occurrence o ON o.organization_id = $1 AND o.meeting_id = a.meeting_id AND o.recurrence_id = a.recurrence_id
  LEFT JOIN meeting m ON m.organization_id = $1 AND m.id = a.meeting_id
  LEFT JOIN hold h ON h.organization_id = $1 AND h.id = a.hold_id
  WHERE a.organization_id = $1 AND a.resource_id = $2
    AND a.starts_at < to_timestamp($4::float8 / 1000) AND a.ends_at > to_timestamp($3::float8 / 1000)
    AND a.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
    AND (a.hold_id IS NULL OR h.expires_at > to_timestamp($10::float8 / 1000))
    AND ($7::float8 IS NULL OR (a.starts_at, a.id) > (to_timestamp($7 / 1000), $8::uuid))
  ORDER BY a.starts_at, a.id
  LIMIT $9`
