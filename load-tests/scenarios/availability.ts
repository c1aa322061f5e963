import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { openTestDatabase } from '../../testkit/database.ts'
import { TestNetwork, type TestNode } from '../../testkit/network.ts'
import { type Office, type Person, foundOffice } from '../../testkit/promises/office.ts'
import { TeamBookings } from '../availability/team-bookings.ts'
import type { Order, WatchOrder, WatchersReport } from '../availability/watchers-process.ts'
import { CpuWatch, treeMs } from '../bench/cpu.ts'
import { type Forked, openForked } from '../bench/forked.ts'
import type { Report } from '../bench/report.ts'
import { FOREIGN_CORES, MAX_REPEATS, wordsOf } from '../bench/rounds.ts'
import { median, percentile } from '../bench/statistics.ts'
import { openLoadPostgres } from '../bench/stores.ts'

const WATCHERS = 1_000
const PEOPLE = 200
const BOOKINGS_PER_SECOND = 50
const DAYS = 5
const DAY_MS = 86_400_000
const SLOTS_PER_DAY = 48
const PROCESSES = 2
/** Passwords are hashed on purpose slowly. */
const HIRED_AT_ONCE = 8
/** Delivered or not, after so long nothing more is on its way. */
const SETTLE_MS = 15_000

type Watchers = Forked<Order, WatchersReport>

/**
 * How long a change of somebody's time takes from the commit, by PostgreSQL's own commit timestamp, to the delta that shows it at those
 * who look, what it costs, and whether everybody has the right state in the end: in calm, and with a realtime node killed.
 */
export async function availability(report: Report, { quick }: { quick: boolean }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openLoadPostgres((line) => report.note(line), { track_commit_timestamp: 'on' }))
  const database = await openTestDatabase(server.url)
  const network = stack.use(await TestNetwork.open({ api: 1, realtime: 2, worker: 1, database }))
  const office = await foundOffice(network, { people: 0, rooms: 0 })
  const people = await hireAll(office, quick ? 40 : PEOPLE)
  report.note(`an api, two realtime and a worker process are up; ${people.length} people are hired`)
  const from = Math.ceil(Date.now() / DAY_MS) * DAY_MS
  const bookings = new TeamBookings(office, people, network.of('api'), { from, slots: DAYS * SLOTS_PER_DAY })
  const clients = watchOrders(people, quick ? 200 : WATCHERS, from)
  const script = fileURLToPath(new URL('../availability/watchers-process.ts', import.meta.url))
  const watchers = stack.use(openForked(script, PROCESSES) as Watchers)
  const size = Math.ceil(clients.length / PROCESSES)
  const joining = performance.now()
  await watchers.askEach(
    Array.from({ length: PROCESSES }, (_, i) => ({
      url: network.url,
      clients: clients.slice(i * size, (i + 1) * size),
    })),
  )
  report.note(`${clients.length} watchers have their snapshots after ${Math.round(performance.now() - joining)} ms`)
  const owner = new pg.Pool({ connectionString: database.url, max: 1 })
  owner.on('error', () => {})
  stack.defer(() => owner.end())
  const phases = new Phases(report, { network, watchers, bookings, owner, clients, size })
  await phases.warmUp()

  report.title(
    `${BOOKINGS_PER_SECOND} bookings/s of three people each; ${clients.length} watchers of 5 to 20 out of ${people.length} people, half for a week, half for a day`,
  )
  await phases.calm(quick ? { rounds: 2, seconds: 4 } : { rounds: 5, seconds: 8 })
  report.title('kill -9 of a realtime node, half-way')
  for (let round = 0; round < (quick ? 1 : 2); round++) await phases.kill(quick ? 5 : 8)
  report.title('Over the whole run')
  await phases.summary()
}

interface Rig {
  network: TestNetwork
  watchers: Watchers
  bookings: TeamBookings
  owner: pg.Pool
  clients: WatchOrder['clients']
  /** Clients per process. */
  size: number
}

interface Load {
  lateness: number[]
  answers: number[]
  /** Deltas and bookings. */
  deltas: number
}

