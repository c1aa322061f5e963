import { cpus } from 'node:os'
import { Report } from './bench/report.ts'
import { api } from './scenarios/api.ts'
import { availability } from './scenarios/availability.ts'
import { booking } from './scenarios/booking.ts'
import { docs } from './scenarios/docs.ts'
import { news } from './scenarios/news.ts'
import { recurrence } from './scenarios/recurrence.ts'
import { slots } from './scenarios/slots.ts'

/** `quick` is a look at whether it works at all: its figures are too few to mean much. */
export type Scenario = (report: Report, options: { quick: boolean }) => Promise<void>

const SCENARIOS: Record<string, Scenario> = { api, availability, booking, docs, news, recurrence, slots }
const USAGE = `npm run load -- <${Object.keys(SCENARIOS).join('|')}> [--json] [--quick]`

const [name = '', ...flags] = process.argv.slice(2)
const scenario = SCENARIOS[name]
const unknown = flags.filter((flag) => flag !== '--json' && flag !== '--quick')
if (scenario === undefined || unknown.length > 0) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  const report = new Report(name)
  const quick = flags.includes('--quick')
  report.title(`Load test "${name}" on ${cpus().length} cores${quick ? ', quick: for a look, not for a verdict' : ''}`)
  const started = performance.now()
  await scenario(report, { quick })
  report.title(
    `${report.ok ? 'All goals reached' : 'A goal was missed'} after ${Math.round((performance.now() - started) / 1000)} s`,
  )
  if (flags.includes('--json')) console.log(report.json())
  process.exitCode = report.ok ? 0 : 1
}
