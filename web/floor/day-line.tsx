import type { RoomState } from '../client/room-state.ts'
import { timeIn } from '../client/zone.ts'
import { type DayScale, placeOn } from './day-scale.ts'
import { spanWords } from '../client/span-words.ts'

interface DayLineProps {
  scale: DayScale
  spans: RoomState
  now: number
  zone: string
  /** Time somebody would like to have. */
  wanted?: { start: number; end: number; clashes: boolean } | undefined
}

/** One day of one room as a thin line. What it shows is also there as a sentence. */
export function DayLine({ scale, spans, now, zone, wanted }: DayLineProps) {
  const shown = spans.filter((span) => span.end > scale.start && span.start < scale.end)
  const words = shown.map((span) => spanWords(span, now, zone)).join(', ')
  return (
    <div class="day">
      <p class="unseen">{words === '' ? 'Nothing reserved that day.' : `Reserved that day: ${words}.`}</p>
      <div class="day-line" aria-hidden="true">
        {shown.map((span) => (
          <span key={span.id} class="day-span" style={between(scale, span)} />
        ))}
        {/* A live state begins at the moment it was read: what is over says nothing. */}
        {now > scale.start && <span class="day-over" style={between(scale, { start: scale.start, end: now })} />}
        {wanted && (
          <span class={wanted.clashes ? 'day-wanted day-clash' : 'day-wanted'} style={between(scale, wanted)} />
        )}
        {now > scale.start && now < scale.end && <span class="day-now" style={{ left: `${placeOn(scale, now)}%` }} />}
      </div>
      <div class="day-marks figures" aria-hidden="true">
        {scale.marks.map((at) => (
          <span key={at} data-edge={edge(placeOn(scale, at))} style={{ left: `${placeOn(scale, at)}%` }}>
            {Number(timeIn(zone, at).slice(0, 2))}
          </span>
        ))}
      </div>
    </div>
  )
}

function edge(place: number): 'start' | 'end' | undefined {
  return place < 2 ? 'start' : place > 98 ? 'end' : undefined
}

function between(scale: DayScale, { start, end }: { start: number; end: number }) {
  const left = placeOn(scale, start)
  return { left: `${left}%`, width: `${placeOn(scale, end) - left}%` }
}
