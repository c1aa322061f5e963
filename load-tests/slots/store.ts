import pg from 'pg'
import { BUSY, busyParameters } from '../../db/availability/busy.ts'
import { LONGEST_BLOCK_MS } from '../../db/meetings/meetings-sql.ts'
import { openPool } from '../../db/pool.ts'
import { readOnly } from '../../db/transaction.ts'
import { type Instant, type Interval, DAY_MS, HOUR_MS, instant, plus } from '../../domain/time/instant.ts'
import { openTestDatabase } from '../../testkit/database.ts'
import { fillDiary } from '../../testkit/fill-diary.ts'
import { TestNetwork } from '../../testkit/network.ts'
import { foundOffice, iso } from '../../testkit/promises/office.ts'
import { HttpClient } from '../api/http-client.ts'
import { openLoop } from '../api/open-loop.ts'
import type { Report } from '../bench/report.ts'
import { openLoadPostgres } from '../bench/stores.ts'
import { percentile } from '../bench/statistics.ts'

export interface StoreSize {
  people: number
  days: number
}

/** Meetings of each person on each day. */
const PER_DAY = 8
/** Groups of people that look for a slot together, again and again. */
const TEAMS = 5
const WINDOW_DAYS = 28

export interface Asking {
  p50: number
  p99: number
}

/** A store full of meetings, one process of ours before it, and people who keep booking. */
export interface SlotStore extends AsyncDisposable {
  /** Milliseconds of `GET /calendar/availability` for a team of so many. */
  slots: (people: number, times: number) => Promise<Asking>
  /** The same for people nobody has asked about before. */
  strangers: (people: number, times: number) => Promise<Asking>
  /** Milliseconds of a bare count(*) of the rows that the answer depends on. */
  count: (people: number, times: number) => Promise<Asking>
  /** Bookings until `signal`; each takes time of three people. */
  book: (perSecond: number, signal: AbortSignal) => Promise<{ errors: number; sent: number }>
  /** How busy time is read. */
  plan: (people: number) => Promise<string[]>
}

export async function openSlotStore(report: Report, { people, days }: StoreSize): Promise<SlotStore> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openLoadPostgres((line) => report.note(line)))
  const database = await openTestDatabase(server.url)
  const env = { CONVOKE_RATE_LIMITS: 'off' }
  const network = stack.use(await TestNetwork.open({ api: 1, realtime: 0, worker: 0, database, env }))
  const office = await foundOffice(network, { people: 20, rooms: 0 })
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  stack.defer(() => owner.end())
  const organizationId = organizationOf(office.owner)
  const from = instant(Math.ceil(Date.now() / DAY_MS) * DAY_MS)
  const started = performance.now()
  const diary = await fillDiary(owner, { people, days, perDay: PER_DAY, from, together: 1, organizationId })
  const rows = people * days * PER_DAY
  report.note(
    `${rows.toLocaleString('en-GB')} occurrences of ${people} people in ${Math.round((performance.now() - started) / 1000)} s`,
  )
  const bare = new pg.Pool({ connectionString: database.url, max: 4 })
  stack.defer(() => bare.end())
  const app = openPool({ url: database.url, role: 'convoke_app', max: 2, onError: () => {} })
  stack.defer(() => app.end())
  const client = stack.use(new HttpClient(network.of('api')[0]?.url ?? ''))
  const bookers = stack.use(new HttpClient(network.of('api')[0]?.url ?? ''))
  const window: Interval = { start: plus(from, DAY_MS), end: plus(from, (1 + WINDOW_DAYS) * DAY_MS) }
  let stranger = 0
  let booked = 0

  const team = (size: number, n: number) => pickFrom(diary.people, (n % TEAMS) * size, size)
  const ask = async (ids: readonly string[], n: number) => {
    const query = `durationMinutes=30&granularityMinutes=15&limit=500&from=${iso(window.start)}&to=${iso(window.end)}`
    const { token } = office.people[n % office.people.length]!
    const path = `/calendar/availability?userIds=${ids.join()}&${query}`
    const { status, body } = await client.send({ method: 'GET', path, token })
    if (status !== 200) throw new Error(`availability answered ${status} ${body.slice(0, 200)}`)
  }
  const owned = stack.move()
  return {
    slots: (size, times) => timed(times, (n) => ask(team(size, n), n)),
    strangers: (size, times) => timed(times, (n) => ask(pickFrom(diary.people, (stranger += size), size), n)),
    count: (size, times) =>
      timed(times, (n) =>
        bare.query({ name: 'count', text: COUNT, values: countParameters(organizationId, team(size, n), window) }),
      ),
    async book(perSecond, signal) {
      const outcome = { errors: 0, sent: 0 }
      while (!signal.aborted) {
        const { errorShare, count } = await openLoop(perSecond, 1, async () => {
          const turn = booked++
          const start = plus(from, (days + 1 + (turn % 60)) * DAY_MS + (turn % 20) * HOUR_MS)
          const invited = pickFrom(diary.people, turn * 7, 2)
          const body = { ...MEETING, ...spanOf(start), participants: invited.map((userId) => ({ userId })) }
          const { token } = office.people[turn % office.people.length]!
          return (await bookers.send({ method: 'POST', path: '/meetings', token, body })).status === 201
        })
        outcome.errors += Math.round(errorShare * count)
        outcome.sent += count
      }
      return outcome
    },
    plan: (size) =>
      readOnly(app, organizationId, async (tx) => {
        const values = busyParameters(organizationId, team(size, 0), window)
        const { rows: lines } = await tx.query<{ 'QUERY PLAN': string }>('', `EXPLAIN (ANALYZE) ${BUSY}`, values)
        return lines.map((line) => line['QUERY PLAN'])
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const MEETING = { title: 'Under load', timezone: 'UTC' }

function spanOf(start: Instant) {
  return { startTime: iso(start), endTime: iso(start + HOUR_MS / 2) }
}

/** One after the other, as a person waits for an answer. */
async function timed(times: number, ask: (n: number) => Promise<unknown>): Promise<Asking> {
  const taken: number[] = []
  for (let n = 0; n < times; n++) {
    const started = performance.now()
    await ask(n)
    taken.push(performance.now() - started)
  }
  return { p50: percentile(taken, 50), p99: percentile(taken, 99) }
}

function pickFrom(all: readonly string[], first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => all[(first + i) % all.length]!)
}

function countParameters(organizationId: string, ids: readonly string[], { start, end }: Interval): unknown[] {
  return [organizationId, ids, start, end, LONGEST_BLOCK_MS / 1000]
}

const COUNT = `
  SELECT count(*) FROM allocation
  WHERE organization_id = $1 AND resource_id = ANY ($2::uuid[])
    AND starts_at < to_timestamp($4::float8 / 1000) AND ends_at > to_timestamp($3::float8 / 1000)
    AND starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)`

/** As the access token says. */
function organizationOf({ token }: { token: string }): string {
  return JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()).org
}
