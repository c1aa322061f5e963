import { createRoomUseStore } from '../db/rooms/room-use-tx.ts'
import { extendRoom } from '../domain/rooms/extend-room.ts'
import { endInRoom, releaseRoom } from '../domain/rooms/leave-room.ts'
import { checkIn, keepRoom } from '../domain/rooms/use-room.ts'
import { walkUp } from '../domain/rooms/walk-up.ts'
import type { RoomCommands } from '../realtime/deps.ts'
import type { Context } from './context.ts'

/** What panels and phones do with a room over their socket: the same commands as over HTTP. */
export function roomCommands(context: Pick<Context, 'pool' | 'onNews' | 'now' | 'newId' | 'tzVersion'>): RoomCommands {
  const deps = { ...context, ...createRoomUseStore(context) }
  return {
    checkIn: (actor, cmd) => checkIn(deps, actor, cmd),
    extend: (actor, cmd) => extendRoom(deps, actor, cmd),
    end: (actor, cmd) => endInRoom(deps, actor, cmd),
    release: (actor, cmd) => releaseRoom(deps, actor, cmd),
    keep: (actor, cmd) => keepRoom(deps, actor, cmd),
    walkUp: (actor, cmd) => walkUp(deps, actor, cmd),
  }
}
