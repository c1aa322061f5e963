import { setTimeout as delay } from 'node:timers/promises'
import { openTestDatabase } from '../../testkit/database.ts'
import { eventually } from '../../testkit/eventually.ts'
import { TestNetwork, type TestNode } from '../../testkit/network.ts'
import { foundOffice } from '../../testkit/promises/office.ts'
import { CpuWatch, treeMs } from '../bench/cpu.ts'
import type { Report } from '../bench/report.ts'
import { FOREIGN_CORES, MAX_REPEATS, wordsOf } from '../bench/rounds.ts'
import { median, percentile } from '../bench/statistics.ts'
import { openLoadPostgres } from '../bench/stores.ts'
import { type CommitTimes, type LogView, openLogView } from '../news/commit-times.ts'
import { SteadyBookings } from '../news/steady-bookings.ts'
import type { ClientReport } from '../news/watchers-process.ts'
import { type Watchers, openWatchers } from '../news/watchers.ts'

const SOCKETS = 500
const BOOKINGS_PER_SECOND = 100
const ROOMS = 100
/** Each socket gets about as many events per second: every room is booked once in that time. */
const ROOMS_PER_SOCKET = 3
const PEOPLE = 20
/** Delivered or not, after so long nothing more is on its way. */
const SETTLE_MS = 5_000

interface Rig {
  network: TestNetwork
  log: LogView
  watchers: Watchers
  bookings: SteadyBookings
}

/**
 * How long news takes from the commit, by PostgreSQL's own commit timestamp, to the clients that watch, and whether it all
 * comes, once each: in calm, with a realtime node killed, and with the worker killed that carries the news.
 */
export async function news(report: Report, { quick }: { quick: boolean }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openLoadPostgres((line) => report.note(line), { track_commit_timestamp: 'on' }))
  const database = await openTestDatabase(server.url)
  const network = stack.use(await TestNetwork.open({ api: 2, realtime: 2, worker: 2, database }))
  report.note('two api, two realtime and two worker processes are up')
  const office = await foundOffice(network, { people: PEOPLE, rooms: ROOMS })
  const bookings = new SteadyBookings(office, network.of('api'))
  const clients = Array.from({ length: SOCKETS }, (_, i) => ({
    token: office.people[i % PEOPLE]?.token as string,
    topics: Array.from(
      { length: ROOMS_PER_SOCKET },
      (_room, j) => `room:${office.rooms[(i * ROOMS_PER_SOCKET + j) % ROOMS]}`,
    ),
  }))
  const watchers = stack.use(await openWatchers({ url: network.url, clients }))
  const rig: Rig = { network, log: stack.use(openLogView(database.url)), watchers, bookings }
  const phases = new Phases(report, rig)
  await phases.warmUp()

  report.title(
    `${BOOKINGS_PER_SECOND} bookings/s at two api nodes, ${SOCKETS} sockets on two realtime nodes, ${ROOMS_PER_SOCKET} of ${ROOMS} rooms each`,
  )
  await phases.calm(quick ? { rounds: 2, seconds: 4 } : { rounds: 5, seconds: 8 })

  report.title('kill -9 of the realtime node that most sockets are on, half-way')
  for (let round = 0; round < (quick ? 1 : 3); round++)
    await phases.kill('a realtime node killed', busiest, quick ? 5 : 8)

  report.title('kill -9 of the worker that carries the news, half-way; another stands by')
  for (let round = 0; round < (quick ? 1 : 3); round++) await phases.kill('the relay killed', carrier, quick ? 5 : 8)

  report.title('Over the whole run')
  await phases.summary()
}

/** One load after the other on the same rig; what goes wrong in any of them is counted for all. */
class Phases {
  readonly #report: Report
  readonly #rig: Rig
  readonly #silence = new Map<string, number[]>()
  #refused = 0

  constructor(report: Report, rig: Rig) {
    this.#report = report
    this.#rig = rig
  }

