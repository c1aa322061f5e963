import { addDays, dateIn, dayOf } from '../client/zone.ts'

import { mondayOf } from './day-axis.ts'

interface DayStepsProps {
  date: string
  view: 'day' | 'week'
  zone: string
  now: number
  onDate: (date: string) => void
  onView: (view: 'day' | 'week') => void
}

/** Which day or week is looked at. */
export function DaySteps({ date, view, zone, now, onDate, onView }: DayStepsProps) {
  const step = view === 'day' ? 1 : 7
  return (
    <div class="day-steps">
      <button type="button" class="button" aria-label={`Previous ${view}`} onClick={() => onDate(addDays(date, -step))}>
        ‹
      </button>
      <strong class="day-name figures" role="status">
        {view === 'day' ? dayOf(date) : `Week of ${dayOf(mondayOf(date))}`}
      </strong>
      <button type="button" class="button" aria-label={`Next ${view}`} onClick={() => onDate(addDays(date, step))}>
        ›
      </button>
      <button type="button" class="button-quiet" onClick={() => onDate(dateIn(zone, now))}>
        Today
      </button>
      <div class="day-views" role="group" aria-label="How much is shown">
        {(['day', 'week'] as const).map((one) => (
          <button key={one} type="button" class="day-view" aria-pressed={view === one} onClick={() => onView(one)}>
            {one === 'day' ? 'Day' : 'Week'}
          </button>
        ))}
      </div>
    </div>
  )
}
