import { createRoomsStore } from '../../db/rooms/rooms-tx.ts'
import { transact } from '../../db/transaction.ts'
import { createRoom } from '../../domain/rooms/create-room.ts'
import { ok } from '../../domain/result.ts'
import { type DemoLoad, forEach, requireOk } from './loading.ts'
import { existingIds } from './existing-ids.ts'
import type { DemoPerson } from './people.ts'
import type { DemoPlaces } from './places.ts'

/** The buildings and floors, for which there are no commands, and through its command every room that is missing. */
export async function createDemoPlaces(load: DemoLoad, owner: DemoPerson, places: DemoPlaces): Promise<void> {
  await insertBuildings(load, owner, places)
  const existing = await existingIds(load, 'room')
  const store = createRoomsStore(load)
  await forEach(
    places.rooms.filter(({ id }) => !existing.has(id)),
    async ({ id, building: _, ...room }) => {
      const deps = { ...store, now: load.now, newId: () => id }
      requireOk(await createRoom(deps, load.actorOf(owner), room), room.name)
    },
  )
}

async function insertBuildings(load: DemoLoad, owner: DemoPerson, { buildings, floors }: DemoPlaces): Promise<void> {
  const { pool, organizationId, onNews } = load
  await transact(pool, load.actorOf(owner), { now: load.now(), onNews }, async (tx) => {
    for (const { id, name, address, timezone } of buildings) {
      await tx.query('demo-building', INSERT_BUILDING, [organizationId, id, name, address, timezone])
    }
    for (const { id, buildingId, name, level } of floors) {
      await tx.query('demo-floor', INSERT_FLOOR, [organizationId, id, buildingId, name, level])
    }
    return ok(undefined)
  })
}

const INSERT_BUILDING = `
  INSERT INTO building (organization_id, id, name, address, timezone) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id, id) DO NOTHING`

const INSERT_FLOOR = `
  INSERT INTO floor (organization_id, id, building_id, name, level) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id, id) DO NOTHING`
