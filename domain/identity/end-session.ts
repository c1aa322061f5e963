import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Actor } from './actor.ts'
import { can } from './can.ts'
import type { IdentityDeps } from './ports.ts'

/** Ends one of the actor's own sessions, everywhere within a second. Anybody else's is `not_found`; again: the same answer. */
export async function endSession(
  deps: IdentityDeps,
  actor: Actor,
  sessionId: string,
): Promise<Result<undefined, Refusal>> {
  const now = deps.now()
  const ended = await deps.transact(actor, now, async (tx) => {
    const ownerId = await tx.ownerOfSession(sessionId)
    if (ownerId === undefined || !can(actor, 'cancel', { kind: 'session', userId: ownerId })) {
      return err(refuse('not_found'))
    }
    if (await tx.revokeSession(sessionId, 'revoked', now)) {
      await tx.record(actor, { action: 'session.revoke', subjectId: sessionId, detail: { reason: 'revoked' } })
    }
    return ok(undefined)
  })
  if (ended.ok) deps.sessionEnded(sessionId)
  return ended
}
