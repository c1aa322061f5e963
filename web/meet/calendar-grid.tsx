import { useRef } from 'preact/hooks'
import { dateIn, dayOf as dayName } from '../client/zone.ts'
import { AllDayList } from './all-day-list.tsx'
import { CalendarBlock } from './calendar-entry.tsx'
import { type Span, dayAxis, dayOf, hoursFor, meets, percentOf } from './day-axis.ts'
import { lanesOf } from './lanes.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import { useCalendarKeys } from './use-calendar-keys.ts'
import { useEntryDrag } from './use-entry-drag.ts'
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
  const drag = useEntryDrag({ days, hours, zone, entryMove, shown, onDrop })
  const allDays = days.map((day) => shown.filter((entry) => entry.allDay && meets(spanOf(entry), dayOf(day, zone))))
  const isActive = ({ id }: CalendarEntry) => id === keys.activeId
  return (
    <div class="calendar-box">
      <div
        ref={grid}
        class="calendar"
        data-days={days.length}
        data-moving={moving !== undefined}
        style={{
          '--hours': String(hours.last - hours.first),
          '--all-day': String(Math.max(...allDays.map(({ length }) => length))),
        }}
        onKeyDown={keys.onKeyDown}
        {...drag.handlers}
      >
        <ol class="calendar-hours small soft figures" aria-hidden="true">
          {Array.from({ length: hours.last - hours.first }, (_, i) => (
            <li key={i}>{hours.first + i}</li>
          ))}
        </ol>
        {days.map((day, i) => {
          const axis = dayAxis(day, zone, hours)
          const own = shown.filter((entry) => meets(spanOf(entry), dayOf(day, zone)))
          const allDay = allDays[i] ?? []
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
                <AllDayList
                  {...{ day, onOpen }}
                  entries={allDay}
                  activeId={allDays.findIndex((ones) => ones.some(isActive)) === i ? keys.activeId : undefined}
                />
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
                    onOpen={(click) => drag.endsDrag(click) || onOpen(one.item)}
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
