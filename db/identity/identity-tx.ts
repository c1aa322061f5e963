import { hash } from 'node:crypto'
import type { Ids } from '../../domain/deps.ts'
import type { IdentityTx } from '../../domain/identity/ports.ts'
import type { RefreshTokenFacts } from '../../domain/identity/session.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { record } from '../outbox.ts'
import { findUser, insertUser } from '../people/people-tx.ts'
import type { OrganizationTx } from '../transaction.ts'
import { CLOSED } from './access.ts'

export function identityTx(ids: Ids, tx: OrganizationTx, now: Instant): IdentityTx {
  return {
    async foundAccount({ id, email, passwordHash }, at) {
      const { rows } = await tx.query<{ id: string }>('account-found', FOUND_ACCOUNT, [id, email, passwordHash, at])
      return rows[0]?.id
    },
    async insertOrganization({ id, name }, at) {
      const { rowCount } = await tx.query(
        'organization-insert',
        `INSERT INTO identity.organization (id, name, created_at) VALUES ($1, $2, to_timestamp($3 / 1000.0))
         ON CONFLICT DO NOTHING`,
        [id, name, at],
      )
      return rowCount === 1
    },
    async insertFounder(accountId, user) {
      await insertUser(tx, user)
      await tx.query(
        'membership-found',
        'INSERT INTO identity.membership (account_id, organization_id, user_id) VALUES ($1, $2, $3)',
        [accountId, tx.organizationId, user.id],
      )
    },
    findUser: (userId) => findUser(tx, userId),
    async insertSession(session, refreshToken) {
      const { id, accountId, organizationId, userId, createdAt, expiresAt, userAgent } = session
      const values = [id, accountId, organizationId, userId, createdAt, expiresAt, userAgent, tokenHash(refreshToken)]
      await tx.query('session-insert', INSERT_SESSION, values)
    },
    async lockRefreshToken(sessionId, refreshToken, successor) {
      // Two statements, sent together: only the second sees what was committed while the first waited.
      const locked = tx.query('session-lock', 'SELECT FROM identity.session WHERE id = $1 FOR UPDATE', [sessionId])
      const found = tx.query<FactsRow>('refresh-facts', FACTS, [tokenHash(refreshToken), tokenHash(successor)])
      await locked
      return factsOf((await found).rows[0])
    },
    async rotate(sessionId, refreshToken, successor, at) {
      await tx.query('refresh-rotate', ROTATE, [tokenHash(refreshToken), tokenHash(successor), sessionId, at])
    },
    async noteRetry(refreshToken, at) {
      await tx.query(
        'refresh-retry',
        'UPDATE identity.refresh_token SET retried_at = to_timestamp($2 / 1000.0) WHERE token_hash = $1',
        [tokenHash(refreshToken), at],
      )
    },
    async ownerOfSession(sessionId) {
      const { rows } = await tx.query<{ user_id: string }>(
        'session-owner',
        'SELECT user_id FROM identity.session WHERE organization_id = $1 AND id = $2',
        [tx.organizationId, sessionId],
      )
      return rows[0]?.user_id
    },
    async revokeSession(sessionId, reason, at) {
      const { rowCount } = await tx.query(
        'session-revoke',
        `UPDATE identity.session SET revoked_at = to_timestamp($3 / 1000.0), revoked_reason = $2
         WHERE id = $1 AND revoked_at IS NULL`,
        [sessionId, reason, at],
      )
      return rowCount === 1
    },
    record: (actor, audit) => record(tx, { actor, now, id: ids.newId(), events: [], audit }),
  }
}

/** What the store keeps of a refresh token. It is 256 random bits, so one round of SHA-256 hides it. */
export function tokenHash(refreshToken: string): Buffer {
  return hash('sha256', refreshToken, 'buffer')
}

interface FactsRow {
  revoked_at: Instant | null
  expires_at: Instant
  used_at: Instant | null
  retried_at: Instant | null
  successor_used: boolean
}

function factsOf(row: FactsRow | undefined): RefreshTokenFacts {
  // Gone between lookup and lock: its session was deleted.
  if (row === undefined)
    return { revokedAt: 0 as Instant, expiresAt: 0 as Instant, usedAt: null, retriedAt: null, successorUsed: false }
  return {
    revokedAt: row.revoked_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    retriedAt: row.retried_at,
    successorUsed: row.successor_used,
  }
}

// An account that never had a password carries only memberships with their own, which this does not open.
const FOUND_ACCOUNT = `
  INSERT INTO identity.account AS known (id, email, password_hash, created_at, updated_at)
  VALUES ($1, $2, $3, to_timestamp($4 / 1000.0), to_timestamp($4 / 1000.0))
  ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at
    WHERE known.password_hash = '${CLOSED}'
  RETURNING id`

const INSERT_SESSION = `
  WITH opened AS (
    INSERT INTO identity.session (id, account_id, organization_id, user_id, created_at, last_seen_at, expires_at, user_agent)
    VALUES ($1, $2, $3, $4, to_timestamp($5 / 1000.0), to_timestamp($5 / 1000.0), to_timestamp($6 / 1000.0), $7)
    RETURNING id, created_at
  )
  INSERT INTO identity.refresh_token (token_hash, session_id, created_at) SELECT $8, id, created_at FROM opened`

const FACTS = `
  SELECT s.revoked_at, s.expires_at, t.used_at, t.retried_at,
    EXISTS (SELECT FROM identity.refresh_token n WHERE n.token_hash = $2 AND n.used_at IS NOT NULL) AS successor_used
  FROM identity.refresh_token t JOIN identity.session s ON s.id = t.session_id
  WHERE t.token_hash = $1`

const ROTATE = `
  WITH used AS (
    UPDATE identity.refresh_token SET used_at = to_timestamp($4 / 1000.0) WHERE token_hash = $1
  ), seen AS (
    UPDATE identity.session SET last_seen_at = to_timestamp($4 / 1000.0) WHERE id = $3
  )
  INSERT INTO identity.refresh_token (token_hash, session_id, created_at) VALUES ($2, $3, to_timestamp($4 / 1000.0))`
