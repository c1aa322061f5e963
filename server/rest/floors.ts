import { z } from 'zod'
import { floorStateOf } from '../../db/rooms/room-state.ts'
import { readOnly } from '../../db/transaction.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import type { ApiDeps } from '../deps.ts'
import { idParams } from './input.ts'
import { roomStateAnswer } from './room-state.ts'
import { roomAnswer } from './rooms.ts'
import { type Route, route } from './route.ts'

/** Floors as a whole. */
export function floorsRoutes(deps: ApiDeps): Route[] {
  const read = (actor: Actor, floorId: string) =>
    readOnly(deps.pool, actor.organizationId, (tx) => floorStateOf(tx, actor, floorId, deps.now()))
  return [
    route({
      method: 'GET',
      path: '/floors/:id/state',
      summary: 'The rooms of a floor and what they are doing, in the order of names',
      params: idParams,
      answers: z.object({
        floorId: z.uuid(),
        rooms: z.array(z.object({ room: roomAnswer, state: roomStateAnswer })),
      }),
      locate: async (actor, { id }) => ((await read(actor, id)) === undefined ? refuse('not_found') : undefined),
      handle: async ({ actor, params }) => {
        const state = await read(actor, params.id)
        return state === undefined ? err(refuse('not_found')) : ok({ status: 200, body: state })
      },
    }),
  ]
}
