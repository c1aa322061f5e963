import { memo } from 'preact/compat'
import { timeIn } from '../client/zone.ts'
import { type DayAxis, STEP_MS, hourMarks, meets, placeOf } from './day-axis.ts'
import type { VerdictWord } from './shapes.ts'
import { type Subject, KIND_WORDS, VERDICT_WORDS, judge } from './subjects.ts'

interface HeatRowProps {
  /** Position in the grid, from 0. */
  row: number
  name: string
  /** What is said beside the name. */
  note: string
  /** Before the verdict: what time the block begins on that clock. */
  there: string
  subject: Subject | undefined
  /** The clock its hours are shown by. */
  zone: string
  viewerZone: string
  axis: DayAxis
  /** The column that is in the tab order; undefined: another row has it. */
  active: number | undefined
  verdict: VerdictWord | undefined
  /** Its sentence. */
  reason: string | undefined
}

/** One person's or room's day. What it shows is in the names of its cells, too. */
export const HeatRow = memo(function HeatRow(props: HeatRowProps) {
  const { row, name, note, there, subject, zone, axis, verdict, reason } = props
  const shown = subject?.busy.filter((span) => meets(span, axis)) ?? []
  let holds = 0
  return (
    <div class="heat-row" role="row" aria-rowindex={row + 1}>
      <div class="heat-who" role="rowheader">
        <span class="heat-name">{name}</span>{' '}
        {verdict === undefined ? (
          <span class="heat-note soft small">{note}</span>
        ) : (
          <span class="heat-note verdict figures" data-verdict={verdict} title={reason}>
            {there}
            {VERDICT_WORDS[verdict]}
          </span>
        )}
      </div>
      <div class="heat-track" data-known={subject !== undefined}>
        {subject?.working === null && <span class="heat-open" />}
        {subject?.working
          ?.filter((span) => meets(span, axis))
          .map((span) => (
            <span key={`w${span.start}`} class="heat-work" style={placeOf(axis, span)} />
          ))}
        {shown.map((span) => (
          <span
            // A hold that moves is one thing that moves; other spans come and go.
            key={span.kind === 'hold' ? `hold${holds++}` : `${span.kind}${span.start}`}
            class="heat-span"
            data-kind={span.kind}
            title={`${KIND_WORDS[span.kind]} ${timeIn(zone, span.start)}–${timeIn(zone, span.end)}`}
            style={placeOf(axis, span)}
          />
        ))}
        <HeatCells {...props} />
        <HourMarks axis={axis} zone={zone} />
      </div>
    </div>
  )
})

function HeatCells({ row, name, subject, zone, viewerZone, axis, active }: HeatRowProps) {
  return (
    <>
      {axis.columns.map((start, column) => {
        const there = zone === viewerZone ? '' : `, ${timeIn(zone, start)} there`
        const words = VERDICT_WORDS[judge(subject, { start, end: start + STEP_MS })]
        return (
          <span
            key={start}
            class="heat-cell"
            role="gridcell"
            tabIndex={column === active ? 0 : -1}
            data-row={row}
            data-column={column}
            aria-label={`${name}, ${timeIn(viewerZone, start)}${there}: ${words}`}
            style={placeOf(axis, { start, end: start + STEP_MS })}
          />
        )
      })}
    </>
  )
}

/** The hours of that clock below the row. */
export function HourMarks({ axis, zone }: { axis: DayAxis; zone: string }) {
  return (
    <span class="heat-marks figures" aria-hidden="true">
      {hourMarks(axis, zone).map(({ at, hour }) => (
        <span key={at} style={{ left: placeOf(axis, { start: at, end: at }).left }}>
          {hour}
        </span>
      ))}
    </span>
  )
}
