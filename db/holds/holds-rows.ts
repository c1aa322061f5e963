import type { Hold, HoldClaim } from '../../domain/holds/hold.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { parseTimestamp } from '../timestamps.ts'

/** A row of `hold` with its allocations as JSON, whose times are ISO 8601 in UTC. */
export interface HoldRow {
  id: string
  user_id: string
  starts_at: Instant
  ends_at: Instant
  created_at: Instant
  expires_at: Instant
  renewals: number
  claims: ClaimJson[] | null
}

type Times = 'start' | 'end' | 'blockedFrom' | 'blockedUntil'
type ClaimJson = Omit<HoldClaim, Times> & Record<Times, string>

export function holdOf(row: HoldRow): Hold {
  return {
    id: row.id,
    userId: row.user_id,
    start: row.starts_at,
    end: row.ends_at,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    renewals: row.renewals,
    claims: (row.claims ?? []).map((claim) => ({
      ...claim,
      start: parseTimestamp(claim.start),
      end: parseTimestamp(claim.end),
      blockedFrom: parseTimestamp(claim.blockedFrom),
      blockedUntil: parseTimestamp(claim.blockedUntil),
    })),
  }
}
