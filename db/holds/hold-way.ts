import { type Hold, isOver } from '../../domain/holds/hold.ts'
import type { EndedHold, HoldEnd } from '../../domain/holds/hold-news.ts'
import type { Claim } from '../../domain/meetings/meeting.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { OrganizationTx } from '../transaction.ts'
import { type HoldRow, holdOf } from './holds-rows.ts'
import { CLEAR_HOLDS, DELETE_HOLD, LOCK_HOLD } from './holds-sql.ts'

type Span = Pick<Claim, 'resourceId' | 'blockedFrom' | 'blockedUntil'>

/** How the claims of one transaction get past holds: those of its own person never block him, and those that are over nobody. */
export interface HoldWay {
  readonly ownerId: string
  /** What was taken away so far. Whatever the transaction records tells of it (domain/holds/hold-news.ts: withEndedHolds). */
  readonly ended: EndedHold[]
  /**
   * Takes away what gives way to these claims, and says of his own that they ended so. True: something did, so what was not
   * granted may be claimed again.
   */
  clear(claims: readonly Span[], own?: HoldEnd): Promise<boolean>
}

export function openHoldWay(tx: OrganizationTx, ownerId: string, now: Instant): HoldWay {
  const ended: EndedHold[] = []
  return {
    ownerId,
    ended,
    async clear(claims, own = 'hold.converted') {
      if (claims.length === 0) return false
      const { rows } = await tx.query<HoldRow & { ends: boolean }>('holds-clear', CLEAR_HOLDS, [
        tx.organizationId,
        ownerId,
        now,
        claims.map((claim) => claim.resourceId),
        claims.map((claim) => claim.blockedFrom),
        claims.map((claim) => claim.blockedUntil),
      ])
      for (const row of rows) {
        const hold = holdOf(row)
        const type = isOver(hold, now) ? 'hold.expired' : own
        ended.push(row.ends ? { hold, type } : { ...(await settled(tx, hold)), type })
      }
      return rows.length > 0
    },
  }
}

/** Of a hold that gave rooms away, and what is left of it. Who takes its last room at the same time does not see that he does. */
async function settled(tx: OrganizationTx, hold: Hold): Promise<Omit<EndedHold, 'type'>> {
  const { rows } = await tx.query<HoldRow>('hold-rest', LOCK_HOLD, [tx.organizationId, hold.id])
  const rest = holdOf(rows[0] as HoldRow)
  if (rest.claims.some((claim) => claim.exclusive)) return { hold, rest }
  await tx.query('hold-rest-delete', DELETE_HOLD, [tx.organizationId, hold.id])
  return { hold: { ...hold, claims: [...hold.claims, ...rest.claims] } }
}
