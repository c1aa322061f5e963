import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { type SeenVersion, staleRefusal } from '../versions.ts'
import type { Holiday, PeopleDeps } from './ports.ts'

/** A calendar as the doors show it, in the order of days. */
export interface HolidaysView {
  calendar: string
  items: Holiday[]
  version: number
}

export interface SetHolidays {
  calendar: string
  seen: SeenVersion
  /** All of them, each day once; none: the calendar goes. */
  items: readonly Holiday[]
}

/** Writes a holiday calendar, new or not: managers. Refuses with `forbidden` or `stale`. */
export async function setHolidays(
  deps: PeopleDeps,
  actor: Actor,
  { calendar, seen, items }: SetHolidays,
): Promise<Result<HolidaysView, Refusal>> {
  if (!can(actor, 'update', { kind: 'holidays' })) return err(refuse('forbidden'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    await tx.lockHolidays(calendar)
    const before = holidaysView(calendar, await tx.holidaysOf(calendar))
    const refusal = staleRefusal(seen, before, () => before)
    if (refusal !== undefined) return err(refusal)

    const after = items.toSorted((a, b) => (a.date < b.date ? -1 : 1))
    await tx.setHolidays(calendar, after)
    await tx.record(actor, {
      events: [],
      audit: {
        action: 'holidays.update',
        subjectId: actor.organizationId,
        detail: { calendar, days: after.length },
      },
    })
    return ok(holidaysView(calendar, after))
  })
}

export function holidaysView(calendar: string, items: readonly Holiday[]): HolidaysView {
  return { calendar, items: [...items], version: versionOf(items) }
}

/** Of what is in it (FNV-1a, at most nine digits): a calendar has no row of its own that could count. */
function versionOf(items: readonly Holiday[]): number {
  let hash = 0x811c9dc5
  const text = JSON.stringify(items.map(({ date, name }) => [date, name]))
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return ((hash >>> 0) % 999_999_999) + 1
}
