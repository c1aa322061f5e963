import { dayOf as dayName } from '../client/zone.ts'
import { statusOf, statusWords, titleOf } from './calendar-entry.tsx'
import type { CalendarEntry } from './shapes.ts'

interface AllDayListProps {
  day: string
  /** Those that lie on this day. */
  entries: readonly CalendarEntry[]
  /** The entry that is in the tab order, if it is shown here: one that lasts longer is on several days. */
  activeId: string | undefined
  onOpen: (entry: CalendarEntry) => void
}

/** What lasts the whole day, above its hours. Meetings open; what comes from elsewhere is only shown. */
export function AllDayList({ day, entries, activeId, onOpen }: AllDayListProps) {
  return (
    <ul class="calendar-all-day" aria-label={`All of ${dayName(day)}`}>
      {entries.map((entry) => (
        <li key={entry.id} class="entry-day" data-kind={entry.kind} data-status={statusOf(entry)}>
          {entry.meetingId === undefined ? (
            <p class="entry-box">
              <span class="entry-title">{titleOf(entry)}</span>
            </p>
          ) : (
            <button
              type="button"
              class="entry-box"
              data-entry={entry.id}
              tabIndex={entry.id === activeId ? 0 : -1}
              aria-label={`${titleOf(entry)}, all day${statusWords(statusOf(entry))}`}
              onClick={() => onOpen(entry)}
            >
              <span class="entry-title">{titleOf(entry)}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