  /** Compiles, plans and fills caches everywhere. */
  async warmUp(): Promise<void> {
    this.#report.note(`${(await this.#rig.watchers.report()).length} sockets have joined; warming up`)
    await this.#load(4)
  }

  async calm({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
    const done: { p50: number; p99: number; answer: number; foreign: number }[] = []
    const isCalm = (round: { foreign: number }) => round.foreign <= FOREIGN_CORES
    while (done.filter(isCalm).length < rounds && done.length < rounds + MAX_REPEATS) {
      const watch = new CpuWatch()
      const before = this.#processorTimes()
      const { lateness, answers } = await this.#load(seconds)
      const cpu = watch.lap()
      const { foreign } = cpu
      const all = [...lateness.values()].flat()
      const round = { p50: percentile(all, 50), p99: percentile(all, 99), answer: percentile(answers, 99), foreign }
      done.push(round)
      this.#report.note(
        `round ${done.length}: ${all.length} deliveries, p50 ${round.p50.toFixed(1)} ms, p99 ${round.p99.toFixed(1)} ms, ` +
          `POST p99 ${round.answer.toFixed(0)} ms; ${this.#coresSince(before)}; ${wordsOf(cpu)}`,
      )
    }
    const counted = done.toSorted((a, b) => a.foreign - b.foreign).slice(0, rounds)
    const disturbed = counted.filter((round) => !isCalm(round)).length
    if (disturbed > 0) this.#report.note(`${disturbed} of the ${rounds} counted rounds were disturbed`)
    this.#report.figure('commit to client, p50', median(counted.map((round) => round.p50)), 'ms')
    this.#report.figure('commit to client, p99', median(counted.map((round) => round.p99)), 'ms')
    this.#report.figure('POST /meetings, p99', median(counted.map((round) => round.answer)), 'ms')
  }

  /**
   * Kills half-way. The silence of a client is the longest that anything committed took to reach it: how long it showed
   * what was no longer true.
   */
  async kill(
    name: string,
    choose: (rig: Rig, clients: readonly ClientReport[]) => Promise<TestNode>,
    seconds: number,
  ): Promise<void> {
    const before = await this.#rig.watchers.report()
    const victim = await choose(this.#rig, before)
    const { lateness } = await this.#load(seconds, () => victim.kill())
    const affected = before
      .map((client, i) => (victim.role !== 'realtime' || client.node === victim.id ? i : -1))
      .filter((i) => i >= 0)
    const silence = affected.map((i) => Math.max(0, ...(lateness.get(i) ?? [])))
    const all = [...(this.#silence.get(name) ?? []), ...silence]
    this.#silence.set(name, all)
    this.#report.note(
      `${victim.id} killed: ${affected.length} clients affected, silent for ${percentile(silence, 50).toFixed(0)} ms (p50), ${percentile(silence, 99).toFixed(0)} ms (p99)`,
    )
    await victim.start()
    if (victim.role === 'realtime') await this.#rig.watchers.scatter()
  }

  async summary(): Promise<void> {
    for (const [name, silence] of this.#silence) {
      this.#report.figure(`${name}: silence, p50`, percentile(silence, 50), 'ms')
      this.#report.figure(`${name}: silence, p99`, percentile(silence, 99), 'ms')
    }
    const heads = await this.#rig.log.heads()
    const clients = await this.#rig.watchers.report()
    const faults = clients.flatMap((client) => client.faults)
    for (const fault of faults.slice(0, 5)) this.#report.note(fault)
    const gaps = faults.filter((fault) => fault.includes('(gap)')).length
    const duplicates = faults.filter((fault) => fault.includes('(duplicate')).length
    this.#report.figure('gaps', gaps, '')
    this.#report.figure('duplicates', duplicates, '')
    this.#report.figure('other faults', faults.length - gaps - duplicates, '')
    this.#report.figure(
      'resumed by state instead of events',
      clients.reduce((sum, client) => sum + client.snapshots, 0),
      'times',
    )
    const behind = clients.filter(({ cursors }) => cursors.some(([topic, seq]) => seq !== (heads.get(topic) ?? 0)))
    this.#report.figure('clients behind at the end', behind.length, '')
    this.#report.figure('bookings refused', this.#refused, '')
  }

  /** Answers how late each delivery was, in milliseconds, by the client's index. */
  async #load(
    seconds: number,
    halfWay?: () => Promise<unknown>,
  ): Promise<{ lateness: Map<number, number[]>; answers: number[] }> {
    const { bookings, watchers, log } = this.#rig
    const since = Date.now()
    await watchers.report()
    const run = bookings.run(BOOKINGS_PER_SECOND, seconds)
    if (halfWay !== undefined) {
      await delay((seconds * 1_000) / 2)
      await halfWay()
    }
    const { answers, refused } = await run
    for (const words of refused) this.#report.note(`a booking was refused: ${words}`)
    this.#refused += refused.length
    const clients = await this.#delivered()
    const committed = await log.commitTimes(since)
    return { lateness: latenessOf(clients, committed), answers }
  }

