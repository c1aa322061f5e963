import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { RoomsDeps, RoomsTx } from './ports.ts'
import type { Room } from './room.ts'

export type CreateRoom = Omit<Room, 'id' | 'isActive' | 'version' | 'createdAt' | 'updatedAt'>

/** Adds a room; equipment it names comes into being with it. Refuses with `forbidden`, `unknown_reference` or `name_taken`. */
export async function createRoom(deps: RoomsDeps, actor: Actor, cmd: CreateRoom): Promise<Result<Room, Refusal>> {
  if (!can(actor, 'create', { kind: 'room' })) return err(refuse('forbidden'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const unknown = await unknownFloor(tx, cmd.floorId)
    if (unknown !== undefined) return err(unknown)
    const equipment = await tx.spellEquipment(cmd.equipment)
    const room: Room = {
      ...cmd,
      equipment,
      id: deps.newId(),
      isActive: true,
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
    if (!(await tx.insert(room))) return err(nameTaken())
    await tx.record(actor, { events: [], audit: { action: 'room.create', subjectId: room.id } })
    return ok(room)
  })
}

export async function unknownFloor(tx: RoomsTx, floorId: string | null | undefined): Promise<Refusal | undefined> {
  if (floorId === null || floorId === undefined || (await tx.hasFloor(floorId))) return undefined
  return refuse('unknown_reference', undefined, {
    errors: [{ pointer: '/floorId', detail: 'There is no such floor.' }],
  })
}

export function nameTaken(): Refusal {
  return refuse('name_taken', undefined, { errors: [{ pointer: '/name', detail: 'Another room has this name.' }] })
}
