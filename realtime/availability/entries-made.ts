import { type SubjectEntry, entryView, subjectEntry } from '../../domain/availability/subject-entry.ts'
import type { SubjectFacts, Viewer } from '../../domain/availability/subject-facts.ts'
import type { Interval } from '../../domain/time/instant.ts'

/** Windows that are looked at together are few; more of them are made anew. */
const MAX_PER_SUBJECT = 64

/**
 * Entries and their wire form, made once for all who look at the same days. Facts are never changed but replaced, also when a hold is over,
 * and take what was made of them with them.
 */
export class EntriesMade {
  readonly #entries = new WeakMap<SubjectFacts, Map<string, SubjectEntry>>()
  readonly #views = new WeakMap<SubjectEntry, object>()
  readonly #texts = new WeakMap<SubjectEntry, string>()

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

  /** The view as JSON. */
  text(entry: SubjectEntry): string {
    const text = this.#texts.get(entry) ?? JSON.stringify(this.view(entry))
    this.#texts.set(entry, text)
    return text
  }
}
