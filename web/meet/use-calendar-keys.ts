import { type RefObject } from 'preact'
import { useState } from 'preact/hooks'
import { addDays, dateIn, instantIn, timeIn } from '../client/zone.ts'
import { STEP_MS, type Span } from './day-axis.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import type { useEntryMove } from './use-entry-move.ts'

interface CalendarKeysOptions {
  grid: RefObject<HTMLDivElement | null>
  shown: readonly CalendarEntry[]
  days: readonly string[]
  zone: string
  entryMove: ReturnType<typeof useEntryMove>
  onDrop: () => void
}

/**
 * The keyboard of the calendar. One meeting is in the tab order; arrow keys lead to the others, Enter opens one, Space lifts it.
 * While it is in the air arrow keys move it, Enter or Space drops it, Escape puts it back.
 */
export function useCalendarKeys({ grid, shown, days, zone, entryMove, onDrop }: CalendarKeysOptions) {
  const meetings = shown.filter((entry) => entry.meetingId !== undefined && days.includes(dayOfEntry(entry)))
  const [wantedId, setActive] = useState<string>()
  const activeId = meetings.some(({ id }) => id === wantedId) ? wantedId : meetings[0]?.id
  const { moving } = entryMove

  /** Where it is shown first. */
  function dayOfEntry({ start }: CalendarEntry): string {
    const [first = ''] = days
    const date = dateIn(zone, Date.parse(start))
    return date < first ? first : date
  }
  const focus = (id: string | undefined) => {
    if (id === undefined) return
    setActive(id)
    grid.current?.querySelector<HTMLElement>(`[data-entry="${id}"]`)?.focus()
  }
  const moveKeys = (event: KeyboardEvent, { entry, to }: NonNullable<typeof moving>): boolean => {
    if (event.key === 'Escape') entryMove.land()
    else if (event.key === 'Enter' || event.key === ' ') onDrop()
    else {
      const next = movedBy(event.key, to, zone)
      if (next === undefined) return false
      if (days.includes(dateIn(zone, next.start))) entryMove.move(next)
      requestAnimationFrame(() => focus(entry.id))
    }
    return true
  }
  const walkKeys = (event: KeyboardEvent, id: string): boolean => {
    const entry = meetings.find((one) => one.id === id)
    if (entry === undefined) return false
    if (event.key === ' ') {
      // What lasts whole days has no hour to be moved to: it opens.
      if (entry.allDay) return false
      setActive(id)
      entryMove.lift(entry)
      return true
    }
    const next = neighbourOf(event.key, entry, meetings, days, dayOfEntry)
    if (next !== undefined) focus(next.id)
    return next !== undefined
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const id = event.target instanceof HTMLElement ? event.target.dataset['entry'] : undefined
    if (id === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    if (moving === undefined ? walkKeys(event, id) : moveKeys(event, moving)) event.preventDefault()
  }
  return { activeId, onKeyDown }
}

/** A quarter up or down, a day left or right at the same time of day. */
function movedBy(key: string, { start, end }: Span, zone: string): Span | undefined {
  const minutes = { ArrowUp: -1, ArrowDown: 1 }[key]
  if (minutes !== undefined) return { start: start + minutes * STEP_MS, end: end + minutes * STEP_MS }
  const days = { ArrowLeft: -1, ArrowRight: 1 }[key]
  if (days === undefined) return undefined
  const to = instantIn(zone, addDays(dateIn(zone, start), days), timeIn(zone, start))
  return { start: to, end: to + end - start }
}

function neighbourOf(
  key: string,
  from: CalendarEntry,
  meetings: readonly CalendarEntry[],
  days: readonly string[],
  dayOfEntry: (entry: CalendarEntry) => string,
): CalendarEntry | undefined {
  const sorted = meetings.toSorted((a, b) => spanOf(a).start - spanOf(b).start)
  const at = sorted.findIndex(({ id }) => id === from.id)
  if (key === 'ArrowUp' || key === 'ArrowDown') return sorted[at + (key === 'ArrowDown' ? 1 : -1)]
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return undefined
  const step = key === 'ArrowRight' ? 1 : -1
  for (let day = days.indexOf(dayOfEntry(from)) + step; day >= 0 && day < days.length; day += step) {
    const found = sorted.find((entry) => dayOfEntry(entry) === days[day])
    if (found !== undefined) return found
  }
  return undefined
}
