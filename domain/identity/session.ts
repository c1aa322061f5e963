import { type Instant, DAY_MS, SECOND_MS, plus } from '../time/instant.ts'

/** One sign-in of one user on one device: the family of its refresh tokens. */
export interface Session {
  id: string
  accountId: string
  organizationId: string
  userId: string
  createdAt: Instant
  lastSeenAt: Instant
  expiresAt: Instant
  userAgent: string | null
}

export const SESSION_MS = 30 * DAY_MS
/** A lost answer is repeated within this time, or it is a thief's. */
const RETRY_MS = 10 * SECOND_MS

export function newSession(
  given: Pick<Session, 'id' | 'accountId' | 'organizationId' | 'userId' | 'userAgent'>,
  now: Instant,
): Session {
  return { ...given, createdAt: now, lastSeenAt: now, expiresAt: plus(now, SESSION_MS) }
}

/** A refresh token as it is found while its session is locked. */
export interface RefreshTokenFacts {
  revokedAt: Instant | null
  expiresAt: Instant
  usedAt: Instant | null
  retriedAt: Instant | null
  successorUsed: boolean
}

/**
 * What a presented refresh token gets: `rotate` its successor; `retry` the same successor again, once and only while
 * nobody has used that; `reuse` the end of its session, because two hold it (RFC 9700, 4.14.2); `ended` nothing.
 */
export function judgeRefresh(token: RefreshTokenFacts, now: Instant): 'rotate' | 'retry' | 'reuse' | 'ended' {
  if (token.revokedAt !== null || token.expiresAt <= now) return 'ended'
  if (token.usedAt === null) return 'rotate'
  const isRetry = token.retriedAt === null && !token.successorUsed && now - token.usedAt <= RETRY_MS
  return isRetry ? 'retry' : 'reuse'
}
