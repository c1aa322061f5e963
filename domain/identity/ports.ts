import type { Clock, Ids } from '../deps.ts'
import type { AuditEntry } from '../news.ts'
import type { User } from '../people/user.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { Actor, Role } from './actor.ts'
import type { RefreshTokenFacts, Session } from './session.ts'

/** Who a token speaks for. `surface` keeps a socket ticket from opening the HTTP doors. */
export interface Principal {
  organizationId: string
  userId: string
  role: Role
  sessionId: string
  /** Of a panel: the one room it stands beside. */
  roomId?: string | undefined
  /** Epoch milliseconds at which the token itself ends (its session may live on); a device's does not. */
  expiresAt: number
}

export type Surface = 'http' | 'socket'

/** undefined: missing, malformed, expired, for another surface, or of a session that ended. */
export type Authenticate = (token: string | undefined, surface: Surface) => Promise<Principal | undefined>

/** Slow on purpose, so only some run at once: more than can wait are refused with `too_many_requests`. */
export interface Passwords {
  hash(password: string): Promise<Result<string, Refusal>>
  /** Takes as long without a hash as with one; the answer is no. */
  verify(hash: string | undefined, password: string): Promise<Result<boolean, Refusal>>
}

/** Signed and opaque tokens. */
export interface SessionTokens {
  /** Opens both surfaces for `ACCESS_SECONDS`. */
  access(session: Pick<Session, 'id' | 'organizationId' | 'userId'>, role: Role): Promise<string>
  /** Opens sockets and documents only, until the session expires. */
  socketTicket(session: Pick<Session, 'id' | 'organizationId' | 'userId' | 'expiresAt'>): Promise<string>
  /** Opens both surfaces for what a panel of that room may, until its session is revoked. */
  device(session: Pick<Session, 'id' | 'organizationId' | 'userId'>, roomId: string): Promise<string>
  newRefreshToken(): string
  /** Always the same for the same token, and guessed by nobody without the application key. */
  successorOf(refreshToken: string): string
}

/** Seconds. */
export const ACCESS_SECONDS = 600

/** What proves who somebody is: an account's membership and the hash that opens it, if any does. */
export interface Credentials {
  accountId: string
  organizationId: string
  userId: string
  passwordHash: string | undefined
}

export type SessionRef = Pick<Session, 'id' | 'accountId' | 'organizationId' | 'userId'>

/** What commands on sessions need of one transaction. Refresh tokens come as issued; the store keeps hashes. */
export interface IdentityTx {
  /** The id; undefined when this e-mail address has an account with a password. */
  foundAccount(account: { id: string; email: string; passwordHash: string }, now: Instant): Promise<string | undefined>
  /** False: the name is taken. Nothing may be written after that. */
  insertOrganization(organization: { id: string; name: string }, now: Instant): Promise<boolean>
  /** The person, opened by the account's own password. */
  insertFounder(accountId: string, user: User): Promise<void>
  findUser(userId: string): Promise<User | undefined>
  insertSession(session: Session, refreshToken: string): Promise<void>
  /** Locks the session, then looks. */
  lockRefreshToken(sessionId: string, refreshToken: string, successor: string): Promise<RefreshTokenFacts>
  rotate(sessionId: string, refreshToken: string, successor: string, now: Instant): Promise<void>
  noteRetry(refreshToken: string, now: Instant): Promise<void>
  /** Whose it is, if it is anybody's of this organisation. */
  ownerOfSession(sessionId: string): Promise<string | undefined>
  /** False: it had ended before. */
  revokeSession(sessionId: string, reason: string, now: Instant): Promise<boolean>
  record(actor: Pick<Actor, 'userId' | 'sessionId' | 'requestId'>, audit: AuditEntry): Promise<void>
}

export interface IdentityDeps extends Clock, Ids {
  passwords: Passwords
  tokens: SessionTokens
  /** In the organisation of that name or id; without one the account's own, else the oldest. */
  findCredentials(email: string, organization: string | undefined): Promise<Credentials | undefined>
  findSessionOf(refreshToken: string): Promise<SessionRef | undefined>
  /** undefined: ended, expired or never there. */
  findLiveSession(sessionId: string, now: Instant): Promise<(SessionRef & { expiresAt: Instant }) | undefined>
  /** Lets the end of a session take effect on this process at once; the others hear of it within a second. */
  sessionEnded(sessionId: string): void
  /** One transaction; only an `ok` commits. */
  transact<T>(
    scope: { organizationId: string; userId: string },
    now: Instant,
    work: (tx: IdentityTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
