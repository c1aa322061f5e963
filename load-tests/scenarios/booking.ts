import { isUnavailable, openPool } from '../../db/pool.ts'
import { openTestDatabase } from '../../testkit/database.ts'
import type { Report } from '../bench/report.ts'
import { interleave } from '../bench/rounds.ts'
import { openLoadPostgres } from '../bench/stores.ts'
import { createBareTable, insertBare } from '../booking/bare-insert.ts'
import { bookLargest, bookSeries, compareOrganizations, raceOneSlot, scramble } from '../booking/extremes.ts'
import { type Prepared, prepare, writeIdenticalRows } from '../booking/identical-rows.ts'
import { judge } from '../booking/judge.ts'
import { type Office, ROOMS, bookingOf, openOffice } from '../booking/office.ts'
import { bookFree, booker } from '../booking/ours.ts'
import { rateOf } from '../booking/writers.ts'

const WRITERS = 32
/** What one process of ours has unless told otherwise (CONVOKE_DATABASE_POOL); the peers get the same. */
const CONNECTIONS = 10

/**
 * What a booking costs that cannot collide: the domain command on the real store, beside the same rows written by hand
 * and beside a bare row, by the same number of writers over the same number of connections to the same server.
 */
export async function booking(report: Report, { quick }: { quick: boolean }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openLoadPostgres((line) => report.note(line)))
  const database = stack.use(await openTestDatabase(server.url))
  const pool = () => {
    const opened = openPool({
      url: database.url,
      role: 'convoke_app',
      max: CONNECTIONS,
      onError: (error) => report.note(error.message),
    })
    stack.defer(() => opened.end())
    return opened
  }
  await createBareTable(database.url)
  const office = await openOffice(database.url)
  const [ownPool, peerPool, barePool] = [pool(), pool(), pool()]
  let errors = 0
  const book = booker(ownPool, (error) => {
    if (errors++ < 5) report.note(`a caller was told of an error: ${error.message}`)
  })
  const seconds = quick ? 1 : 4

  report.title(
    `${WRITERS} writers, ${ROOMS} rooms, one organisation, ${CONNECTIONS} connections each; bookings per second`,
  )
  const result = await interleave(
    {
      ours: () => rateOf(WRITERS, seconds, (w) => bookFree(book, office.actor(w), bookingOf(office.nextSlot()))),
      'identical rows': await identicalRows(office, peerPool, seconds),
      'bare insert': () => rateOf(WRITERS, seconds, () => patient(insertBare(barePool, office, office.nextSlot()))),
    },
    report,
    quick ? 2 : 7,
  )
  report.figure('bookings', result.median('ours'), 'bookings/s')
  report.figure('identical rows by hand', result.median('identical rows'), 'bookings/s')
  report.figure('bare inserts', result.median('bare insert'), 'rows/s')
  report.figure('ratio to identical rows', result.ratio('ours', 'identical rows'), 'ratio')
  report.figure('ratio to a bare insert', result.ratio('ours', 'bare insert'), 'ratio')

  const stage = { url: database.url, office, book, quick }
  report.title('Extremes')
  await raceOneSlot(report, stage)
  await compareOrganizations(report, stage)
  await bookLargest(report, stage)
  await bookSeries(report, stage)
  await scramble(report, stage)

  report.title('The judge')
  const verdict = await judge(database.url)
  report.figure('exclusive claims in the store', verdict.claims, '')
  report.figure('overlapping claims', verdict.overlaps, 'pairs')
  report.figure('errors to callers', errors, '')
  report.figure('deadlocks PostgreSQL resolved', verdict.deadlocks, '')
}

/** Prepares outside of the measured time as many as the fastest round could use, again for every round. */
async function identicalRows(
  office: Office,
  pool: Parameters<typeof writeIdenticalRows>[0],
  seconds: number,
): Promise<() => Promise<number>> {
  let fastest = 1_500
  return async () => {
    const ready: Prepared[] = []
    for (let i = 0; i < fastest * seconds * 1.5; i++)
      ready.push(await prepare(office.actor(i), bookingOf(office.nextSlot())))
    let used = 0
    const rate = await rateOf(WRITERS, seconds, async () => {
      const next = ready[used++]
      if (next === undefined) throw new Error('more prepared bookings are needed')
      return patient(writeIdenticalRows(pool, next))
    })
    fastest = Math.max(fastest, rate)
    return rate
  }
}

/** A peer that had to wait too long for a connection, because the machine stood still, has done nothing; the round goes on. */
async function patient(work: Promise<unknown>): Promise<0 | 1> {
  try {
    await work
    return 1
  } catch (error) {
    if (isUnavailable(error)) return 0
    throw error
  }
}
