import type { Actor } from '../domain/identity/actor.ts'
import type { Refusal } from '../domain/refusals.ts'
import { type Result, ok } from '../domain/result.ts'
import type { RoomStateView } from '../domain/rooms/room-state.ts'
import type { UseRoom } from '../domain/rooms/use-room.ts'
import type { WalkUp, WalkedUp } from '../domain/rooms/walk-up.ts'
import type { Message } from './commands.ts'
import type { Payload } from './protocol.ts'

type Command<Cmd, Value = RoomStateView> = (actor: Actor, cmd: Cmd) => Promise<Result<Value, Refusal>>

/** What people in front of a room do, as the composition root gives it. */
export interface RoomCommands {
  checkIn: Command<UseRoom>
  extend: Command<UseRoom & { minutes: number }>
  end: Command<UseRoom>
  release: Command<UseRoom & { reason?: string | undefined }>
  keep: Command<UseRoom>
  walkUp: Command<WalkUp, WalkedUp>
}

type Handler<Name extends Parameters<typeof plain>[0]> = (
  message: Message,
  payload: Payload<`room.${Name}`>,
) => Promise<Result<{ answer: object }, Refusal>>

/** Each is acked with the state of the room as it is then; `room.walkUp` with the meeting as well. */
export const ROOM_HANDLERS = {
  'room.checkIn': plain('checkIn'),
  'room.extend': plain('extend'),
  'room.end': plain('end'),
  'room.release': plain('release'),
  'room.keep': plain('keep'),
  'room.walkUp': async ({ deps, connection }: Message, payload: Payload<'room.walkUp'>) => {
    const walked = await deps.rooms.walkUp(actorOf(deps, connection.actor), payload)
    return walked.ok ? ok({ answer: walked.value }) : walked
  },
}

function plain<Name extends Exclude<keyof RoomCommands, 'walkUp'>>(name: Name): Handler<Name> {
  return async ({ deps, connection }, payload) => {
    const command = deps.rooms[name] as Command<typeof payload>
    const done = await command(actorOf(deps, connection.actor), payload)
    return done.ok ? ok({ answer: { state: done.value } }) : done
  }
}

/** Every command of a socket is a request of its own. */
function actorOf({ newId }: Message['deps'], actor: Actor): Actor {
  return { ...actor, requestId: newId() }
}
