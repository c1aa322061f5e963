import type { Pool } from 'pg'
import { and, eq } from 'drizzle-orm'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { RoomsDeps, RoomsTx } from '../../domain/rooms/ports.ts'
import type { Room } from '../../domain/rooms/room.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { revokeDevicesOfRoom } from '../identity/devices.ts'
import { record } from '../outbox.ts'
import { room as rooms } from '../schema/rooms.ts'
import { selectRows } from '../select-rows.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { isUniqueViolation } from '../unique-violation.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
}

export function createRoomsStore(deps: StoreDeps): Pick<RoomsDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(roomsTx(deps, tx, now))),
  }
}

function roomsTx(ids: Ids, tx: OrganizationTx, now: Instant): RoomsTx {
  return {
    load: (id) => findRoom(tx, id, { forUpdate: true }),
    async hasFloor(id) {
      const found = await tx.query('room-floor-exists', 'SELECT FROM floor WHERE organization_id = $1 AND id = $2', [
        tx.organizationId,
        id,
      ])
      return found.rowCount === 1
    },
    spellEquipment: (names) => spellEquipment(tx, ids, names),
    insert: (room) => write(tx, 'room-insert', INSERT, [...columnsOf(tx, room), room.createdAt]),
    update: (room) => write(tx, 'room-update', UPDATE, columnsOf(tx, room)),
    revokeDevices: (roomId, at) => revokeDevicesOfRoom(tx, roomId, at),
    record: (actor, entry) => record(tx, { ...entry, actor, now, id: ids.newId() }),
  }
}

export async function findRoom(
  tx: OrganizationTx,
  id: string,
  lock: { forUpdate?: true } = {},
): Promise<Room | undefined> {
  const where = and(eq(rooms.organizationId, tx.organizationId), eq(rooms.id, id))
  const [row] = await selectRows(tx, rooms, { where, ...lock })
  return row && roomOf(row)
}

export function roomOf({ organizationId: _, ...room }: typeof rooms.$inferSelect): Room {
  return room
}

async function spellEquipment(tx: OrganizationTx, ids: Ids, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const { rows } = await tx.query<{ name: string }>('equipment-spell', SPELL_EQUIPMENT, [
    tx.organizationId,
    names,
    names.map(() => ids.newId()),
  ])
  const spelled = new Map(rows.map(({ name }) => [name.toLowerCase(), name]))
  return [...new Set(names.map((name) => spelled.get(name.toLowerCase()) ?? name))]
}

async function write(tx: OrganizationTx, name: string, text: string, values: unknown[]): Promise<boolean> {
  try {
    await tx.query(name, text, values)
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

function columnsOf(tx: OrganizationTx, room: Room): unknown[] {
  const { id, name, capacity, location, floorId, equipment, amenities, bookingRules, isActive, version, updatedAt } =
    room
  const rules = JSON.stringify(bookingRules)
  return [
    tx.organizationId,
    id,
    name,
    capacity,
    location,
    floorId,
    equipment,
    amenities,
    rules,
    isActive,
    version,
    updatedAt,
  ]
}

// Sorted, so that two writers of the same new names wait for each other instead of deadlocking.
const SPELL_EQUIPMENT = `
  WITH wanted AS (
    SELECT DISTINCT ON (lower(name)) name, id FROM unnest($2::text[], $3::uuid[]) AS w (name, id) ORDER BY lower(name), name
  ), known AS (
    SELECT name FROM equipment WHERE organization_id = $1 AND lower(name) IN (SELECT lower(name) FROM wanted)
  ), added AS (
    INSERT INTO equipment (organization_id, id, name)
    SELECT $1, id, name FROM wanted WHERE lower(name) NOT IN (SELECT lower(name) FROM known) ORDER BY lower(name)
    ON CONFLICT DO NOTHING
    RETURNING name
  )
  SELECT name FROM known UNION ALL SELECT name FROM added`

const INSERT = `
  INSERT INTO room (organization_id, id, name, capacity, location, floor_id, equipment, amenities, booking_rules, is_active,
    version, updated_at, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, to_timestamp($12 / 1000.0), to_timestamp($13 / 1000.0))`

const UPDATE = `
  UPDATE room SET name = $3, capacity = $4, location = $5, floor_id = $6, equipment = $7, amenities = $8,
    booking_rules = $9, is_active = $10, version = $11, updated_at = to_timestamp($12 / 1000.0)
  WHERE organization_id = $1 AND id = $2`
