import { useRef, useState } from 'preact/hooks'
import { dateIn, dayOf as dayName } from '../client/zone.ts'
import { CalendarBlock } from './calendar-entry.tsx'
import { type Hours, STEP_MS, type Span, dayAxis, dayOf, hoursFor, meets, percentOf } from './day-axis.ts'
import { lanesOf } from './lanes.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import { useCalendarKeys } from './use-calendar-keys.ts'
import type { useEntryMove } from './use-entry-move.ts'

interface CalendarGridProps {
  days: readonly string[]
  entries: readonly CalendarEntry[]
  zone: string
  now: number
  entryMove: ReturnType<typeof useEntryMove>
  onOpen: (entry: CalendarEntry) => void
  onDrop: () => void
}

/** Days side by side, each a list of what is in it. Space lifts a meeting, arrow keys move it, Enter drops it. */
export function CalendarGrid({ days, entries, zone, now, entryMove, onOpen, onDrop }: CalendarGridProps) {
  const grid = useRef<HTMLDivElement>(null)
  const { moving } = entryMove
  const shown = entries.map((entry) => (entry.id === moving?.entry.id ? withSpan(entry, moving.to) : entry))
  const timed = shown.filter((entry) => !entry.allDay)
  const hours = hoursFor(days, zone, timed.map(spanOf))
  const keys = useCalendarKeys({ grid, shown, days, zone, entryMove, onDrop })
  const pointer = usePointerMove({ days, hours, zone, entryMove, shown, onDrop })
  return (
    <div class="calendar-box">
      <div
        ref={grid}
        class="calendar"
        data-days={days.length}
        data-moving={moving !== undefined}
        style={{ '--hours': String(hours.last - hours.first) }}
        onKeyDown={keys.onKeyDown}
        onPointerDown={pointer.onPointerDown}
        onPointerMove={pointer.onPointerMove}
        onPointerUp={pointer.onPointerUp}
        onPointerCancel={pointer.onPointerCancel}
      >
        <ol class="calendar-hours small soft figures" aria-hidden="true">
          {Array.from({ length: hours.last - hours.first }, (_, i) => (
            <li key={i}>{hours.first + i}</li>
          ))}
        </ol>
        {days.map((day) => {
          const axis = dayAxis(day, zone, hours)
          const own = shown.filter((entry) => meets(spanOf(entry), dayOf(day, zone)))
          const allDay = own.filter((entry) => entry.allDay)
          const laned = lanesOf(
            own.filter((entry) => !entry.allDay),
            spanOf,
          )
          const isToday = dateIn(zone, now) === day
          return (
            <section key={day} class="calendar-day" aria-label={dayName(day)} data-day={day}>
              <h2 class="calendar-head" aria-current={isToday ? 'date' : undefined}>
                {dayName(day)}
              </h2>
              {allDay.length > 0 && (
                <p class="calendar-all-day small">{allDay.map(({ title }) => title ?? 'All day').join(', ')}</p>
              )}
              <ul class="calendar-entries">
                {laned.map((one) => (
                  <CalendarBlock
                    key={one.item.id}
                    {...{ axis, zone }}
                    laned={one}
                    span={spanOf(one.item)}
                    isMoving={one.item.id === moving?.entry.id}
                    tabIndex={one.item.id === keys.activeId ? 0 : -1}
                    onOpen={() => pointer.wasDrag() || onOpen(one.item)}
                  />
                ))}
                {isToday && meets({ start: now, end: now + 1 }, axis) && (
                  <li class="calendar-now" aria-hidden="true" style={{ top: `${percentOf(axis, now)}%` }} />
                )}
              </ul>
              {own.length === 0 && <p class="unseen">Nothing.</p>}
            </section>
          )
        })}
      </div>
    </div>
  )
}

function withSpan(entry: CalendarEntry, { start, end }: Span): CalendarEntry {
  return { ...entry, start: new Date(start).toISOString(), end: new Date(end).toISOString() }
}

interface PointerMoveOptions extends Pick<CalendarGridProps, 'days' | 'zone' | 'entryMove' | 'onDrop'> {
  hours: Hours
  shown: readonly CalendarEntry[]
}

interface Press {
  id: string
  x: number
  y: number
  gripMs: number
  moved: boolean
}

/** Less than this is a click. */
const SLACK_PX = 5

/** Moves an entry by mouse or pen; a finger scrolls, and moves by the sheet that a tap opens. */
function usePointerMove({ days, hours, zone, entryMove, shown, onDrop }: PointerMoveOptions) {
  const press = useRef<Press | undefined>(undefined)
  const [dragged] = useState({ last: false })
  const instantAt = (event: PointerEvent): number | undefined => {
    const day = dayElementAt(event)
    const box = day?.querySelector('.calendar-entries')?.getBoundingClientRect()
    const date = day?.dataset['day']
    if (box === undefined || date === undefined || !days.includes(date)) return undefined
    const axis = dayAxis(date, zone, hours)
    return axis.start + ((event.clientY - box.top) / box.height) * (axis.end - axis.start)
  }
  return {
    wasDrag: () => dragged.last,
    onPointerDown: (event: PointerEvent) => {
      dragged.last = false
      const id =
        event.target instanceof Element
          ? event.target.closest<HTMLElement>('[data-entry]')?.dataset['entry']
          : undefined
      const entry = shown.find((one) => one.id === id)
      const at = instantAt(event)
      if (entry === undefined || at === undefined || event.button !== 0 || event.pointerType === 'touch') return
      press.current = {
        id: entry.id,
        x: event.clientX,
        y: event.clientY,
        gripMs: at - Date.parse(entry.start),
        moved: false,
      }
    },
    onPointerMove: (event: PointerEvent) => {
      const { current } = press
      const entry = shown.find((one) => one.id === current?.id)
      if (current === undefined || entry === undefined) return
      if (!current.moved) {
        if (Math.hypot(event.clientX - current.x, event.clientY - current.y) < SLACK_PX) return
        current.moved = true
        ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
        entryMove.lift(entry)
      }
      const at = instantAt(event)
      if (at === undefined) return
      const { start, end } = spanOf(entry)
      const to = Math.round((at - current.gripMs) / STEP_MS) * STEP_MS
      if (to !== start) entryMove.move({ start: to, end: to + end - start })
    },
    onPointerUp: () => {
      const { current } = press
      press.current = undefined
      dragged.last = current?.moved === true
      if (dragged.last) onDrop()
    },
    onPointerCancel: () => {
      if (press.current?.moved) entryMove.land()
      press.current = undefined
    },
  }
}

/** The captured pointer's target is the grid: what lies below it is asked for. */
function dayElementAt({ clientX, clientY }: PointerEvent): HTMLElement | null {
  const found = document
    .elementsFromPoint(clientX, clientY)
    .map((element) => element.closest<HTMLElement>('[data-day]'))
  return found.find((element) => element !== null) ?? null
}
