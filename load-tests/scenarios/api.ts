import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import { openPool } from '../../db/pool.ts'
import { type Instant, DAY_MS, HOUR_MS, MINUTE_MS, instant, plus } from '../../domain/time/instant.ts'
import { openTestDatabase } from '../../testkit/database.ts'
import { TestNetwork } from '../../testkit/network.ts'
import { type Office, foundOffice } from '../../testkit/promises/office.ts'
import { HttpClient } from '../api/http-client.ts'
import { type MixOffice, mixedRequest } from '../api/mix.ts'
import { type LoopResult, highestRate, openLoop } from '../api/open-loop.ts'
import { SAMPLING, SqlLog } from '../api/sql-times.ts'
import type { Report } from '../bench/report.ts'
import { interleave } from '../bench/rounds.ts'
import { median, percentile } from '../bench/statistics.ts'
import { openLoadPostgres } from '../bench/stores.ts'
import { createBareTable } from '../booking/bare-insert.ts'
import { bookingOf } from '../booking/office.ts'
import { booker } from '../booking/ours.ts'

const ROOMS = 200
const PEOPLE = 20
/** In every room on every day: what lists and schedules have to read through. */
const MEETINGS_A_DAY = 6
const DAYS = 14
/** What one process of ours has unless told otherwise; the peer gets the same. */
const CONNECTIONS = 10
/** The founding document's bounds. */
const BOUND = { p95Ms: 200, errorShare: 0.001 }
const RATES = { low: 600, high: 8_000, steps: 7 }

/**
 * What the whole way costs from the socket to the store and back: nine reads to one write over HTTP in an open loop, one process of ours
 * beside one bare process of Hono and pg that asks the same of the same store and protects nobody.
 */
export async function api(report: Report, { quick }: { quick: boolean }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openLoadPostgres((line) => report.note(line), SAMPLING))
  const database = await openTestDatabase(server.url)
  const network = stack.use(
    await TestNetwork.open({ api: 1, realtime: 0, worker: 0, database, env: { CONVOKE_RATE_LIMITS: 'off' } }),
  )
  await createBareTable(database.url)
  const office = await foundOffice(network, { people: PEOPLE, rooms: ROOMS })
  const mix = await fill(report, office, quick ? 2 : DAYS)
  const bare = stack.use(await openBare(database.url, organizationOf(office.owner)))
  const clients = {
    ours: stack.use(new HttpClient(network.of('api')[0]?.url ?? '')),
    bare: stack.use(new HttpClient(bare.url)),
  }
  const sql = new SqlLog(server.logFile)
  const perRequest: number[] = []
  const sqlTimes: number[] = []
  let turn = 0

  const run = async (name: keyof typeof clients, rate: number, seconds: number): Promise<LoopResult> => {
    const own = turn++
    await sql.mark()
    const result = await openLoop(rate, seconds, async (n) => {
      const { status } = await clients[name].send(mixedRequest(mix, n, own))
      return status === 200 || status === 201
    })
    const { statements, durations } = await sql.since()
    if (name === 'ours' && result.errorShare < BOUND.errorShare && result.p95 < BOUND.p95Ms) {
      perRequest.push(statements / result.count)
      sqlTimes.push(...durations)
    }
    report.note(
      `${name.padEnd(5)} at ${rate.toFixed(0)}/s: p50 ${result.p50.toFixed(1)}, p95 ${result.p95.toFixed(1)}, p99 ${result.p99.toFixed(1)} ms, errors ${(result.errorShare * 100).toFixed(2)} %`,
    )
    return result
  }

  report.title('Warming up')
  for (const name of ['ours', 'bare'] as const) await run(name, 400, quick ? 2 : 5)

  const seconds = quick ? 2 : 4
  report.title(`Requests per second, 90 % reads, with p95 < ${BOUND.p95Ms} ms and errors < ${BOUND.errorShare * 100} %`)
  const result = await interleave(
    {
      ours: () => highestRate((rate) => run('ours', rate, seconds), BOUND, RATES),
      bare: () => highestRate((rate) => run('bare', rate, seconds), BOUND, RATES),
    },
    report,
    quick ? 1 : 5,
  )
  report.figure('ours', result.median('ours'), 'requests/s')
  report.figure('bare Hono and pg', result.median('bare'), 'requests/s')
  report.figure('ratio to bare', result.ratio('ours', 'bare'), 'ratio')

  report.title('At the asked rate of 1,000 requests/s')
  const asked = await run('ours', 1_000, quick ? 4 : 15)
  report.figure('p95 at 1,000/s', asked.p95, 'ms')
  report.figure('errors at 1,000/s', asked.errorShare * 100, '%')
  report.figure('statements per request', median(perRequest), '')
  report.figure('SQL p99', percentile(sqlTimes, 99), 'ms')
  report.note(`SQL times from ${sqlTimes.length} sampled statements; BEGIN and COMMIT are counted as statements`)
}

/** Every room full of meetings, by the domain command. */
async function fill(report: Report, office: Office, days: number): Promise<MixOffice> {
  const pool = openPool({ url: office.network.database.url, role: 'convoke_app', max: CONNECTIONS, onError: () => {} })
  const book = booker(pool, (error) => report.note(error.message))
  const organizationId = organizationOf(office.owner)
  const firstDay = instant(Math.ceil(Date.now() / DAY_MS) * DAY_MS + DAY_MS)
  const meetings: string[] = []
  for (let day = 0; day < days; day++) {
    for (let slot = 0; slot < MEETINGS_A_DAY; slot++) {
      const start: Instant = plus(firstDay, day * DAY_MS + 7 * HOUR_MS + slot * 90 * MINUTE_MS)
      const booked = await Promise.all(
        office.rooms.map((roomId, i) => {
          const { id: userId } = office.people[(i + slot) % PEOPLE] as { id: string }
          const actor = {
            organizationId,
            userId,
            role: 'member',
            sessionId: organizationId,
            requestId: 'load',
          } as const
          const participants = [1, 2, 3].map((next) => ({
            userId: office.people[(i + slot + next) % PEOPLE]?.id as string,
            role: 'required' as const,
          }))
          return book(actor, bookingOf({ roomId, start, end: plus(start, HOUR_MS) }, { participants }))
        }),
      )
      meetings.push(...booked.flatMap((result) => (result.ok ? [result.value.meeting.id] : [])))
    }
  }
  await pool.end()
  await analyze(office.network.database.url)
  report.note(`${meetings.length} meetings in ${ROOMS} rooms on ${days} days`)
  return { rooms: office.rooms, tokens: office.people.map(({ token }) => token), meetings, firstDay, days }
}

/** As its access token says. */
function organizationOf({ token }: { token: string }): string {
  return JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()).org
}

/** What a store that has been running knows about its tables. */
async function analyze(url: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  await owner.query('ANALYZE')
  await owner.end()
}

async function openBare(databaseUrl: string, organizationId: string): Promise<{ url: string } & AsyncDisposable> {
  const script = join(import.meta.dirname, '..', 'api', 'bare-process.ts')
  const child = fork(script, [databaseUrl, organizationId, String(CONNECTIONS)])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}
