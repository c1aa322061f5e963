import type { Absence } from '../availability/person-rules.ts'
import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import type { Refusal } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { formatInstant } from '../time/iso.ts'
import { type SeenVersion, versionRefusal } from '../versions.ts'
import { openPerson, savePerson } from './open-person.ts'
import type { PeopleDeps } from './ports.ts'

export interface SetAbsences {
  userId: string
  seen: SeenVersion
  /** All of them; they may overlap. */
  items: readonly Absence[]
}

/** When a person is away, in the order of time, as the doors show it. */
export interface AbsencesView {
  items: { start: string; end: string; reason?: string }[]
  /** Of the person. */
  version: number
}

/** Says when a person is away: himself, or managers. Refuses with `not_found`, `forbidden`, `version_required` or `stale`. */
export async function setAbsences(
  deps: PeopleDeps,
  actor: Actor,
  { userId, seen, items }: SetAbsences,
): Promise<Result<AbsencesView, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const opened = await openPerson(tx, actor, userId, 'update')
    if (!opened.ok) return opened
    const user = opened.value
    const before = await tx.timeOf(user.id)
    const refusal = versionRefusal(seen, user, () => absencesView(actor, user, before.absences))
    if (refusal !== undefined) return err(refusal)

    const absences = items.toSorted((a, b) => a.start - b.start || a.end - b.end)
    await tx.updateTime(user.id, { absences })
    const detail = { absences: absences.length }
    const saved = await savePerson(tx, actor, { user, now, action: 'user.absences', detail })
    return ok(absencesView(actor, saved, absences))
  })
}

/** Who may know of the person may know when he is away; why, only himself and managers. */
export function absencesView(
  actor: Actor,
  { id: userId, version }: { id: string; version: number },
  absences: readonly Absence[],
): AbsencesView {
  const saysWhy = can(actor, 'read_content', { kind: 'user', userId })
  const items = absences.map(({ start, end, reason }) => ({
    start: formatInstant(start),
    end: formatInstant(end),
    ...(saysWhy && reason !== undefined && { reason }),
  }))
  return { items, version }
}