class Phases {
  readonly #report: Report
  readonly #rig: Rig
  #refused = 0
  #missing = 0
  #deltas = 0
  #silence: number[] = []

  constructor(report: Report, rig: Rig) {
    this.#report = report
    this.#rig = rig
  }

  async warmUp(): Promise<void> {
    await this.#load(4)
    this.#missing = 0
  }

  async calm({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
    const done: { p50: number; p99: number; cpu: Record<string, number>; foreign: number }[] = []
    const isCalm = (round: { foreign: number }) => round.foreign <= FOREIGN_CORES
    while (done.filter(isCalm).length < rounds && done.length < rounds + MAX_REPEATS) {
      const watch = new CpuWatch()
      const before = this.#processorTimes()
      const { lateness, answers, deltas } = await this.#load(seconds)
      const cpu = watch.lap()
      const after = this.#processorTimes()
      const each = Object.fromEntries(
        Object.entries(after).map(([role, ms]) => [role, (ms - before[role]!) / answers.length]),
      )
      const round = { p50: percentile(lateness, 50), p99: percentile(lateness, 99), cpu: each, foreign: cpu.foreign }
      done.push(round)
      this.#report.note(
        `round ${done.length}: ${lateness.length} changes seen in ${deltas} deltas, p50 ${round.p50.toFixed(0)} ms, p99 ${round.p99.toFixed(0)} ms, ` +
          `POST p99 ${percentile(answers, 99).toFixed(0)} ms; CPU per booking: ${Object.entries(each)
            .map(([role, ms]) => `${role} ${ms.toFixed(1)} ms`)
            .join(', ')}; ${wordsOf(cpu)}`,
      )
    }
    const counted = done.toSorted((a, b) => a.foreign - b.foreign).slice(0, rounds)
    const disturbed = counted.filter((round) => !isCalm(round)).length
    if (disturbed > 0) this.#report.note(`${disturbed} of the ${rounds} counted rounds were disturbed`)
    this.#report.figure('change to delta, p50', median(counted.map((round) => round.p50)), 'ms')
    this.#report.figure('change to delta, p99', median(counted.map((round) => round.p99)), 'ms')
    for (const role of ['realtime', 'api', 'worker'] as const) {
      this.#report.figure(`CPU per booking, ${role}`, median(counted.map(({ cpu }) => cpu[role]!)), 'ms')
    }
  }

