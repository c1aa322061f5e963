import type { Report } from '../bench/report.ts'
import { interleave } from '../bench/rounds.ts'
import { median } from '../bench/statistics.ts'
import { slotsInProcess } from '../slots/in-process.ts'
import { type Asking, type SlotStore, openSlotStore } from '../slots/store.ts'

const CROWDS = [10, 50, 200] as const
const BOOKINGS_PER_SECOND = 200

/**
 * How long common free time takes to find. First in one process beside the plain AND of as many bitmaps, then over HTTP out of a full
 * store, while people book, beside a count(*) of the very rows that the answer depends on: what finding them costs anyone.
 */
export async function slots(report: Report, { quick }: { quick: boolean }): Promise<void> {
  await inProcess(report, quick)
  await using store = await openSlotStore(report, quick ? { people: 400, days: 32 } : { people: 10_000, days: 125 })
  report.title('How busy time of 200 people is read')
  const plan = await store.plan(200)
  for (const line of plan.filter((one) => /Scan|Execution/.test(one))) report.note(line.trim())
  report.figure(
    'plan: scans of the whole table',
    plan.filter((line) => line.includes('Seq Scan on allocation')).length,
    '',
  )
  await overHttp(report, store, quick)
}

async function inProcess(report: Report, quick: boolean): Promise<void> {
  for (const people of CROWDS) {
    const ways = slotsInProcess(people, quick ? 200 : 1_000)
    report.title(
      `${people} people x 4 weeks in process, ${ways.rows} meetings, ${ways.starts} common starts; milliseconds`,
    )
    // The first run of each is the compiler's.
    for (const way of [ways.and, ways.kept, ways.fromRows]) way()
    // Thousandths, so that a round's line shows something.
    const result = await interleave(
      {
        and: async () => ways.and() * 1_000,
        kept: async () => ways.kept() * 1_000,
        rows: async () => ways.fromRows() * 1_000,
      },
      report,
      quick ? 3 : 7,
    )
    report.figure(`${people} people, bare AND`, result.median('and') / 1_000, 'ms')
    report.figure(`${people} people, from kept months`, result.median('kept') / 1_000, 'ms')
    report.figure(`${people} people, from kept months to AND`, result.ratio('kept', 'and'), 'ratio')
    report.figure(`${people} people, from rows`, result.median('rows') / 1_000, 'ms')
    report.figure(`${people} people, from rows to AND`, result.ratio('rows', 'and'), 'ratio')
  }
}

async function overHttp(report: Report, store: SlotStore, quick: boolean): Promise<void> {
  report.title(
    `Over HTTP, ${BOOKINGS_PER_SECOND} bookings a second meanwhile; a round's line is medians in milliseconds`,
  )
  const stop = new AbortController()
  const booking = store.book(BOOKINGS_PER_SECOND, stop.signal)
  const times = quick ? 60 : 300
  for (const people of CROWDS) {
    await store.slots(people, 20)
    const tails: Record<'ours' | 'count', number[]> = { ours: [], count: [] }
    const measured = (name: 'ours' | 'count', ask: () => Promise<Asking>) => async () => {
      const { p50, p99 } = await ask()
      tails[name].push(p99)
      return p50
    }
    const result = await interleave(
      {
        ours: measured('ours', () => store.slots(people, times)),
        count: measured('count', () => store.count(people, times)),
      },
      report,
      quick ? 2 : 5,
    )
    const [ours, count] = [median(tails.ours), median(tails.count)]
    report.figure(`endpoint, ${people} people, p50`, result.median('ours'), 'ms')
    report.figure(`endpoint, ${people} people, p99`, ours, 'ms')
    report.figure(`count(*), ${people} people, p50`, result.median('count'), 'ms')
    report.figure(`count(*), ${people} people, p99`, count, 'ms')
    report.figure(`endpoint to count(*), ${people} people, p50`, result.ratio('ours', 'count'), 'ratio')
    report.figure(`endpoint to count(*), ${people} people, p99`, ours / count, 'ratio')
  }
  const { p50 } = await store.strangers(200, quick ? 2 : 20)
  report.figure('endpoint, 200 people never asked about, p50', p50, 'ms')
  stop.abort()
  const { errors, sent } = await booking
  report.note(`${sent} bookings`)
  report.figure('bookings refused', errors, '')
}
