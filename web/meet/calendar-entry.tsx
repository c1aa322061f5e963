import { timeIn } from '../client/zone.ts'
import { type Span, cutTo, dayOf } from './day-axis.ts'
import type { DayClock } from './day-clock.ts'
import type { Laned } from './lanes.ts'
import type { CalendarEntry } from './shapes.ts'

interface CalendarBlockProps {
  laned: Laned<CalendarEntry>
  day: string
  clock: DayClock
  span: Span
  zone: string
  isMoving: boolean
  tabIndex: 0 | -1
  onOpen: (click: MouseEvent) => void
}

/** One entry of a day. Meetings open; what comes from elsewhere is only shown. */
export function CalendarBlock({
  laned: { item, lane, lanes },
  day,
  clock,
  span,
  zone,
  isMoving,
  tabIndex,
  onOpen,
}: CalendarBlockProps) {
  const top = clock.percentOf(span.start)
  const part = cutTo(dayOf(day, zone), span)
  const style = {
    top: `${top}%`,
    height: `${Math.max(0, clock.percentOf(span.end) - top)}%`,
    left: `${(100 * lane) / lanes}%`,
    width: `${100 / lanes}%`,
  }
  const time = `${timeIn(zone, span.start)}–${timeIn(zone, span.end)}`
  const title = titleOf(item)
  const words = (
    <>
      <span class="entry-title">{title}</span> <span class="entry-time figures">{time}</span>
    </>
  )
  return (
    <li
      class="entry"
      data-kind={item.kind}
      data-status={statusOf(item)}
      data-moving={isMoving}
      data-short={part.end - part.start < SHORT_MS}
      data-tiny={part.end - part.start < TINY_MS}
      style={style}
    >
      {item.meetingId === undefined ? (
        <p class="entry-box">{words}</p>
      ) : (
        <button
          type="button"
          class="entry-box"
          data-entry={item.id}
          tabIndex={tabIndex}
          aria-label={`${title}, ${time}${statusWords(statusOf(item))}`}
          aria-describedby="calendar-help"
          onClick={onOpen}
        >
          {words}
        </button>
      )}
    </li>
  )
}

/** Has room for one line. */
const SHORT_MS = 45 * 60_000
/** Has room for one small one. */
const TINY_MS = 30 * 60_000

export function titleOf({ title, kind }: CalendarEntry): string {
  return title ?? { meeting: 'Private meeting', external: 'Other calendar', absence: 'Away', hold: 'Held' }[kind]
}

export function statusOf({ status, response }: CalendarEntry): string {
  if (response === 'declined' || response === 'tentative' || response === 'needs_action') return response
  return status
}

/** Said after its time. */
export function statusWords(status: string): string {
  return STATUSES[status] ?? ''
}

const STATUSES: Record<string, string> = {
  declined: ', you do not come',
  tentative: ', you may come',
  needs_action: ', you have not answered',
  conflicted: ', in conflict',
}
