import type { Instant, Interval } from '../time/instant.ts'
import type { ExternalEvent } from './external-event.ts'

export interface Listing {
  events: readonly ExternalEvent[]
  /** Events with a part that could not be read: what is held of them stays. */
  withheld: ReadonlySet<string>
  /** The span that was read. Absence means something inside it only. */
  window: Interval
}

export interface Reconciled {
  upserts: ExternalEvent[]
  /** Ids. */
  deletes: string[]
  added: number
  changed: number
  removed: number
}

/**
 * What has to change so that the store holds what a complete listing says: by (uid, recurrenceId), which `id` stands for. What has
 * passed out of the window goes without being counted. A listing is complete or there is none: pages that failed never get here.
 */
export function reconcile(before: readonly ExternalEvent[], listing: Listing): Reconciled {
  const held = new Map(before.map((event) => [event.id, event]))
  const result: Reconciled = { upserts: [], deletes: [], added: 0, changed: 0, removed: 0 }
  for (const event of listing.events) {
    const known = held.get(event.id)
    held.delete(event.id)
    if (known !== undefined && isSame(known, event)) continue
    result.upserts.push(event)
    if (known === undefined) result.added++
    else result.changed++
  }
  for (const gone of held.values()) {
    if (hasPassed(gone, listing.window.start)) result.deletes.push(gone.id)
    else if (!listing.withheld.has(gone.uid)) {
      result.deletes.push(gone.id)
      result.removed++
    }
  }
  return result
}

function hasPassed(event: ExternalEvent, from: Instant): boolean {
  return event.end <= from
}

function isSame(a: ExternalEvent, b: ExternalEvent): boolean {
  return (
    a.start === b.start &&
    a.end === b.end &&
    a.allDay === b.allDay &&
    a.busy === b.busy &&
    a.status === b.status &&
    a.summary === b.summary
  )
}
