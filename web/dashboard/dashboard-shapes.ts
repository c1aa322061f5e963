import type { RoomStatus } from '../client/contract.ts'
import type { Cursor } from '../client/topic-cursor.ts'

/** Counts of one floor, or of all. */
export interface RoomCounts {
  rooms: number
  free: number
  reserved: number
  checkedIn: number
  overrun: number
  blocked: number
  occupied: number
  noShowsToday: number
  recoveredMinutesToday: number
  bookingsToday: number
}

export interface DashboardFloor extends RoomCounts {
  floorId: string
  name: string
  level: number
  building: string
}

export interface Dashboard {
  floors: DashboardFloor[]
  totals: RoomCounts
}

export interface FloorRoom {
  room: { id: string; name: string; capacity: number }
  state: {
    status: RoomStatus
    freeUntil: string | null
    current: { end: string } | null
    next: { start: string } | null
    occupancy: { present: boolean } | null
    staleSince: string | null
  }
}

export interface DashboardItem extends Cursor {
  at: string
  dashboard: Dashboard | null
}

export interface FloorItem extends Cursor {
  at: string
  floor: { rooms: FloorRoom[] } | null
}

const COUNTS = `rooms free reserved checkedIn overrun blocked occupied noShowsToday recoveredMinutesToday bookingsToday`

export const DASHBOARD = `subscription Dashboard($scope: ID!, $after: CursorInput) {
  dashboard(kind: ROOMS, scope: $scope, after: $after) {
    epoch seq at
    dashboard { floors { floorId name level building ${COUNTS} } totals { ${COUNTS} } }
  }
}`

export const FLOOR = `subscription Floor($floorId: ID!, $after: CursorInput) {
  floorState(floorId: $floorId, after: $after) {
    epoch seq at
    floor {
      rooms {
        room { id name capacity }
        state { status freeUntil current { end } next { start } occupancy { present } staleSince }
      }
    }
  }
}`