  /** The silence of a client is the longest that anything committed took to reach it. */
  async kill(seconds: number): Promise<void> {
    const victim = this.#rig.network.of('realtime')[0] as TestNode
    const { lateness } = await this.#load(seconds, () => victim.kill())
    this.#silence.push(Math.max(...lateness))
    this.#report.note(
      `${victim.id} killed: silent for ${percentile(lateness, 99.9).toFixed(0)} ms (p99.9), ${Math.max(...lateness).toFixed(0)} ms at most`,
    )
    await victim.start()
    await this.#rig.watchers.askAll('scatter')
  }

  async summary(): Promise<void> {
    const slots = Map.groupBy([...(await this.#commits()).keys()], (key) => key.split(' ')[0]!)
    const truth = new Map([...slots].map(([person, keys]) => [person, keys.map((key) => Number(key.split(' ')[1]))]))
    const reports = await this.#rig.watchers.askAll({ slots: truth })
    const faults = reports.flatMap((one) => one.faults)
    for (const fault of faults.slice(0, 5)) this.#report.note(fault)
    this.#report.figure('a realtime node killed: longest silence', median(this.#silence), 'ms')
    this.#report.figure('gaps', faults.filter((fault) => fault.includes('(gap)')).length, '')
    this.#report.figure('other faults', faults.filter((fault) => !fault.includes('(gap)')).length, '')
    this.#report.figure('changes not seen by somebody who looks', this.#missing, '')
    this.#report.figure('watchers wrong at the end', reports.flatMap(({ wrong }) => wrong).length, '')
    this.#report.figure('bookings refused', this.#refused, '')
  }

  async #load(seconds: number, halfWay?: () => Promise<unknown>): Promise<Load> {
    const { bookings, watchers } = this.#rig
    await watchers.askAll('report')
    const before = await this.#commits()
    const run = bookings.run(BOOKINGS_PER_SECOND, seconds)
    if (halfWay !== undefined) {
      await delay((seconds * 1_000) / 2)
      await halfWay()
    }
    const { answers, refused } = await run
    for (const words of refused.slice(0, 5)) this.#report.note(`a booking was refused: ${words}`)
    this.#refused += refused.length
    const commits = await this.#commits()
    const wanted = this.#expected([...commits.keys()].filter((key) => !before.has(key)))
    const seen = new Map<string, number>()
    const limit = performance.now() + SETTLE_MS
    let deltas = 0
    do {
      await delay(200)
      const reports = await watchers.askAll('report')
      deltas = reports.reduce((sum, one) => sum + one.deltas, 0)
      for (const [part, { arrivals }] of reports.entries()) {
        for (const [client, person, slot, at] of arrivals) {
          const key = `${part * this.#rig.size + client} ${person} ${slot}`
          if (!seen.has(key)) seen.set(key, at)
        }
      }
    } while ([...wanted.keys()].some((key) => !seen.has(key)) && performance.now() < limit)
    const lateness = [...wanted].flatMap(([key, change]) => {
      const [at, commit] = [seen.get(key), commits.get(change)]
      if (at === undefined) this.#missing += 1
      return at === undefined || commit === undefined ? [] : [Math.max(0, at - commit)]
    })
    const more = deltas - this.#deltas
    this.#deltas = deltas
    return { lateness, answers, deltas: more }
  }

  /** What each client must come to see, as `client person slot`, and the change that is. */
  #expected(changes: readonly string[]): Map<string, string> {
    const added = Map.groupBy(changes, (change) => change.split(' ')[0]!)
    return new Map(
      this.#rig.clients.flatMap(({ people, from, to }, i) =>
        people.flatMap((person) =>
          (added.get(person) ?? [])
            .filter((change) => isWithin(Number(change.split(' ')[1]), from, to))
            .map((change): [string, string] => [`${i} ${change}`, change]),
        ),
      ),
    )
  }

  /** When what takes people's time was committed, by `person slot`; epoch milliseconds. Also what was never answered. */
  async #commits(): Promise<Map<string, number>> {
    const { rows } = await this.#rig.owner.query<{ key: string; at: number }>(
      `SELECT resource_id || ' ' || (extract(epoch FROM starts_at) * 1000)::bigint AS key,
              (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS at
       FROM allocation WHERE resource_kind = 'person'`,
    )
    return new Map(rows.map(({ key, at }) => [key, at]))
  }

  #processorTimes(): Record<string, number> {
    const { network, watchers } = this.#rig
    const own = process.cpuUsage()
    const ofRole = (role: 'api' | 'realtime' | 'worker') => treeMs(network.of(role).map((node) => node.pid))
    return {
      ...{ realtime: ofRole('realtime'), api: ofRole('api'), worker: ofRole('worker') },
      'the generators': treeMs(watchers.pids) + (own.user + own.system) / 1_000,
    }
  }
}

function isWithin(slot: number, from: number, to: number): boolean {
  return slot >= from && slot < to
}

async function hireAll(office: Office, count: number): Promise<Person[]> {
  const people: Person[] = []
  while (people.length < count) {
    people.push(...(await Promise.all(Array.from({ length: HIRED_AT_ONCE }, () => office.hire()))))
  }
  return people.slice(0, count)
}

/** The same in every run: 5 to 20 people each, one after the other from somewhere in the list. */
function watchOrders(people: readonly Person[], count: number, from: number): WatchOrder['clients'] {
  return Array.from({ length: count }, (_, i) => {
    const size = 5 + (i % 16)
    const first = (i * 37) % people.length
    const day = i % 2 === 0 ? undefined : Math.floor(i / 2) % DAYS
    return {
      token: people[i % people.length]!.token,
      people: Array.from({ length: size }, (_one, j) => people[(first + j) % people.length]!.id),
      from: day === undefined ? from : from + day * DAY_MS,
      to: day === undefined ? from + DAYS * DAY_MS : from + (day + 1) * DAY_MS,
    }
  })
}
