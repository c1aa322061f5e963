import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { DashboardFloor, DashboardView, RoomCounts } from '../../domain/rooms/dashboard.ts'
import { BLIND, roomStateView } from '../../domain/rooms/room-state.ts'
import type { RoomLook } from '../../domain/rooms/room-look.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { lookAtRooms } from './room-look.ts'

/**
 * All floors of the organisation, booked against occupied. `scope` is the organisation's id, as the topic
 * `dashboard:rooms:<id>` names it; undefined for any other and for who may not watch it. A room without a floor counts nowhere.
 */
export async function dashboardOf(
  tx: OrganizationTx,
  actor: Actor,
  scope: string,
  now: Instant,
): Promise<DashboardView | undefined> {
  if (!maySeeDashboard(tx, actor, scope)) return undefined
  const [floors, looks] = await Promise.all([
    tx.query<TodayRow>('dashboard-today', TODAY, [tx.organizationId, now]),
    lookAtRooms(tx, actor.userId, 'all', now),
  ])
  const byFloor = Map.groupBy(looks, (look) => look.room.floorId)
  const counted = floors.rows.map((row) => floorCounts(row, byFloor.get(row.id) ?? [], now))
  return { floors: counted, totals: counted.reduce(sum, NONE) }
}

/** The state of topic `dashboard:<kind>:<scope>`. */
export async function dashboardTopicState(
  tx: OrganizationTx,
  actor: Actor,
  id: string,
  now: Instant,
  need: 'state' | 'access',
): Promise<object | undefined> {
  if (need === 'access') return maySeeDashboard(tx, actor, id) ? {} : undefined
  return dashboardOf(tx, actor, id, now)
}

function maySeeDashboard(tx: OrganizationTx, actor: Actor, scope: string): boolean {
  return scope.replace(/^rooms:/, '') === tx.organizationId && can(actor, 'watch', { kind: 'dashboard' })
}

interface TodayRow {
  id: string
  name: string
  level: number
  building: string
  bookings: number
  no_shows: number
  recovered_minutes: number
}

const NONE: RoomCounts = {
  rooms: 0,
  free: 0,
  reserved: 0,
  checkedIn: 0,
  overrun: 0,
  blocked: 0,
  occupied: 0,
  noShowsToday: 0,
  recoveredMinutesToday: 0,
  bookingsToday: 0,
}

function floorCounts(row: TodayRow, looks: readonly RoomLook[], now: Instant): DashboardFloor {
  const counts = looks.map((look) => countsOf(look, now)).reduce(sum, NONE)
  return {
    floorId: row.id,
    name: row.name,
    level: row.level,
    building: row.building,
    ...counts,
    noShowsToday: row.no_shows,
    recoveredMinutesToday: row.recovered_minutes,
    bookingsToday: row.bookings,
  }
}

function countsOf(look: RoomLook, now: Instant): RoomCounts {
  const { status, occupancy, staleSince } = roomStateView(look, now, BLIND)
  const isSeen = occupancy?.present === true && staleSince === null
  // Who has checked in is inside, unless a sensor that works says otherwise.
  const isInside = isSeen || (status === 'checked_in' && (occupancy === null || staleSince !== null))
  return {
    ...NONE,
    rooms: 1,
    free: status === 'free' || status === 'unknown' ? 1 : 0,
    reserved: status === 'reserved' || status === 'held' ? 1 : 0,
    checkedIn: status === 'checked_in' ? 1 : 0,
    overrun: status === 'overrun' ? 1 : 0,
    blocked: status === 'blocked' ? 1 : 0,
    occupied: isInside ? 1 : 0,
  }
}

function sum(a: RoomCounts, b: RoomCounts): RoomCounts {
  return {
    rooms: a.rooms + b.rooms,
    free: a.free + b.free,
    reserved: a.reserved + b.reserved,
    checkedIn: a.checkedIn + b.checkedIn,
    overrun: a.overrun + b.overrun,
    blocked: a.blocked + b.blocked,
    occupied: a.occupied + b.occupied,
    noShowsToday: a.noShowsToday + b.noShowsToday,
    recoveredMinutesToday: a.recoveredMinutesToday + b.recoveredMinutesToday,
    bookingsToday: a.bookingsToday + b.bookingsToday,
  }
}

// The day of a floor is its building's. A booking that was given back counts among the day's bookings; what it gives back is
// what it was booked for and did not use.
const TODAY = `
  SELECT f.id, f.name, f.level, b.name AS building, booked.count::integer + used.released::integer AS bookings,
         used.no_shows::integer AS no_shows, coalesce(used.recovered, 0)::integer AS recovered_minutes
  FROM floor f
  JOIN building b ON b.organization_id = $1 AND b.id = f.building_id
  CROSS JOIN LATERAL (
    SELECT day AT TIME ZONE b.timezone AS begins, (day + interval '1 day') AT TIME ZONE b.timezone AS ends
    FROM date_trunc('day', to_timestamp($2::float8 / 1000) AT TIME ZONE b.timezone) AS day
  ) today
  CROSS JOIN LATERAL (
    SELECT count(*) FROM room r
    JOIN allocation a ON a.organization_id = $1 AND a.resource_id = r.id AND a.starts_at >= today.begins AND a.starts_at < today.ends
      AND a.hold_id IS NULL
    WHERE r.organization_id = $1 AND r.floor_id = f.id
  ) booked
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE u.released_at >= today.begins) AS released,
           count(*) FILTER (WHERE u.released_at >= today.begins AND u.release_reason = 'no_show') AS no_shows,
           sum(extract(epoch FROM u.booked_until - greatest(u.starts_at, coalesce(u.released_at, u.ended_at))) / 60)
             FILTER (WHERE u.booked_until > coalesce(u.released_at, u.ended_at)) AS recovered
    FROM room r
    JOIN room_use u ON u.organization_id = $1 AND u.room_id = r.id AND u.starts_at >= today.begins AND u.starts_at < today.ends
    WHERE r.organization_id = $1 AND r.floor_id = f.id
  ) used
  WHERE f.organization_id = $1
  ORDER BY b.name, f.level`
