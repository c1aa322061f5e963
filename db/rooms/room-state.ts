import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type RoomView, roomView } from '../../domain/rooms/room.ts'
import { type RoomStateView, type Sight, BLIND, roomStateView, sightOf } from '../../domain/rooms/room-state.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { type FullLook, lookAtRooms } from './room-look.ts'

export interface FloorStateView {
  floorId: string
  rooms: RoomWithState[]
}

export interface RoomWithState {
  room: RoomView
  state: RoomStateView
}

/** One room, with what this viewer may read of its bookings; undefined: he may not know of it. */
export async function roomStateOf(
  tx: OrganizationTx,
  actor: Actor,
  roomId: string,
  now: Instant,
): Promise<RoomStateView | undefined> {
  return (await roomStatesOf(tx, actor, [roomId], now)).get(roomId)
}

/** Several at once, by id; those this viewer may not know of are missing. */
export async function roomStatesOf(
  tx: OrganizationTx,
  actor: Actor,
  roomIds: readonly string[],
  now: Instant,
): Promise<Map<string, RoomStateView>> {
  const visible = roomIds.filter((roomId) => can(actor, 'read', { kind: 'room', roomId }))
  if (visible.length === 0) return new Map()
  const looks = await lookAtRooms(tx, actor.userId, { roomIds: visible }, now)
  return new Map(looks.map((look) => [look.room.id, roomStateView(look, now, sightOf(actor, look.room.id))]))
}

/** The rooms of a floor in the order of names. `sight` is what the viewer may read, unless something narrower is given. */
export async function floorStateOf(
  tx: OrganizationTx,
  actor: Actor,
  floorId: string,
  now: Instant,
  sight?: Sight,
): Promise<FloorStateView | undefined> {
  if (!can(actor, 'read', { kind: 'floor' }) || !(await floorExists(tx, floorId))) return undefined
  const looks = await lookAtRooms(tx, actor.userId, { floorId }, now)
  return { floorId, rooms: looks.map((look) => withState(look, now, sight ?? sightOf(actor, look.room.id))) }
}

/** The state of topic `floor:<id>`: no title and no person, the same for everybody who may watch it. */
export async function floorTopicState(
  tx: OrganizationTx,
  actor: Actor,
  floorId: string,
  now: Instant,
  need: 'state' | 'access',
): Promise<object | undefined> {
  if (!can(actor, 'watch', { kind: 'floor' })) return undefined
  if (need === 'access') return (await floorExists(tx, floorId)) ? {} : undefined
  return floorStateOf(tx, actor, floorId, now, BLIND)
}

function withState(look: FullLook, now: Instant, sight: Sight): RoomWithState {
  return { room: roomView(look.room), state: roomStateView(look, now, sight) }
}

async function floorExists(tx: OrganizationTx, floorId: string): Promise<boolean> {
  const values = [tx.organizationId, floorId]
  const found = await tx.query('floor-exists', 'SELECT FROM floor WHERE organization_id = $1 AND id = $2', values)
  return found.rowCount === 1
}
