import { useRef } from 'preact/hooks'
import { type Hours, STEP_MS } from './day-axis.ts'
import { dayClock } from './day-clock.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import type { useEntryMove } from './use-entry-move.ts'
import { usePress } from './use-press.ts'

interface EntryDragOptions {
  days: readonly string[]
  hours: Hours
  zone: string
  shown: readonly CalendarEntry[]
  entryMove: ReturnType<typeof useEntryMove>
  onDrop: () => void
}

interface Grip {
  id: string
  /** From the entry's start to where it was taken. */
  gripMs: number
}

/** Less than this is a click. */
const SLACK_PX = 5

/** Moves an entry of the calendar in steps of a quarter, from day to day as well. */
export function useEntryDrag({ days, hours, zone, shown, entryMove, onDrop }: EntryDragOptions) {
  const dragged = useRef(false)
  const instantAt = (event: PointerEvent): number | undefined => {
    const day = dayElementAt(event)
    const box = day?.querySelector('.calendar-entries')?.getBoundingClientRect()
    const date = day?.dataset['day']
    if (box === undefined || date === undefined || !days.includes(date)) return undefined
    return dayClock(date, zone, hours).instantAt((100 * (event.clientY - box.top)) / box.height)
  }
  const handlers = usePress<Grip>({
    slackPx: SLACK_PX,
    takeAt: (event) => {
      dragged.current = false
      const id =
        event.target instanceof Element
          ? event.target.closest<HTMLElement>('[data-entry]')?.dataset['entry']
          : undefined
      const entry = shown.find((one) => one.id === id)
      const at = instantAt(event)
      if (entry === undefined || entry.allDay || at === undefined) return undefined
      return { id: entry.id, gripMs: at - Date.parse(entry.start) }
    },
    onLift: ({ id }) => {
      dragged.current = true
      const entry = shown.find((one) => one.id === id)
      if (entry !== undefined) entryMove.lift(entry)
    },
    onMove: ({ id, gripMs }, event) => {
      const entry = shown.find((one) => one.id === id)
      const at = instantAt(event)
      if (entry === undefined || at === undefined) return
      const { start, end } = spanOf(entry)
      const to = Math.round((at - gripMs) / STEP_MS) * STEP_MS
      if (to !== start) entryMove.move({ start: to, end: to + end - start })
    },
    onDrop,
    onCancel: entryMove.land,
  })
  return {
    handlers,
    /** Whether this click is the end of a drag; one by keyboard never is. */
    endsDrag: (click: MouseEvent) => dragged.current && click.detail > 0,
  }
}

/** The captured pointer's target is the grid: what lies below it is asked for. */
function dayElementAt({ clientX, clientY }: PointerEvent): HTMLElement | null {
  const found = document
    .elementsFromPoint(clientX, clientY)
    .map((element) => element.closest<HTMLElement>('[data-day]'))
  return found.find((element) => element !== null) ?? null
}
