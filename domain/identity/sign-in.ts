import type { User } from '../people/user.ts'
import type { Instant } from '../time/instant.ts'
import { ACCESS_SECONDS, type IdentityDeps, type IdentityTx } from './ports.ts'
import { type Session, newSession } from './session.ts'

/** What register, login and refresh answer. */
export interface SignedIn {
  user: User
  accessToken: string
  refreshToken: string
  /** Seconds the access token lives. */
  expiresIn: number
}

/** What a transaction leaves to be signed after its commit. */
export interface OpenedSession {
  session: Pick<Session, 'id' | 'organizationId' | 'userId'>
  user: User
  refreshToken: string
}

/** A request's traits that a session or its audit row keeps. */
export interface Client {
  requestId: string
  userAgent: string | undefined
}

export async function openSession(
  deps: IdentityDeps,
  tx: IdentityTx,
  { accountId, organizationId, user, client, action }: Opening,
  now: Instant,
): Promise<OpenedSession> {
  const userAgent = client.userAgent ?? null
  const session = newSession({ id: deps.newId(), accountId, organizationId, userId: user.id, userAgent }, now)
  const refreshToken = deps.tokens.newRefreshToken()
  await tx.insertSession(session, refreshToken)
  await tx.record(
    { userId: user.id, sessionId: session.id, requestId: client.requestId },
    { action, subjectId: action === 'organization.register' ? organizationId : session.id },
  )
  return { session, user, refreshToken }
}

interface Opening {
  accountId: string
  organizationId: string
  user: User
  client: Client
  action: 'organization.register' | 'session.open'
}

export async function signIn(deps: IdentityDeps, { session, user, refreshToken }: OpenedSession): Promise<SignedIn> {
  return { user, accessToken: await deps.tokens.access(session, user.role), refreshToken, expiresIn: ACCESS_SECONDS }
}
