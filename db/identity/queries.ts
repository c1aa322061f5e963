import type { Pool } from 'pg'
import type { Credentials, SessionRef } from '../../domain/identity/ports.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { CLOSED } from './access.ts'
import { tokenHash } from './identity-tx.ts'

export async function findCredentials(
  pool: Pool,
  email: string,
  organization?: string,
): Promise<Credentials | undefined> {
  const { rows } = await pool.query<CredentialsRow>({
    name: 'credentials',
    text: CREDENTIALS,
    values: [email, organization ?? null],
  })
  const row = rows[0]
  return (
    row && {
      accountId: row.account_id,
      organizationId: row.organization_id,
      userId: row.user_id,
      passwordHash: row.password_hash === CLOSED ? undefined : row.password_hash,
    }
  )
}

export async function findSessionOf(pool: Pool, refreshToken: string): Promise<SessionRef | undefined> {
  const { rows } = await pool.query<SessionRow>({
    name: 'session-of-token',
    text: `SELECT s.id, s.account_id, s.organization_id, s.user_id, s.expires_at
           FROM identity.refresh_token t JOIN identity.session s ON s.id = t.session_id WHERE t.token_hash = $1`,
    values: [tokenHash(refreshToken)],
  })
  return rows[0] && sessionOf(rows[0])
}

/** undefined: ended, expired or never there. */
export async function findLiveSession(
  pool: Pool,
  sessionId: string,
  now: Instant,
): Promise<(SessionRef & { expiresAt: Instant }) | undefined> {
  const { rows } = await pool.query<SessionRow>({
    name: 'session-live',
    text: `SELECT id, account_id, organization_id, user_id, expires_at FROM identity.session
           WHERE id = $1 AND revoked_at IS NULL AND expires_at > to_timestamp($2 / 1000.0)`,
    values: [sessionId, now],
  })
  return rows[0] && { ...sessionOf(rows[0]), expiresAt: rows[0].expires_at }
}

/** A live session as its owner sees it. */
export interface OwnSession {
  id: string
  createdAt: Instant
  /** As of the last refresh. */
  lastSeenAt: Instant
  expiresAt: Instant
  userAgent: string | null
}

interface OwnSessionFilter {
  organizationId: string
  userId: string
  now: Instant
  limit: number
  /** The id of the last session of the page before. */
  after?: string | undefined
}

/** The user's sessions that can still be used, the youngest first; at most `limit`. */
export async function listSessions(pool: Pool, filter: OwnSessionFilter): Promise<OwnSession[]> {
  const { organizationId, userId, now, limit, after } = filter
  const { rows } = await pool.query<OwnSession>({
    name: 'sessions-list',
    text: `SELECT id, created_at AS "createdAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt", user_agent AS "userAgent"
           FROM identity.session
           WHERE organization_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > to_timestamp($3 / 1000.0)
             AND ($4::uuid IS NULL OR id < $4)
           ORDER BY id DESC LIMIT $5`,
    values: [organizationId, userId, now, after ?? null, limit],
  })
  return rows
}

interface CredentialsRow {
  account_id: string
  organization_id: string
  user_id: string
  password_hash: string
}

interface SessionRow {
  id: string
  account_id: string
  organization_id: string
  user_id: string
  expires_at: Instant
}

function sessionOf(row: SessionRow): SessionRef {
  return { id: row.id, accountId: row.account_id, organizationId: row.organization_id, userId: row.user_id }
}

// The account's own memberships come first: nobody gets between a person and his organisation by adding him to theirs.
// User ids grow with time, so the least is the oldest.
const CREDENTIALS = `
  SELECT m.account_id, m.organization_id, m.user_id, coalesce(m.password_hash, a.password_hash) AS password_hash
  FROM identity.account a
    JOIN identity.membership m ON m.account_id = a.id
    JOIN identity.organization o ON o.id = m.organization_id
  WHERE a.email = $1 AND ($2::text IS NULL OR o.id::text = lower($2) OR lower(o.name) = lower($2))
  ORDER BY m.password_hash IS NOT NULL, m.user_id LIMIT 1`
