/** Booked against occupied, now and today. Counts only: no title, no person. */
export interface RoomCounts {
  rooms: number
  free: number
  reserved: number
  checkedIn: number
  overrun: number
  blocked: number
  /** Somebody is inside, says the sensor or a check-in. */
  occupied: number
  /** Given back because nobody came, since midnight in the building's zone. */
  noShowsToday: number
  /** Minutes given back today. */
  recoveredMinutesToday: number
  bookingsToday: number
}

export interface DashboardFloor extends RoomCounts {
  floorId: string
  name: string
  level: number
  building: string
}

/** State of topic `dashboard:rooms:<organization id>`. */
export interface DashboardView {
  floors: DashboardFloor[]
  totals: RoomCounts
}
