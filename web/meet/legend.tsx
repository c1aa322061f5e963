import type { BusyKind } from './shapes.ts'
import { KIND_WORDS } from './subjects.ts'

const KINDS: readonly BusyKind[] = ['busy', 'tentative', 'external', 'absent', 'hold']

/** What the patterns mean; the names of the cells say the same. */
export function Legend() {
  return (
    <ul class="legend small soft" aria-hidden="true">
      <li>
        <span class="legend-box heat-work" /> Working hours
      </li>
      {KINDS.map((kind) => (
        <li key={kind}>
          <span class="legend-box heat-span" data-kind={kind} /> {KIND_WORDS[kind]}
        </li>
      ))}
    </ul>
  )
}
