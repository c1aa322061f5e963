import type { RoomState } from '../client/room-state.ts'
import { spanWords } from '../client/span-words.ts'
import { timeIn } from '../client/zone.ts'

interface HoursStripProps {
  spans: RoomState
  now: number
  zone: string
}

const HOUR_MS = 3_600_000
const HOURS = 8

/** The next hours of the room as one line; from the hour that runs, so that it moves once an hour. */
export function HoursStrip({ spans, now, zone }: HoursStripProps) {
  const start = Math.floor(now / HOUR_MS) * HOUR_MS
  const end = start + HOURS * HOUR_MS
  const place = (at: number) => (100 * Math.min(Math.max(at - start, 0), end - start)) / (end - start)
  const shown = spans.filter((span) => span.end > now && span.start < end)
  const words = shown.map((span) => spanWords(span, now, zone)).join(', ')
  return (
    <div class="hours">
      <p class="unseen">
        {words === '' ? `Nothing reserved in the next ${HOURS} hours.` : `Reserved in the next hours: ${words}.`}
      </p>
      <div class="hours-line" aria-hidden="true">
        {shown.map(({ id, ...span }) => (
          <span
            key={id}
            class="hours-span"
            style={{ left: `${place(span.start)}%`, width: `${place(span.end) - place(span.start)}%` }}
          />
        ))}
        <span class="hours-now" style={{ left: `${place(now)}%` }} />
      </div>
      <div class="hours-marks figures" aria-hidden="true">
        {Array.from({ length: HOURS }, (_, hour) => start + hour * HOUR_MS).map((at) => (
          <span key={at}>{timeIn(zone, at)}</span>
        ))}
      </div>
    </div>
  )
}
