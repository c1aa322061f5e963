import { type RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { addDays, dateIn, instantIn, timeIn } from '../client/zone.ts'
import { STEP_MS, type Span } from './day-axis.ts'
import { type Place, nearestEntry } from './nearest-entry.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import type { useEntryMove } from './use-entry-move.ts'
import { wholeDaysOf } from './whole-days.ts'

/** What of the calendar has or had the focus. */
export interface Looking {
  place: Place | undefined
  onPlace: (place: Place) => void
}

interface CalendarKeysOptions {
  grid: RefObject<HTMLDivElement | null>
  shown: readonly CalendarEntry[]
  days: readonly string[]
  zone: string
  entryMove: ReturnType<typeof useEntryMove>
  looking: Looking
  onDrop: () => void
  onLeave: () => void
}

/**
 * The keyboard of the calendar. One meeting is in the tab order; arrow keys lead to the others, Enter opens one, Space lifts it.
 * While it is in the air arrow keys move it, Enter or Space drops it, Escape puts it back. Invariant: the focus is not lost with
 * an entry that goes away: it goes to where that one is by now, or next to it.
 */
export function useCalendarKeys({ grid, shown, days, zone, entryMove, looking, onDrop, onLeave }: CalendarKeysOptions) {
  const meetings = shown.filter((entry) => entry.meetingId !== undefined && days.includes(dayOfEntry(entry)))
  const { place, onPlace } = looking
  const activeId = (nearestEntry(meetings, place) ?? meetings[0])?.id
  const { moving } = entryMove
  const focus = (id: string | undefined) => grid.current?.querySelector<HTMLElement>(`[data-entry="${id}"]`)?.focus()
  const isWithin = useFocusWithin(grid, onLeave)
  useEffect(() => {
    if (moving !== undefined) onPlace({ ...moving.entry, start: new Date(moving.to.start).toISOString() })
  }, [moving])
  useLayoutEffect(() => {
    if (!isWithin() || document.activeElement !== document.body) return
    if (activeId === undefined) grid.current?.focus()
    else focus(activeId)
  })

  /** Where it is shown first. */
  function dayOfEntry(entry: CalendarEntry): string {
    const [first = ''] = days
    const date = entry.allDay ? wholeDaysOf(entry, zone)[0] : dateIn(zone, Date.parse(entry.start))
    return date < first ? first : date
  }
  const moveKeys = (event: KeyboardEvent, { to }: NonNullable<typeof moving>): boolean => {
    if (event.key === 'Escape') entryMove.land()
    else if (event.key === 'Enter' || event.key === ' ') onDrop()
    else {
      const next = movedBy(event.key, to, zone)
      if (next === undefined) return false
      if (days.includes(dateIn(zone, next.start))) entryMove.move(next)
    }
    return true
  }
  const walkKeys = (event: KeyboardEvent, id: string): boolean => {
    const entry = meetings.find((one) => one.id === id)
    if (entry === undefined) return false
    if (event.key === ' ') {
      // What lasts whole days has no hour to be moved to: it opens.
      if (entry.allDay) return false
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
  const onFocusIn = ({ target }: FocusEvent) => {
    const id = target instanceof HTMLElement ? target.dataset['entry'] : undefined
    const entry = meetings.find((one) => one.id === id)
    if (entry !== undefined) onPlace(entry)
  }
  return { activeId, onKeyDown, onFocusIn }
}

/** Whether an entry has the focus, or had it before a dialog took it or it went away. `onLeave`: it was given to something else. */
function useFocusWithin(grid: RefObject<HTMLElement | null>, onLeave: () => void): () => boolean {
  const isWithin = useRef(false)
  const latest = useRef(onLeave)
  latest.current = onLeave
  useEffect(() => {
    const follow = ({ target }: Pick<Event, 'target'>) => {
      if (!(target instanceof Element) || target.closest('dialog') !== null) return
      isWithin.current = grid.current?.contains(target) === true && target.closest('[data-entry]') !== null
      if (!isWithin.current) latest.current()
    }
    // Out of the page, where nothing in it gets the focus instead.
    const leave = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || grid.current?.contains(target) !== true) return
      setTimeout(() => {
        if (target.isConnected && document.activeElement === document.body) follow({ target: document.body })
      })
    }
    const over = new AbortController()
    document.addEventListener('focusout', leave, { signal: over.signal })
    for (const type of ['focusin', 'pointerdown']) document.addEventListener(type, follow, { signal: over.signal })
    return () => over.abort()
  }, [])
  return () => isWithin.current
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
