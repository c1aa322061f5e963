import type { Actor } from '../identity/actor.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type SeenVersion, versionRefusal } from '../versions.ts'
import { openPerson, savePerson } from './open-person.ts'
import type { PeopleDeps } from './ports.ts'

/** Few enough to know who all acts in one's name. */
export const MAX_DELEGATES = 20

export interface SetDelegates {
  userId: string
  seen: SeenVersion
  /** All of them. */
  delegateIds: readonly string[]
}

export interface DelegatesView {
  items: { userId: string }[]
  /** Of the person. */
  version: number
}

/**
 * Says who may act in one's own name: nobody else can, neither managers nor a delegate. Who is left out may not from the next
 * request on. Refuses with `not_found`, `forbidden`, `version_required`, `stale`, or `unknown_reference` for who is nobody here,
 * oneself, or a panel.
 */
export async function setDelegates(
  deps: PeopleDeps,
  actor: Actor,
  { userId, seen, delegateIds }: SetDelegates,
): Promise<Result<DelegatesView, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const opened = await openPerson(tx, actor, userId, 'delegate')
    if (!opened.ok) return opened
    const user = opened.value
    const before = await tx.delegatesOf(user.id)
    const stale = versionRefusal(seen, user, () => delegatesView(user, before))
    if (stale !== undefined) return err(stale)
    const after = [...new Set(delegateIds)].toSorted()
    const people = new Set(await tx.peopleAmong(after))
    const index = delegateIds.findIndex((id) => id === user.id || !people.has(id))
    if (index !== -1) return err(nobody(index))

    await tx.setDelegates(user.id, after, now)
    const detail = {
      added: after.filter((id) => !before.includes(id)),
      removed: before.filter((id) => !after.includes(id)),
    }
    const saved = await savePerson(tx, actor, { user, now, action: 'user.delegates', detail })
    return ok(delegatesView(saved, after))
  })
}

export function delegatesView({ version }: { version: number }, delegateIds: readonly string[]): DelegatesView {
  return { items: delegateIds.map((userId) => ({ userId })), version }
}

function nobody(index: number): Refusal {
  const detail = 'There is no such person beside oneself in this organisation.'
  return refuse('unknown_reference', detail, { errors: [{ pointer: `/items/${index}/userId`, detail }] })
}
