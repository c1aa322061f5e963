import { createHoldsStore } from '../db/holds/holds-tx.ts'
import { releaseHold, renewHold } from '../domain/holds/own-hold.ts'
import { placeHold } from '../domain/holds/place-hold.ts'
import type { HoldCommands } from '../realtime/deps.ts'
import type { Context } from './context.ts'

/** Holds over the socket: the same commands as over HTTP. */
export function holdCommands(context: Pick<Context, 'pool' | 'onNews' | 'now' | 'newId' | 'tzVersion'>): HoldCommands {
  const deps = { ...context, ...createHoldsStore(context) }
  return {
    place: (actor, cmd) => placeHold(deps, actor, cmd),
    renew: (actor, cmd) => renewHold(deps, actor, cmd),
    release: (actor, cmd) => releaseHold(deps, actor, cmd),
  }
}
