import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok, unreachable } from '../result.ts'
import type { IdentityDeps } from './ports.ts'
import { judgeRefresh } from './session.ts'
import { type OpenedSession, type SignedIn, signIn } from './sign-in.ts'

export interface Refresh {
  refreshToken: string
  requestId: string
}

/**
 * Turns a refresh token into its successor and a new access token. Everything else is `invalid_refresh_token`; a token
 * that comes back (but for one repeat of a lost answer) ends its session for everybody who holds a token of it.
 */
export async function refresh(
  deps: IdentityDeps,
  { refreshToken, requestId }: Refresh,
): Promise<Result<SignedIn, Refusal>> {
  const session = await deps.findSessionOf(refreshToken)
  if (session === undefined) return err(refuse('invalid_refresh_token'))
  const successor = deps.tokens.successorOf(refreshToken)
  const now = deps.now()
  // A reuse commits too: the end of the session must stand.
  const turned = await deps.transact(session, now, async (tx): Promise<Result<OpenedSession | 'reused', Refusal>> => {
    const verdict = judgeRefresh(await tx.lockRefreshToken(session.id, refreshToken, successor), now)
    const user = await tx.findUser(session.userId)
    if (user === undefined || verdict === 'ended') return err(refuse('invalid_refresh_token'))
    switch (verdict) {
      case 'rotate':
        await tx.rotate(session.id, refreshToken, successor, now)
        return ok({ session, user, refreshToken: successor })
      case 'retry':
        await tx.noteRetry(refreshToken, now)
        return ok({ session, user, refreshToken: successor })
      case 'reuse':
        await tx.revokeSession(session.id, 'refresh_token_reused', now)
        await tx.record(
          { userId: session.userId, sessionId: session.id, requestId },
          { action: 'session.revoke', subjectId: session.id, detail: { reason: 'refresh_token_reused' } },
        )
        return ok('reused')
      default:
        return unreachable(verdict)
    }
  })
  if (!turned.ok) return turned
  if (turned.value !== 'reused') return ok(await signIn(deps, turned.value))
  deps.sessionEnded(session.id)
  return err(refuse('invalid_refresh_token'))
}
