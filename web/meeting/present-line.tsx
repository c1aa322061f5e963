import { inkStyle } from './person-ink.ts'
import type { Present } from './presence.ts'

/** Who has the document open, and where in it. */
export function PresentLine({ present }: { present: readonly Present[] }) {
  return (
    <ul class="present small" aria-label="Here now">
      {present.map(({ key, name, ink, isSelf, part }) => (
        <li key={key} style={inkStyle(ink)}>
          <span class="person-name">{isSelf ? `${name} (you)` : name}</span>
          {part !== undefined && !isSelf && <span class="soft"> in {part.toLowerCase()}</span>}
        </li>
      ))}
    </ul>
  )
}
