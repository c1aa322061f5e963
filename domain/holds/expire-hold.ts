import type { Actor } from '../identity/actor.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import { isOver } from './hold.ts'
import type { HoldsDeps } from './ports.ts'

/** Takes a hold away whose time is over and says so. Answers when to look again; undefined: it is gone. */
export async function expireHold(
  deps: HoldsDeps,
  actor: Actor,
  { holdId }: { holdId: string },
): Promise<Result<Instant | undefined, Refusal>> {
  const now = deps.now()
  return deps.transact<Instant | undefined>(actor, now, async (tx) => {
    const hold = await tx.load(holdId)
    if (hold === undefined) return ok(undefined)
    if (!isOver(hold, now)) return ok(hold.expiresAt)
    await tx.end(hold, 'hold.expired')
    await tx.record({ actor, events: [], audit: { action: 'hold.expire', subjectId: holdId } })
    return ok(undefined)
  })
}
