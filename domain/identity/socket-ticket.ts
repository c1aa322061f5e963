import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Actor } from './actor.ts'
import type { IdentityDeps } from './ports.ts'

/** A token for sockets and documents that lives as long as the session, so that a stock client reconnects all day. */
export async function issueSocketTicket(deps: IdentityDeps, actor: Actor): Promise<Result<string, Refusal>> {
  const session = await deps.findLiveSession(actor.sessionId, deps.now())
  return session === undefined ? err(refuse('unauthenticated')) : ok(await deps.tokens.socketTicket(session))
}
