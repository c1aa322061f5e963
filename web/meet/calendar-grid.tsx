import { useRef } from 'preact/hooks'
import { dateIn, dayOf as dayName, timeIn } from '../client/zone.ts'
import { AllDayList } from './all-day-list.tsx'
import { CalendarBlock } from './calendar-entry.tsx'
import { type Span, covers, dayOf, hoursFor, meets, partsOn } from './day-axis.ts'
import { dayClock } from './day-clock.ts'
import { lanesOf } from './lanes.ts'
import type { CalendarEntry } from './shapes.ts'
import { spanOf } from './subjects.ts'
import { type Looking, useCalendarKeys } from './use-calendar-keys.ts'
import { useEntryDrag } from './use-entry-drag.ts'
import type { useEntryMove } from './use-entry-move.ts'
import { wholeDaysOf } from './whole-days.ts'

interface CalendarGridProps {
  days: readonly string[]
  entries: readonly CalendarEntry[]
  /** What they are all of: what lies outside has not been read. */
  known: Span
  zone: string
  now: number
  entryMove: ReturnType<typeof useEntryMove>
  looking: Looking
  onOpen: (entry: CalendarEntry) => void
  onDrop: () => void
  /** The focus has gone elsewhere. */
  onLeave: () => void
}

/** Days side by side, each a list of what is in it. Space lifts a meeting, arrow keys move it, Enter drops it. */
export function CalendarGrid(props: CalendarGridProps) {
  const { days, entries, known, zone, now, entryMove, looking, onOpen, onDrop, onLeave } = props
  const grid = useRef<HTMLDivElement>(null)
  const { moving } = entryMove
  const shown = entries.map((entry) => (entry.id === moving?.entry.id ? withSpan(entry, moving.to) : entry))
  const timed = shown.filter((entry) => !entry.allDay)
  const hours = hoursFor(days, zone, partsOn(days, zone, timed.map(spanOf)))
  const keys = useCalendarKeys({ grid, shown, days, zone, entryMove, looking, onDrop, onLeave })
  const drag = useEntryDrag({ days, hours, zone, entryMove, shown, onDrop })
  const allDays = days.map((day) => shown.filter((entry) => entry.allDay && isOn(day, entry, zone)))
  const nowHour = Number(timeIn(zone, now).slice(0, 2))
  const isActive = ({ id }: CalendarEntry) => id === keys.activeId
  return (
    <div class="calendar-box">
      <div
        ref={grid}
        class="calendar"
        tabIndex={-1}
        data-days={days.length}
        data-moving={moving !== undefined}
        style={{
          '--hours': String(hours.last - hours.first),
          '--all-day': String(Math.max(...allDays.map(({ length }) => length))),
        }}
        onKeyDown={keys.onKeyDown}
        onFocusIn={keys.onFocusIn}
        {...drag.handlers}
      >
        <ol class="calendar-hours small soft figures" aria-hidden="true">
          {Array.from({ length: hours.last - hours.first }, (_, i) => (
            <li key={i}>{hours.first + i}</li>
          ))}
        </ol>
        {days.map((day, i) => {
          const clock = dayClock(day, zone, hours)
          const isKnown = covers(known, dayOf(day, zone))
          const allDay = allDays[i] ?? []
          const laned = lanesOf(
            timed.filter((entry) => meets(spanOf(entry), dayOf(day, zone))),
            spanOf,
          )
          const isToday = dateIn(zone, now) === day
          return (
            <section
              key={day}
              class="calendar-day"
              aria-label={dayName(day)}
              aria-busy={!isKnown}
              data-day={day}
              data-known={isKnown}
            >
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
                    {...{ day, clock, zone }}
                    laned={one}
                    span={spanOf(one.item)}
                    isMoving={one.item.id === moving?.entry.id}
                    tabIndex={one.item.id === keys.activeId ? 0 : -1}
                    onOpen={(click) => drag.endsDrag(click) || onOpen(one.item)}
                  />
                ))}
                {isToday && hours.first <= nowHour && nowHour < hours.last && (
                  <li class="calendar-now" aria-hidden="true" style={{ top: `${clock.percentOf(now)}%` }} />
                )}
              </ul>
              {allDay.length + laned.length === 0 && (
                <p class="unseen">{isKnown ? 'Nothing.' : 'It is not known what is there.'}</p>
              )}
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

function isOn(day: string, entry: CalendarEntry, zone: string): boolean {
  const [first, last] = wholeDaysOf(entry, zone)
  return first <= day && day <= last
}
