import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { IdentityDeps, Principal, SessionRef } from './ports.ts'

export interface Logout {
  /** Who the access token speaks for, if there was a good one. */
  principal: Principal | undefined
  refreshToken: string | undefined
  requestId: string
}

/**
 * Ends the session of the access token and that of the refresh token, usually the same. Either proves enough: an app that
 * was closed for a day has no living access token. `unauthenticated` when neither names a session, `forbidden` to a panel.
 */
export async function logout(deps: IdentityDeps, cmd: Logout): Promise<Result<undefined, Refusal>> {
  // A panel is sent away by who manages rooms, not by a hand on its screen.
  if (cmd.principal?.role === 'panel') return err(refuse('forbidden'))
  const now = deps.now()
  const sessions = new Map<string, SessionRef>()
  const presented = [
    cmd.principal && (await deps.findLiveSession(cmd.principal.sessionId, now)),
    cmd.refreshToken === undefined ? undefined : await deps.findSessionOf(cmd.refreshToken),
  ]
  for (const session of presented) if (session !== undefined) sessions.set(session.id, session)
  if (sessions.size === 0) return err(refuse('unauthenticated'))

  for (const session of sessions.values()) {
    const ended = await deps.transact(session, now, async (tx) => {
      if (await tx.revokeSession(session.id, 'logout', now)) {
        const actor = { userId: session.userId, sessionId: session.id, requestId: cmd.requestId }
        await tx.record(actor, { action: 'session.end', subjectId: session.id })
      }
      return ok(undefined)
    })
    if (!ended.ok) return ended
    deps.sessionEnded(session.id)
  }
  return ok(undefined)
}
