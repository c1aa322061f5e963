import type { Report } from '../bench/report.ts'
import { type Contender, interleave } from '../bench/rounds.ts'
import { differences } from '../recurrence/compare.ts'
import { EXPANDERS, type Expander } from '../recurrence/expanders.ts'
import { type Series, type Span, ZONE, allSeries, yearsOf } from '../recurrence/series.ts'

type Name = keyof typeof EXPANDERS

const PEERS = ['rrule + date-fns-tz', 'rrule-temporal', 'rrule-rust'] as const satisfies Name[]

/** How quickly twelve series become instants, ours beside three libraries that do the same, over one year and over ten. */
export async function recurrence(report: Report, { quick }: { quick: boolean }): Promise<void> {
  const all = allSeries()
  const expanders = Object.fromEntries(
    Object.entries(EXPANDERS).map(([name, make]) => [name, all.map((series) => make(series))]),
  ) as Record<Name, Expander[]>
  let wrong = 0
  for (const years of [1, 10]) {
    const span = yearsOf(years)
    const words = years === 1 ? '1 year' : `${years} years`
    report.title(`${all.length} rules of ${ZONE} over ${words}, 3 EXDATEs and 1 RDATE each`)
    for (const peer of PEERS) wrong += judge(report, peer, all, expanders[peer], span)

    const seconds = quick ? 0.2 : 1
    const contend = (name: Name): Contender => {
      return async () => rate(expanders[name], span, seconds)
    }
    const contenders = Object.fromEntries(Object.keys(EXPANDERS).map((name) => [name, contend(name as Name)]))
    // Long enough for the optimising compiler to have seen every shape of rule.
    for (let i = 0; i < 3; i++) for (const warmUp of Object.values(contenders)) await warmUp()
    const rounds = await interleave(contenders as Record<Name, Contender>, report, quick ? 3 : 7)
    for (const name of Object.keys(EXPANDERS) as Name[]) {
      report.figure(`${words}: ${name}`, rounds.median(name), 'occurrences/s')
    }
    for (const peer of PEERS) report.figure(`${words}: ratio to ${peer}`, rounds.ratio('ours', peer), 'ratio')
    const withIds = rounds.ratio('ours with recurrence ids', 'rrule-rust')
    report.figure(`${words}: with recurrence ids, ratio to rrule-rust`, withIds, 'ratio')
  }
  report.figure('answers that differ outside gaps', wrong, '')
}

/** Says where the peer is not right, and answers how many instances differ where it is. */
function judge(
  report: Report,
  peer: string,
  all: readonly Series[],
  expanders: readonly Expander[],
  span: Span,
): number {
  const found = all.map((series, i) => differences(series, span, (expanders[i] as Expander)(span)))
  const inGaps = found.reduce((sum, difference) => sum + difference.inGaps, 0)
  const elsewhere = found.reduce((sum, difference) => sum + difference.elsewhere, 0)
  if (inGaps + elsewhere === 0) report.note(`${peer} gives the same instants`)
  if (inGaps > 0) report.note(`${peer} is wrong about ${inGaps} instances in the hour that the clock skips`)
  if (elsewhere > 0) report.note(`${peer} and we differ about ${elsewhere} other instances`)
  return elsewhere
}

/** Occurrences per second, all series in turn. */
function rate(expanders: readonly Expander[], span: Span, seconds: number): number {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < seconds * 1_000) {
    for (const expander of expanders) count += expander(span).length
  }
  return count / ((performance.now() - start) / 1_000)
}
