import { memo } from 'preact/compat'
import { timeIn } from '../client/zone.ts'
import { type DayAxis, STEP_MS, placeOf } from './day-axis.ts'
import { HourMarks } from './heat-row.tsx'
import { type FreeCount, levelOf } from './subjects.ts'

interface CommonRowProps {
  counts: readonly FreeCount[]
  /** People. */
  total: number
  /** Of several rooms one is enough. */
  isOneRoomEnough: boolean
  axis: DayAxis
  viewerZone: string
  active: number | undefined
}

/** How many are free, quarter by quarter: the row one looks at first. */
export const CommonRow = memo(function CommonRow(props: CommonRowProps) {
  const { counts, total, isOneRoomEnough, axis, viewerZone, active } = props
  return (
    <div class="heat-row heat-common" role="row" aria-rowindex={1}>
      <div class="heat-who" role="rowheader">
        <span class="heat-name">Free together</span>{' '}
        <span class="heat-note soft small">{total === 1 ? '1 person' : `${total} people`}</span>
      </div>
      <div class="heat-track">
        {axis.columns.map((start, column) => {
          const free = counts[column] ?? NONE
          return (
            <span
              key={start}
              class="heat-cell heat-count"
              role="gridcell"
              tabIndex={column === active ? 0 : -1}
              data-row={0}
              data-column={column}
              data-level={levelOf(free, total)}
              aria-label={`${timeIn(viewerZone, start)}: ${freeWords(free, total, isOneRoomEnough)}`}
              style={placeOf(axis, { start, end: start + STEP_MS })}
            />
          )
        })}
        <HourMarks axis={axis} zone={viewerZone} />
      </div>
    </div>
  )
})

const NONE: FreeCount = { people: 0, isAll: false }

function freeWords({ people, isAll }: FreeCount, total: number, isOneRoomEnough: boolean): string {
  if (people < total || isAll) return `${people} of ${total} free`
  return isOneRoomEnough ? 'all free, but no room' : 'all free, but not every room'
}
