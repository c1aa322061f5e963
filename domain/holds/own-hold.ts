import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type Instant, instant } from '../time/instant.ts'
import { type SeenVersion, staleRefusal } from '../versions.ts'
import { type Hold, type OwnHoldView, HOLD_BOUNDS, heldUntil, holdVersion, isOver, ownHoldView } from './hold.ts'
import { holdNews } from './hold-news.ts'
import type { HoldsDeps, HoldsTx } from './ports.ts'

/** Makes a hold last longer, at most twice and not beyond `longestMs`, never shorter. Refuses with `not_found` (also when it is over) or `illegal_transition`. */
export async function renewHold(
  deps: HoldsDeps,
  actor: Actor,
  { holdId, ttlMs }: { holdId: string; ttlMs: number },
): Promise<Result<OwnHoldView, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const found = await ownHold(tx, actor, holdId, now)
    if (!found.ok) return found
    if (found.value.renewals >= HOLD_BOUNDS.renewals) {
      const detail = `A hold is renewed at most ${HOLD_BOUNDS.renewals} times.`
      return err(refuse('illegal_transition', detail, { conflicts: [], suggestions: [] }))
    }
    const { id, createdAt, expiresAt, renewals } = found.value
    const until = instant(Math.max(expiresAt, heldUntil(createdAt, now, ttlMs)))
    const hold = await tx.renew({ id, expiresAt: until, renewals: renewals + 1 })
    const audit = { action: 'hold.renew', subjectId: holdId }
    await tx.record({ actor, events: holdNews('hold.renewed', hold), audit })
    return ok(ownHoldView(hold))
  })
}

/** Gives a hold back. Refuses with `not_found`, or `stale` to who names another version. */
export async function releaseHold(
  deps: HoldsDeps,
  actor: Actor,
  { holdId, ifVersion }: { holdId: string; ifVersion?: SeenVersion['ifVersion'] },
): Promise<Result<undefined, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const found = await ownHold(tx, actor, holdId, now)
    if (!found.ok) return found
    const hold = found.value
    const seen = { ifVersion, version: undefined }
    const outdated = staleRefusal(seen, { version: holdVersion(hold) }, () => ownHoldView(hold))
    if (outdated !== undefined) return err(outdated)
    await tx.end(hold, 'hold.released')
    await tx.record({ actor, events: [], audit: { action: 'hold.release', subjectId: holdId } })
    return ok(undefined)
  })
}

/** One of his own that still holds. Those of others are to him like none. */
export async function ownHold(tx: HoldsTx, actor: Actor, holdId: string, now: Instant): Promise<Result<Hold, Refusal>> {
  const hold = await tx.load(holdId)
  if (hold === undefined || hold.userId !== actor.userId || isOver(hold, now)) {
    return err(refuse('not_found', 'You have no such hold; it may have expired.'))
  }
  return can(actor, 'update', { kind: 'hold', userId: hold.userId }) ? ok(hold) : err(refuse('forbidden'))
}
