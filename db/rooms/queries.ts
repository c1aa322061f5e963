import type { Pool } from 'pg'
import { and, arrayContains, eq, gt, gte, sql } from 'drizzle-orm'
import type { Room } from '../../domain/rooms/room.ts'
import { building, equipment, floor, room } from '../schema/rooms.ts'
import { selectRows } from '../select-rows.ts'
import { type OrganizationTx, readAtOnce, readOnly } from '../transaction.ts'
import { findRoom, roomOf } from './rooms-tx.ts'

export interface RoomFilter {
  floorId?: string | undefined
  /** At least this many seats. */
  capacity?: number | undefined
  /** All of these, as spelled in this organisation. */
  equipment?: readonly string[] | undefined
  active?: boolean | undefined
  /** Only these. */
  ids?: readonly string[] | undefined
  limit: number
  /** Name of the last room of the page before. */
  after?: string | undefined
}

/** In the order of names; at most `limit`. */
export function listRooms(pool: Pool, organizationId: string, filter: RoomFilter): Promise<Room[]> {
  const where = and(
    eq(room.organizationId, organizationId),
    filter.floorId === undefined ? undefined : eq(room.floorId, filter.floorId),
    filter.capacity === undefined ? undefined : gte(room.capacity, filter.capacity),
    filter.equipment === undefined ? undefined : arrayContains(room.equipment, [...filter.equipment]),
    filter.active === undefined ? undefined : eq(room.isActive, filter.active),
    filter.ids === undefined ? undefined : sql`${room.id} = ANY (${sql.param(filter.ids)}::uuid[])`,
    filter.after === undefined ? undefined : gt(room.name, filter.after),
  )
  return readAtOnce(pool, organizationId, async (tx) => {
    return (await selectRows(tx, room, { where, orderBy: [sql`${room.name}`], limit: filter.limit })).map(roomOf)
  })
}

export function roomById(pool: Pool, organizationId: string, id: string): Promise<Room | undefined> {
  return readAtOnce(pool, organizationId, (tx) => findRoom(tx, id))
}

/** In the order of the ids; one that this organisation does not have is left out. */
export async function roomsById(tx: OrganizationTx, ids: readonly string[]): Promise<Room[]> {
  const where = and(eq(room.organizationId, tx.organizationId), sql`${room.id} = ANY (${sql.param(ids)}::uuid[])`)
  const found = new Map((await selectRows(tx, room, { where })).map((row) => [row.id, roomOf(row)]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

export type Building = Omit<typeof building.$inferSelect, 'organizationId'>
export type Floor = Omit<typeof floor.$inferSelect, 'organizationId'>
export type Equipment = Omit<typeof equipment.$inferSelect, 'organizationId'>

interface PlacePage<After> {
  limit: number
  after?: After | undefined
}

export function listBuildings(pool: Pool, organizationId: string, page: PlacePage<string>): Promise<Building[]> {
  const where = and(
    eq(building.organizationId, organizationId),
    page.after === undefined ? undefined : gt(building.name, page.after),
  )
  return readOnly(pool, organizationId, async (tx) => {
    const rows = await selectRows(tx, building, { where, orderBy: [sql`${building.name}`], limit: page.limit })
    return rows.map(({ organizationId: _, ...found }) => found)
  })
}

/** By building, then from the ground up. */
export function listFloors(
  pool: Pool,
  organizationId: string,
  {
    buildingId,
    limit,
    after,
  }: PlacePage<readonly [buildingId: string, level: number]> & { buildingId?: string | undefined },
): Promise<Floor[]> {
  const where = and(
    eq(floor.organizationId, organizationId),
    buildingId === undefined ? undefined : eq(floor.buildingId, buildingId),
    after && sql`(${floor.buildingId}, ${floor.level}) > (${after[0]}::uuid, ${after[1]}::integer)`,
  )
  return readOnly(pool, organizationId, async (tx) => {
    const rows = await selectRows(tx, floor, { where, orderBy: [sql`${floor.buildingId}`, sql`${floor.level}`], limit })
    return rows.map(({ organizationId: _, ...found }) => found)
  })
}

export function listEquipment(pool: Pool, organizationId: string, page: PlacePage<string>): Promise<Equipment[]> {
  const where = and(
    eq(equipment.organizationId, organizationId),
    page.after === undefined ? undefined : gt(equipment.name, page.after),
  )
  return readOnly(pool, organizationId, async (tx) => {
    const rows = await selectRows(tx, equipment, { where, orderBy: [sql`${equipment.name}`], limit: page.limit })
    return rows.map(({ organizationId: _, ...found }) => found)
  })
}
