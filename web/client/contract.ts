/** Shapes of the public contract, as far as the pages use them. Instants are ISO 8601 text. */

export interface User {
  id: string
  email: string
  firstName: string
  lastName: string
  role: string
  timezone: string
}

export interface SignedIn {
  user: User
  accessToken: string
  refreshToken: string
  /** Seconds the access token is good for. */
  expiresIn: number
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface Building {
  id: string
  name: string
  timezone: string
}

export interface Floor {
  id: string
  buildingId: string
  name: string
  level: number
}

export interface Room {
  id: string
  name: string
  capacity: number
  equipment: string[]
  floorId: string | null
}

export interface Allocation {
  allocationId: string
  start: string
  end: string
  kind: string
}

export interface RoomSnapshot {
  allocations: Allocation[]
}

export interface RoomNews {
  booked?: Allocation[]
  /** Ids of allocations. */
  released?: string[]
}

export type RoomStatus = 'free' | 'held' | 'reserved' | 'checked_in' | 'overrun' | 'blocked' | 'unknown'

/** One booking as a panel shows it; title and organizer only where the viewer may read them. */
export interface RoomBooking {
  allocationId: string
  meetingId: string
  start: string
  end: string
  title?: string
  organizer?: string
  /** `none`: the room asks for no check-in. */
  checkIn: 'none' | 'later' | 'open' | 'done'
  checkInOpensAt: string | null
  checkedInAt: string | null
  /** Without check-in the room is given back then. */
  releaseAt: string | null
  warnedAt: string | null
  keptAt: string | null
}

/** `GET /rooms/:id/state`. */
export interface RoomStateView {
  roomId: string
  status: RoomStatus
  current: RoomBooking | null
  next: RoomBooking | null
  freeUntil: string | null
  occupancy: { present: boolean; count: number | null; at: string } | null
  /** Since when its sensor has been silent that should have spoken. */
  staleSince: string | null
}

export interface PairingCode {
  id: string
  code: string
  expiresAt: string
}

export interface Booked {
  meeting: {
    id: string
    title: string | null
    startTime: string
    endTime: string
    room: { id: string; name: string } | null
  }
  warnings: string[]
}

export interface Participant {
  userId?: string
  email?: string
  role: string
  response: string
}

/** `GET /meetings/:id` and topic `meeting:<id>`. Without a title: only that the time is taken may be known. */
export interface Meeting {
  id: string
  title: string | null
  description: string | null
  startTime: string
  endTime: string
  timezone: string
  /** It lasts whole days of its zone. */
  allDay: boolean
  isRecurring: boolean
  /** The rule in words. */
  recurrenceText: string | null
  organizer: { id: string; firstName: string; lastName: string } | null
  participants: Participant[]
  room: { id: string; name: string } | null
  roomIds: string[]
  status: string
  visibility: 'organization' | 'participants' | 'busy_only'
  version: number
}

/** An occurrence as topic `person:<id>` shows it; an event of a meeting brings all entries that the meeting has. */
export interface AgendaEntry {
  meetingId: string
  recurrenceId: string
  title: string
  start: string
  end: string
  status: string
}

export interface Conflict {
  resourceId: string
  /** Local start in basic form, such as 20261124T100000. */
  recurrenceId?: string
  start: string
  end: string
  kind: 'booking' | 'hold' | 'blackout' | 'rule' | 'external'
}

export interface Suggestion {
  start: string
  end: string
  roomIds: string[]
  /** Sentences. */
  reasons: string[]
}

/** RFC 9457, or what this side says when no answer came: then `status` is 0 and there is no request id. */
export interface Problem {
  status: number
  code: string
  detail: string
  errors?: { pointer?: string; part?: string; detail: string }[]
  conflicts?: Conflict[]
  suggestions?: Suggestion[]
  /** Of `stale`: the entity as it is. */
  current?: unknown
  requestId?: string
}

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem }
