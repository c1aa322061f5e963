import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type SeenVersion, versionRefusal } from '../versions.ts'
import { nameTaken, unknownFloor } from './create-room.ts'
import type { RoomsDeps, RoomsTx } from './ports.ts'
import { type Room, roomView } from './room.ts'

export interface UpdateRoom {
  id: string
  seen: SeenVersion
  /** What is absent stays. `bookingRules` is replaced whole. */
  changes: Partial<Omit<Room, 'id' | 'version' | 'createdAt' | 'updatedAt'>>
}

/**
 * Changes a room. One that goes out of use takes its panels with it. Its booking rules, buffers included, hold for bookings made from then on; existing ones stay.
 * Refuses with `not_found`, `forbidden`, `unknown_reference`, `version_required`, `stale` or `name_taken`.
 */
export async function updateRoom(deps: RoomsDeps, actor: Actor, cmd: UpdateRoom): Promise<Result<Room, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const room = await tx.load(cmd.id)
    if (room === undefined) return err(refuse('not_found'))
    const refusal = await refusalOf(tx, actor, cmd, room)
    if (refusal !== undefined) return err(refusal)

    const changes = { ...cmd.changes }
    if (changes.equipment !== undefined) changes.equipment = await tx.spellEquipment(changes.equipment)
    const updated: Room = { ...room, ...changes, version: room.version + 1, updatedAt: now }
    if (!(await tx.update(updated))) return err(nameTaken())
    if (room.isActive && !updated.isActive) await tx.revokeDevices(room.id, now)
    const { id, version, isActive } = updated
    const fields = Object.keys(changes)
    await tx.record(actor, {
      events: [{ topic: `room:${id}`, type: 'room.updated', data: { roomId: id, version, isActive, fields } }],
      audit: { action: 'room.update', subjectId: id, detail: { version, fields } },
    })
    return ok(updated)
  })
}

async function refusalOf(tx: RoomsTx, actor: Actor, cmd: UpdateRoom, room: Room): Promise<Refusal | undefined> {
  if (!can(actor, 'update', { kind: 'room' })) return refuse('forbidden')
  return (await unknownFloor(tx, cmd.changes.floorId)) ?? versionRefusal(cmd.seen, room, () => roomView(room))
}
