import { dayOf, zoneWords } from '../client/zone.ts'
import { type SeriesResult, ZONES, bookOverChange } from './clock-change.ts'
import { ExchangeBlock } from './code-block.tsx'
import type { Guide } from './guide.ts'
import { Step, useRun } from './step.tsx'

export function ClockStep({ session }: Guide) {
  const run = useRun(async () => {
    const series = await Promise.all(ZONES.map((zone) => bookOverChange(session, zone)))
    return series.filter((one) => one !== undefined)
  })
  return (
    <Step
      number={5}
      title="Book across the night the clocks change"
      action="Book two series"
      run={run}
      onAct={run.start}
      lead="A weekly meeting at nine in Berlin and one in New York, over the next change of the clocks there. On the wall it stays at nine; in UTC it moves."
      outcome={run.value && outcomeOf(run.value)}
      code={run.value?.map((series) => (
        <div key={series.zone}>
          <ExchangeBlock what={`The series in ${series.zone}:`} said={series.booked} />
          <ExchangeBlock what="Its occurrences:" said={series.occurrences} />
        </div>
      ))}
    >
      {run.value && (
        <div class="series">
          {run.value.map((series) => (
            <SeriesTable key={series.zone} {...series} />
          ))}
        </div>
      )}
    </Step>
  )
}

function SeriesTable({ zone, change, rows }: SeriesResult) {
  const city = zoneWords(zone, Date.now()).replace(/ time.*/, '')
  return (
    <table class="figures">
      <caption>
        {city}: the clocks change on {dayOf(change)} {change.slice(0, 4)}
      </caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">On the wall</th>
          <th scope="col">UTC</th>
          <th scope="col">Offset</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ recurrenceId, day, local, utc, offset }, i) => (
          <tr key={recurrenceId} data-changed={i > 0 && rows[i - 1]?.utc !== utc}>
            <th scope="row">{day}</th>
            <td>{local}</td>
            <td>{utc}</td>
            <td>{offset}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function outcomeOf(series: readonly SeriesResult[]): string {
  const walls = new Set(series.flatMap(({ rows }) => rows.map(({ local }) => local)))
  const moved = series.filter(({ rows }) => new Set(rows.map(({ utc }) => utc)).size === 2).length
  const stays = walls.size === 1 ? `Every meeting is at ${[...walls][0]} on the wall` : 'The wall clock moved'
  return `${stays}; in UTC ${moved} of ${series.length} series move on their night. Both are cancelled again.`
}
