import { useMemo } from 'preact/hooks'
import { dayOf, timeIn } from '../client/zone.ts'
import { type Span, dayAxis, hoursFor, placeOf, weekOf } from './day-axis.ts'
import { HourMarks } from './heat-row.tsx'
import { type FreeCount, type Subjects, freeCounts, levelOf } from './subjects.ts'

interface WeekHeatProps {
  date: string
  zone: string
  subjects: Subjects
  total: number
  /** Of several rooms one is enough. */
  isOneRoomEnough: boolean
  working: readonly Span[]
  onDay: (date: string) => void
}

const HALF_HOUR_MS = 1_800_000
const NONE: FreeCount = { people: 0, isAll: false }

/** How many are free, day by day of a week. A day leads to itself. */
export function WeekHeat({ date, zone, subjects, total, isOneRoomEnough, working, onDay }: WeekHeatProps) {
  const days = useMemo(() => {
    const dates = weekOf(date)
    const hours = hoursFor(dates, zone, working)
    return dates.map((day) => [day, dayAxis(day, zone, hours)] as const)
  }, [date, zone, working])
  return (
    <table class="week-heat">
      <caption class="unseen">How many of {total} are free, day by day</caption>
      <tbody>
        {days.map(([day, axis]) => {
          const starts = axis.columns.filter((_, i) => i % 2 === 0)
          const counts = freeCounts([...subjects.values()], starts, HALF_HOUR_MS, isOneRoomEnough)
          return (
            <tr key={day} class="heat-row">
              <th scope="row" class="heat-who">
                <button
                  type="button"
                  class="week-day"
                  aria-current={day === date ? 'date' : undefined}
                  onClick={() => onDay(day)}
                >
                  {dayOf(day)}
                </button>
              </th>
              <td class="heat-track">
                <span class="unseen">{freeWords(starts, counts, zone)}</span>
                {starts.map((start, i) => (
                  <span
                    key={start}
                    class="heat-cell heat-count"
                    aria-hidden="true"
                    data-level={levelOf(counts[i] ?? NONE, total)}
                    style={placeOf(axis, { start, end: start + HALF_HOUR_MS })}
                  />
                ))}
                <HourMarks axis={axis} zone={zone} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** `All free: 10:00–11:30, 14:00–15:00.` */
function freeWords(starts: readonly number[], counts: readonly FreeCount[], zone: string): string {
  const spans: Span[] = []
  starts.forEach((start, i) => {
    if (!counts[i]?.isAll) return
    const last = spans.at(-1)
    if (last?.end === start) last.end = start + HALF_HOUR_MS
    else spans.push({ start, end: start + HALF_HOUR_MS })
  })
  if (spans.length === 0) return 'Never all free.'
  return `All free: ${spans.map(({ start, end }) => `${timeIn(zone, start)}–${timeIn(zone, end)}`).join(', ')}.`
}
