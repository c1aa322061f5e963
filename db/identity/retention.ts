import type { Pool } from 'pg'
import type { Instant } from '../../domain/time/instant.ts'

/** Removes sessions that ended before `before`, with their refresh tokens, at most `limit`. Answers how many. */
export async function removeEndedSessions(pool: Pool, before: Instant, limit: number): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'sessions-remove',
    text: `DELETE FROM identity.session WHERE id IN (
             SELECT id FROM identity.session
             WHERE expires_at < to_timestamp($1::float8 / 1000) OR revoked_at < to_timestamp($1::float8 / 1000) LIMIT $2)`,
    values: [before, limit],
  })
  return rowCount ?? 0
}

/** Removes refresh tokens that were used before `before`: one that comes back later belongs to a session nobody renewed since. */
export async function removeUsedTokens(pool: Pool, before: Instant, limit: number): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'refresh-tokens-remove',
    text: `DELETE FROM identity.refresh_token WHERE token_hash IN (
             SELECT token_hash FROM identity.refresh_token WHERE used_at < to_timestamp($1::float8 / 1000) LIMIT $2)`,
    values: [before, limit],
  })
  return rowCount ?? 0
}
