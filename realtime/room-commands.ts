import { currentSpan } from '../db/tracing.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { Refusal } from '../domain/refusals.ts'
import { type Result, ok } from '../domain/result.ts'
import type { RoomCommand, RoomCommands } from './deps.ts'
import type { Message } from './message.ts'
import type { Payload } from './protocol.ts'

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
    const command = deps.rooms[name] as RoomCommand<typeof payload>
    const done = await command(actorOf(deps, connection.actor), payload)
    return done.ok ? ok({ answer: { state: done.value } }) : done
  }
}

/** Every command of a socket is a request of its own. */
export function actorOf({ newId }: Message['deps'], actor: Actor): Actor {
  return { ...actor, requestId: newId(), trace: currentSpan()?.traceparent }
}
