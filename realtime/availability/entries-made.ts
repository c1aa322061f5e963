import { deltaBetween } from '../../domain/availability/subject-delta.ts'
import { type SubjectEntry, entryView, subjectEntry } from '../../domain/availability/subject-entry.ts'
import type { SubjectFacts, Viewer } from '../../domain/availability/subject-facts.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { Interval } from '../../domain/time/instant.ts'

/** Windows that are looked at together are few; more of them are made anew. */
const MAX_PER_SUBJECT = 64

/**
 * Entries, their wire form and what lies between two of them, made once for all who look at the same days. Facts are never changed but
 * replaced, also when a hold is over, and take what was made of them with them.
 */
export class EntriesMade {
  readonly #entries = new WeakMap<SubjectFacts, Map<string, SubjectEntry>>()
  readonly #views = new WeakMap<SubjectEntry, object>()
  /** By the later, then by the earlier one. '': they say the same. */
  readonly #deltas = new WeakMap<SubjectEntry, WeakMap<SubjectEntry, string>>()

  entry(facts: SubjectFacts, window: Interval, viewer: Viewer): SubjectEntry {
    let made = this.#entries.get(facts)
    if (made === undefined || made.size > MAX_PER_SUBJECT) this.#entries.set(facts, (made = new Map()))
    // Only who holds something there sees it otherwise than everybody else.
    const holder = facts.holds.some(({ holderId }) => holderId === viewer.userId) ? viewer.userId : ''
    const key = `${window.start} ${window.end} ${holder}`
    const entry = made.get(key) ?? subjectEntry(facts, window, viewer)
    made.set(key, entry)
    return entry
  }

  view(entry: SubjectEntry): object {
    const view = this.#views.get(entry) ?? entryView(entry)
    this.#views.set(entry, view)
    return view
  }

  /** As JSON, what who holds the one has to be told to hold the other; '' when it is nothing. */
  delta(before: SubjectEntry, after: SubjectEntry): string {
    if (before === after) return ''
    let made = this.#deltas.get(after)
    if (made === undefined) this.#deltas.set(after, (made = new WeakMap()))
    const text = made.get(before) ?? deltaText(before, after)
    made.set(before, text)
    return text
  }
}

function deltaText(before: SubjectEntry, after: SubjectEntry): string {
  const delta = deltaBetween(before, after)
  if (delta === undefined) return ''
  const { window, ...entry } = delta
  const of = window && { from: formatInstant(window.start), to: formatInstant(window.end) }
  return JSON.stringify({ ...entryView(entry), ...(of && { window: of }) })
}
