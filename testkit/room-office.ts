import { createRoomUseStore } from '../db/rooms/room-use-tx.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Authenticate, Principal } from '../domain/identity/ports.ts'
import { advanceRoom } from '../domain/rooms/advance-room.ts'
import type { RoomUseDeps } from '../domain/rooms/ports.ts'
import type { RoomStateView } from '../domain/rooms/room-state.ts'
import { formatInstant } from '../domain/time/iso.ts'
import { type Instant, MINUTE_MS, plus } from '../domain/time/instant.ts'
import { uuid7 } from './api.ts'
import { type BookingOffice, expectStatus, openBookingOffice } from './booking-office.ts'

/** A booking office whose rooms have clocks and sensors. Minutes count from Monday, 23 November 2026, 09:00 UTC. */
export interface RoomOffice extends BookingOffice {
  organizationId: string
  deps: RoomUseDeps
  /** Sets the clock, and does not run it. */
  at: (minute: number) => void
  time: (minute: number) => string
  /** A room that asks for check-in. */
  roomWith: (rules?: object, given?: object) => Promise<string>
  /** A meeting in the room between two minutes; its id and its claim's. */
  meet: (
    roomId: string,
    from: number,
    to: number,
    given?: object,
    by?: string,
  ) => Promise<{ id: string; allocationId: string }>
  /** Lets the clock of the room do what is due; the minute at which it wants to look again. */
  tick: (roomId: string) => Promise<number | undefined>
  /** The sensor speaks: now, or of another minute. */
  sense: (roomId: string, present: boolean, minute?: number) => Promise<void>
  state: (roomId: string, by?: string) => Promise<RoomStateView>
  use: (roomId: string, what: string, body?: object, by?: string) => ReturnType<BookingOffice['api']['call']>
  actor: (userId: string, role: Actor['role']) => Actor
  /** A panel beside the room; its token. */
  panel: (roomId: string) => Promise<string>
}

export async function openRoomOffice(): Promise<RoomOffice> {
  const office = await openBookingOffice()
  const { api } = office
  const zero = api.clock.now
  const known = rememberPrincipals(api.deps)
  const principal = await api.deps.authenticate(office.token, 'http')
  const organizationId = principal?.organizationId as string
  const deps: RoomUseDeps = { ...api.deps, ...createRoomUseStore({ ...api.deps, pool: api.database.app }) }
  const instantAt = (minute: number): Instant => plus(zero, Math.round(minute * MINUTE_MS))
  const time = (minute: number) => formatInstant(instantAt(minute))
  return {
    ...office,
    async person(role) {
      const person = await office.person(role)
      await api.deps.authenticate(person.token, 'http')
      return person
    },
    organizationId,
    deps,
    time,
    at: (minute) => {
      api.clock.now = instantAt(minute)
    },
    roomWith: (rules = {}, given = {}) => office.room({ bookingRules: { checkInRequired: true, ...rules }, ...given }),
    async meet(roomId, from, to, given = {}, by = office.token) {
      const body = { startTime: time(from), endTime: time(to), timezone: 'UTC', roomIds: [roomId], ...given }
      const { meeting, allocations } = expectStatus(await office.book(body, by), 201).body
      return { id: meeting.id, allocationId: allocations[0].allocationId }
    },
    async tick(roomId) {
      const next = await advanceRoom(deps, { organizationId, roomId, requestId: uuid7(api.clock.now) })
      return next === undefined ? undefined : (next - zero) / MINUTE_MS
    },
    async sense(roomId, present, minute) {
      const at = minute === undefined ? formatInstant(api.clock.now) : time(minute)
      const sample = { id: uuid7(api.clock.now), roomId, at, present }
      const body = { samples: [sample] }
      expectStatus(await api.call('POST', '/occupancy', { token: office.token, body }), 202)
    },
    state: async (roomId, by = office.token) => expectStatus(await office.get(`/rooms/${roomId}/state`, by), 200).body,
    use: (roomId, what, body = {}, by = office.token) =>
      api.call('POST', `/rooms/${roomId}/${what}`, { token: by, body }),
    actor: (userId, role) => ({ organizationId, userId, role, sessionId: userId, requestId: 'test' }),
    async panel(roomId) {
      const id = uuid7(api.clock.now)
      const values = [organizationId, id, roomId, time(0)]
      await office.query(INSERT_PANEL_USER, [organizationId, id, time(0)])
      await office.query(INSERT_DEVICE, values)
      const principal = {
        organizationId,
        userId: id,
        role: 'panel',
        sessionId: id,
        roomId,
        expiresAt: Infinity,
      } as const
      known.set(id, principal)
      return id
    },
  }
}

/** Access tokens live ten minutes and these tests whole days: who was known once stays known. */
function rememberPrincipals(deps: { authenticate: Authenticate }): Map<string, Principal> {
  const { authenticate } = deps
  const known = new Map<string, Principal>()
  deps.authenticate = async (token, surface) => {
    const principal = known.get(token ?? '') ?? (await authenticate(token, surface))
    if (token !== undefined && principal !== undefined) known.set(token, principal)
    return principal
  }
  return known
}

const INSERT_PANEL_USER = `
  INSERT INTO users (organization_id, id, email, first_name, last_name, role, timezone, working_hours, created_at, updated_at)
  VALUES ($1, $2::uuid, $2::uuid::text || '@panel.invalid', 'Panel', 'Beside', 'panel', 'UTC', '{}', $3::timestamptz, $3)`

const INSERT_DEVICE = `
  INSERT INTO device (organization_id, id, room_id, name, session_id, paired_at, last_seen_at)
  VALUES ($1, $2::uuid, $3, 'Panel', $2::uuid, $4::timestamptz, $4)`