  /** The reports once everything committed has arrived, or nothing more can be waited for. */
  async #delivered(): Promise<ClientReport[]> {
    const { log, watchers } = this.#rig
    await eventually(async () => ((await log.settled()) ? undefined : 'news is undelivered'), SETTLE_MS)
    const heads = await log.heads()
    const collected: ClientReport[] = await watchers.report()
    const isBehind = ({ cursors }: ClientReport) => cursors.some(([topic, seq]) => seq < (heads.get(topic) ?? 0))
    const limit = performance.now() + SETTLE_MS
    while (collected.some(isBehind) && performance.now() < limit) {
      await delay(50)
      for (const [i, next] of (await watchers.report()).entries()) {
        collected[i] = { ...next, arrivals: [...(collected[i]?.arrivals ?? []), ...next.arrivals] }
      }
    }
    return collected
  }

  #processorTimes(): Record<string, number> {
    const { network, watchers } = this.#rig
    const ofRole = (role: 'api' | 'realtime' | 'worker') => treeMs(network.of(role).map((node) => node.pid))
    const own = process.cpuUsage()
    return {
      at: performance.now(),
      api: ofRole('api'),
      realtime: ofRole('realtime'),
      worker: ofRole('worker'),
      'the generators': treeMs(watchers.pids) + (own.user + own.system) / 1_000,
    }
  }

  #coresSince(before: Record<string, number>): string {
    const { at = 0, ...after } = this.#processorTimes()
    const cores = ([role, ms]: [string, number]) =>
      `${role} ${((ms - (before[role] ?? 0)) / (at - (before['at'] ?? 0))).toFixed(2)}`
    return `cores: ${Object.entries(after).map(cores).join(', ')}`
  }
}

function latenessOf(clients: readonly ClientReport[], committed: CommitTimes): Map<number, number[]> {
  return new Map(
    clients.map(({ arrivals }, i) => [
      i,
      arrivals.flatMap(([topic, seq, at]) => {
        const commit = committed.get(`${topic} ${seq}`)
        return commit === undefined ? [] : [Math.max(0, at - commit)]
      }),
    ]),
  )
}

async function busiest({ network }: Rig, clients: readonly ClientReport[]): Promise<TestNode> {
  const on = (node: TestNode) => clients.filter((client) => client.node === node.id).length
  return network.of('realtime').toSorted((a, b) => on(b) - on(a))[0] as TestNode
}

/** The worker that took the relay's lease last. */
async function carrier({ network }: Rig): Promise<TestNode> {
  const workers = network.of('worker')
  const taken = await Promise.all(
    workers.map(async (node) => {
      const lines = (await node.log()).split('\n').filter((line) => line.includes('relay.lease_taken'))
      return Number((JSON.parse(lines.at(-1) ?? '{"time":0}') as { time: number }).time)
    }),
  )
  return workers[taken.indexOf(Math.max(...taken))] as TestNode
}
