import type { Visibility } from '../../domain/identity/can.ts'
import type { OccurrenceStatus } from '../../domain/meetings/meeting.ts'
import type { Occupancy } from '../../domain/rooms/occupancy.ts'
import type { Room } from '../../domain/rooms/room.ts'
import type { RoomBooking, RoomLook, RoomUse } from '../../domain/rooms/room-look.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'
import { isInvited, visibilityOf } from '../meetings/occurrence-sight.ts'
import { parseTimestamp } from '../timestamps.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A look at a room that also says everything about the room itself. */
export interface FullLook extends RoomLook {
  room: Room
}

type Which = { roomIds: readonly string[] } | { floorId: string } | 'all'

/** How many bookings on either side of now: one that is on or has just ended and the next, twice, show what a room is doing. */
const SHOWN = [2, 2] as const
/** The clock and the commands look further: several may have ended that nobody has closed. */
const WORKED_ON = [6, 3] as const

/** What is known of these rooms around that moment, in the order of names: one statement, however many. */
export async function lookAtRooms(
  tx: OrganizationTx,
  viewerId: string,
  which: Which,
  now: Instant,
): Promise<FullLook[]> {
  const common = [tx.organizationId, now, viewerId]
  const rows =
    which === 'all'
      ? tx.query<LookRow>('rooms-look-all', LOOK('true', SHOWN), common)
      : 'floorId' in which
        ? tx.query<LookRow>('rooms-look-floor', LOOK('r.floor_id = $4', SHOWN), [...common, which.floorId])
        : tx.query<LookRow>('rooms-look', LOOK('r.id = ANY ($4::uuid[])', WORKED_ON), [...common, which.roomIds])
  return (await rows).rows.map(lookOf)
}

interface LookRow {
  id: string
  name: string
  capacity: number
  location: string | null
  floor_id: string | null
  equipment: string[]
  amenities: string[]
  booking_rules: Room['bookingRules']
  is_active: boolean
  version: number
  created_at: Instant
  updated_at: Instant
  timezone: string
  has_panel: boolean
  occupied_at: Instant | null
  present: boolean
  count: number | null
  changed_at: Instant
  last_present_at: Instant | null
  silence_told_at: Instant | null
  bookings: BookingJson[] | null
  held: { start: string; end: string; isOwn: boolean }[] | null
}

/** Times are ISO 8601 in UTC, as JSON writes them. */
interface BookingJson extends Record<keyof RoomUse, string | null> {
  id: string
  meeting: string
  recurrence: LocalTime
  start: string
  end: string
  from: string
  until: string
  status: OccurrenceStatus
  recurring: boolean
  title: string
  visibility: Visibility
  organizer: string
  name: string
  attends: boolean
}

function lookOf(row: LookRow): FullLook {
  return {
    room: {
      id: row.id,
      name: row.name,
      capacity: row.capacity,
      location: row.location,
      floorId: row.floor_id,
      equipment: row.equipment,
      amenities: row.amenities,
      bookingRules: row.booking_rules,
      isActive: row.is_active,
      version: row.version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    },
    timezone: row.timezone,
    hasPanel: row.has_panel,
    occupancy: occupancyOf(row),
    bookings: (row.bookings ?? []).map(bookingOf),
    held: (row.held ?? []).map(({ start, end, isOwn }) => {
      return { start: parseTimestamp(start), end: parseTimestamp(end), isOwn }
    }),
  }
}

function occupancyOf(row: LookRow): Occupancy | null {
  if (row.occupied_at === null) return null
  const { occupied_at: at, present, count } = row
  const [changedAt, lastPresentAt, silenceToldAt] = [row.changed_at, row.last_present_at, row.silence_told_at]
  return { at, present, count, changedAt, lastPresentAt, silenceToldAt }
}

function bookingOf(json: BookingJson): RoomBooking {
  return {
    allocationId: json.id,
    meetingId: json.meeting,
    recurrenceId: json.recurrence,
    start: parseTimestamp(json.start),
    end: parseTimestamp(json.end),
    blockedFrom: parseTimestamp(json.from),
    blockedUntil: parseTimestamp(json.until),
    status: json.status,
    isRecurring: json.recurring,
    title: json.title,
    visibility: json.visibility,
    organizerId: json.organizer,
    organizerName: json.name,
    attends: json.attends,
    use: {
      openedAt: timeOf(json.openedAt),
      checkedInAt: timeOf(json.checkedInAt),
      checkedInBy: json.checkedInBy,
      warnedAt: timeOf(json.warnedAt),
      keptAt: timeOf(json.keptAt),
      keptBy: json.keptBy,
      overranAt: timeOf(json.overranAt),
      endedAt: timeOf(json.endedAt),
    },
  }
}

function timeOf(text: string | null): Instant | null {
  return text === null ? null : parseTimestamp(text)
}

// Bookings of a room never overlap, so the one that began last is the only one that can be on: a few index entries on either
// side of now are all there is to read, whatever the room's past. What ended stays in sight until the clock has closed it,
// for a day at most, and while the room is cleaned behind it.
const LOOK = (which: string, [past, ahead]: readonly [number, number]) => `
  SELECT r.*, coalesce(b.timezone, 'UTC') AS timezone,
         EXISTS (SELECT FROM device d WHERE d.organization_id = $1 AND d.room_id = r.id AND d.revoked_at IS NULL) AS has_panel,
         o.at AS occupied_at, o.present, o.count, o.changed_at, o.last_present_at, o.silence_told_at, near.bookings,
         held.spans AS held
  FROM room r
  LEFT JOIN floor f ON f.organization_id = $1 AND f.id = r.floor_id
  LEFT JOIN building b ON b.organization_id = $1 AND b.id = f.building_id
  LEFT JOIN room_occupancy o ON o.organization_id = $1 AND o.room_id = r.id
  LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'id', a.id, 'meeting', a.meeting_id, 'recurrence', a.recurrence_id, 'start', a.starts_at, 'end', a.ends_at,
        'from', a.blocked_from, 'until', a.blocked_until, 'status', c.status, 'recurring', m.rrule IS NOT NULL,
        'title', coalesce(c.override->>'title', m.title), 'visibility', ${visibilityOf('c')}, 'organizer', m.organizer_id, 'name', concat_ws(' ', p.first_name, p.last_name),
        'attends', m.organizer_id = $3 OR EXISTS (SELECT FROM participant i WHERE i.organization_id = $1
                                                   AND i.meeting_id = a.meeting_id AND i.user_id = $3 AND ${isInvited('c', 'i')}),
        'openedAt', u.opened_at, 'checkedInAt', u.checked_in_at, 'checkedInBy', u.checked_in_by,
        'warnedAt', u.warned_at, 'keptAt', u.kept_at, 'keptBy', u.kept_by,
        'overranAt', u.overran_at, 'endedAt', u.ended_at) ORDER BY a.starts_at) AS bookings
    FROM (
      (SELECT * FROM allocation WHERE organization_id = $1 AND resource_id = r.id AND hold_id IS NULL
         AND starts_at <= to_timestamp($2::float8 / 1000)
       ORDER BY starts_at DESC LIMIT ${past})
      UNION ALL
      (SELECT * FROM allocation WHERE organization_id = $1 AND resource_id = r.id AND hold_id IS NULL
         AND starts_at > to_timestamp($2::float8 / 1000)
       ORDER BY starts_at LIMIT ${ahead})
    ) a
    JOIN occurrence c ON c.organization_id = $1 AND c.meeting_id = a.meeting_id AND c.recurrence_id = a.recurrence_id
    JOIN meeting m ON m.organization_id = $1 AND m.id = a.meeting_id
    JOIN users p ON p.organization_id = $1 AND p.id = m.organizer_id
    LEFT JOIN room_use u ON u.organization_id = $1 AND u.meeting_id = a.meeting_id AND u.recurrence_id = a.recurrence_id
      AND u.room_id = r.id AND u.released_at IS NULL
    WHERE a.ends_at > to_timestamp($2::float8 / 1000) OR a.blocked_until > to_timestamp($2::float8 / 1000)
      OR a.ends_at > to_timestamp($2::float8 / 1000) - interval '1 day' AND (u.ended_at IS NULL OR u.ended_at < a.starts_at)
  ) near ON true
  LEFT JOIN (
    SELECT a.resource_id,
           json_agg(json_build_object('start', a.blocked_from, 'end', a.blocked_until, 'isOwn', h.user_id = $3) ORDER BY a.blocked_from) AS spans
    FROM hold h JOIN allocation a ON a.organization_id = $1 AND a.hold_id = h.id
    WHERE h.organization_id = $1 AND h.expires_at > to_timestamp($2::float8 / 1000)
      AND a.blocked_until > to_timestamp($2::float8 / 1000)
      AND a.blocked_from < to_timestamp($2::float8 / 1000) + interval '2 days'
    GROUP BY a.resource_id
  ) held ON held.resource_id = r.id
  WHERE r.organization_id = $1 AND ${which}
  ORDER BY r.name`
