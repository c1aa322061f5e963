import { isOver } from '../../domain/holds/hold.ts'
import type { EndedHold } from '../../domain/holds/hold-news.ts'
import type { Claim } from '../../domain/meetings/meeting.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { type HoldRow, holdOf } from './holds-rows.ts'
import { CLEAR_HOLDS } from './holds-sql.ts'

type Span = Pick<Claim, 'resourceId' | 'blockedFrom' | 'blockedUntil'>

/** How the claims of one transaction get past holds: those of its own person never block him, and those that are over nobody. */
export interface HoldWay {
  readonly ownerId: string
  /** What was taken away so far. Whatever the transaction records tells of it (domain/holds/hold-news.ts: withEndedHolds). */
  readonly ended: EndedHold[]
  /** Takes away what gives way to these claims. True: something did, so what was not granted may be claimed again. */
  clear(claims: readonly Span[]): Promise<boolean>
}

export function openHoldWay(tx: OrganizationTx, ownerId: string, now: Instant): HoldWay {
  const ended: EndedHold[] = []
  return {
    ownerId,
    ended,
    async clear(claims) {
      if (claims.length === 0) return false
      const { rows } = await tx.query<HoldRow>('holds-clear', CLEAR_HOLDS, [
        tx.organizationId,
        ownerId,
        now,
        claims.map((claim) => claim.resourceId),
        claims.map((claim) => claim.blockedFrom),
        claims.map((claim) => claim.blockedUntil),
      ])
      const holds = rows.map(holdOf)
      ended.push(
        ...holds.map((hold) => ({ hold, type: isOver(hold, now) ? 'hold.expired' : 'hold.converted' }) as const),
      )
      return holds.length > 0
    },
  }
}
