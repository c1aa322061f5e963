import type { RoomCounts } from './dashboard-shapes.ts'
import { bookedNow } from './booked-now.ts'

/** The whole organisation in six figures. */
export function Totals({ totals }: { totals: RoomCounts }) {
  const { rooms, free, occupied, bookingsToday, noShowsToday, recoveredMinutesToday } = totals
  return (
    <dl class="totals figures" aria-label="All floors">
      <Figure name="Free now" value={free} of={rooms} />
      <Figure name="Booked now" value={bookedNow(totals)} of={rooms} tone="booked" />
      <Figure name="Occupied now" value={occupied} of={rooms} tone="occupied" />
      <Figure name="Bookings today" value={bookingsToday} />
      <Figure name="No-shows today" value={noShowsToday} />
      <Figure name="Recovered today" value={recoveredMinutesToday} unit="min" />
    </dl>
  )
}

interface FigureProps {
  name: string
  value: number
  of?: number
  unit?: string
  tone?: 'booked' | 'occupied'
}

function Figure({ name, value, of, unit, tone }: FigureProps) {
  return (
    <div class="total" data-tone={tone}>
      <dt class="soft small">{name}</dt>
      <dd>
        {value}
        {of !== undefined && <span class="soft total-of"> of {of}</span>}
        {unit !== undefined && <span class="soft total-of"> {unit}</span>}
      </dd>
    </div>
  )
}
