import { setTimeout as delay } from 'node:timers/promises'
import { openTestDatabase } from '../../testkit/database.ts'
import { TestNetwork } from '../../testkit/network.ts'
import { type Office, expectStatus, foundOffice, span } from '../../testkit/promises/office.ts'
import { treeMs } from '../bench/cpu.ts'
import type { Report } from '../bench/report.ts'
import { interleave } from '../bench/rounds.ts'
import { median, percentile } from '../bench/statistics.ts'
import { openLoadPostgres } from '../bench/stores.ts'
import { type People, openPeople } from '../docs/people.ts'
import type { PeopleReport } from '../docs/people-process.ts'
import { openAfresh } from '../docs/replicas.ts'
import { COLLECTABLE, type Servers, openPeers, residentBytes } from '../docs/servers.ts'
import type { Seat } from '../docs/typist.ts'
import type { WireName } from '../docs/wires.ts'

const DOCS = 100
const PEOPLE_PER_DOC = 4
const KEYS_PER_SECOND = 6
const CURSORS_PER_SECOND = 10
/** The peer stores 2 s after the last change: what that costs is part of what a round cost, of either. */
const STORING_MS = 2_500
/** Documents that are opened afresh at the end, on both nodes. */
const SAMPLED = 10
/** Opened by one person each when memory is measured, with so many letters in them. */
const MEMORY_DOCS = 300

interface Product {
  wire: WireName
  servers: Servers
  docs: Seat[][]
  people: People
}

interface Round {
  /** Microseconds of the servers' processors per delivered update. */
  cpu: number
  near: number[]
  far: number[]
  stored: number[]
  missing: number
}

/**
 * People who type together, their cursors moving, half of each document's on either of two nodes: how long a letter takes to the
 * others, what it costs to bring it there, and when it is in the store; beside Hocuspocus with its Redis extension on the
 * same stores. The people are equally light on both wires and, unlike stock clients, do not echo cursors.
 */
export async function docs(report: Report, { quick }: { quick: boolean }): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await openLoadPostgres((line) => report.note(line)))
  const database = await openTestDatabase(postgres.url)
  const env = (nodeId: string) => (nodeId.startsWith('realtime') ? COLLECTABLE : {}) as Record<string, string>
  const network = stack.use(await TestNetwork.open({ api: 1, realtime: 2, worker: 1, database, env }))
  const [one, two] = network.of('realtime') as [TestNetwork['nodes'][0], TestNetwork['nodes'][0]]
  const servers = {
    ours: { urls: [one.url, two.url], pids: [one.pid, two.pid] } as const,
    hocuspocus: stack.use(await openPeers(database.url, network.redis.url)),
  }
  const office = await foundOffice(network, { people: PEOPLE_PER_DOC, rooms: 0 })
  const ids = await meetings(office, DOCS)
  const open = async (wire: WireName): Promise<Product> => {
    const seats = ids.map((id) =>
      office.people.map(({ token }, i) => ({
        docId: `meeting:${id}`,
        server: servers[wire].urls[i % 2 === 0 ? 0 : 1],
        token,
      })),
    )
    return { wire, servers: servers[wire], docs: seats, people: stack.use(await openPeople(wire, seats)) }
  }
  const products = { ours: await open('ours'), hocuspocus: await open('hocuspocus') }
  report.note(`${DOCS * PEOPLE_PER_DOC} people are in ${DOCS} documents of either product; warming up`)
  const load = { keys: KEYS_PER_SECOND, cursors: CURSORS_PER_SECOND }
  for (const { people } of Object.values(products)) await people.type({ ...load, seconds: 3 })
  await delay(STORING_MS)

  report.title(
    `${DOCS} documents x ${PEOPLE_PER_DOC} people on two nodes, ${load.keys} keys/s and ${load.cursors} cursors/s each`,
  )
  const done: Record<WireName, Round[]> = { ours: [], hocuspocus: [] }
  const contend = (wire: WireName) => async () => {
    const round = await typeFor(report, products[wire], { ...load, seconds: quick ? 4 : 7 })
    done[wire].push(round)
    return round.cpu
  }
  const result = await interleave(
    { ours: contend('ours'), hocuspocus: contend('hocuspocus') },
    report,
    quick ? 1 : 5,
  )
  // Those rounds that are counted.
  const over = (wire: WireName, of: (round: Round) => number) =>
    median(result.rounds.map(({ values }) => of(done[wire].find(({ cpu }) => cpu === values[wire]) as Round)))
  const all = ({ near, far }: Round) => [...near, ...far]
  const names = { ours: '', hocuspocus: 'Hocuspocus: ' }
  for (const wire of ['ours', 'hocuspocus'] as const) {
    report.figure(`${names[wire]}key to others, p50`, over(wire, (round) => percentile(all(round), 50)), 'ms')
    report.figure(`${names[wire]}key to others, p99`, over(wire, (round) => percentile(all(round), 99)), 'ms')
    report.figure(`${names[wire]}key to the other node, p99`, over(wire, ({ far }) => percentile(far, 99)), 'ms')
    report.figure(`${names[wire]}processor time per delivered update`, result.median(wire), 'us')
  }
  report.figure('processor time, ratio to Hocuspocus', result.ratio('ours', 'hocuspocus'), 'ratio')
  report.figure('stored, p50', over('ours', ({ stored }) => percentile(stored, 50)), 'ms')
  report.figure('stored, p99', over('ours', ({ stored }) => percentile(stored, 99)), 'ms')

  report.title('Everything typed, seen by stock clients that come afresh')
  for (const wire of ['ours', 'hocuspocus'] as const) {
    const { lost, diverged } = await judge(products[wire])
    report.figure(`${names[wire]}lost updates`, lost + sum(done[wire], ({ missing }) => missing), '')
    report.figure(`${names[wire]}diverged documents`, diverged, '')
  }
}

async function typeFor(
  report: Report,
  { wire, servers, people }: Product,
  load: { keys: number; cursors: number; seconds: number },
): Promise<Round> {
  const before = { servers: treeMs(servers.pids), people: treeMs([people.pid]), all: treeMs([process.pid]) }
  const began = performance.now()
  const told = await people.type(load)
  await delay(STORING_MS)
  const used = {
    servers: treeMs(servers.pids) - before.servers,
    people: treeMs([people.pid]) - before.people,
    all: treeMs([process.pid]) - before.all,
  }
  const { near, far, stored, missing } = told
  const cores = (ms: number) => (ms / (load.seconds * 1_000)).toFixed(2)
  report.note(
    `${wire.padEnd(10)}: ${told.sent} keys, ${near.length + far.length} deliveries, ${told.cursors} cursor messages; p50 ` +
      `${percentile([...near, ...far], 50).toFixed(1)}, p99 ${percentile([...near, ...far], 99).toFixed(1)} ms, stored p99 ` +
      `${percentile(stored, 99).toFixed(0)} ms; cores: servers ${cores(used.servers)}, people ${cores(used.people)}, ` +
      `stores and the rest ${cores(used.all - used.servers - used.people)}; people late by ${told.late.toFixed(0)} ms` +
      faultsOf(told),
  )
  return { cpu: (used.servers * 1_000) / (near.length + far.length), near, far, stored, missing }
}

function faultsOf({ missing, unstored, closes }: PeopleReport): string {
  const words = [
    missing > 0 ? `${missing} deliveries are missing` : '',
    unstored > 0 ? `${unstored} updates are not stored` : '',
    closes.length > 0 ? `${closes.length} people were sent away (${closes[0]})` : '',
  ]
  return words.map((word) => (word === '' ? '' : `; ${word}`)).join('')
}

/** Letters that are missing in the sampled documents, and how many of these are not the same on both nodes. */
async function judge({ wire, docs: all, people, servers }: Product): Promise<{ lost: number; diverged: number }> {
  const typed = await people.typed()
  let [lost, diverged] = [0, 0]
  for (let i = 0; i < all.length; i += Math.floor(all.length / SAMPLED)) {
    const seat = all[i]?.[0] as Seat
    const seen = await Promise.all(servers.urls.map((server) => openAfresh(wire, { ...seat, server })))
    lost += Math.max(...seen.map(({ letters }) => (typed[i] as number) - letters))
    if (seen[0]?.text !== seen[1]?.text) diverged += 1
  }
  return { lost, diverged }
}

/** With everybody invited, side by side in time. */
async function meetings(office: Office, count: number): Promise<string[]> {
  const participants = office.people.map(({ id: userId }) => ({ userId }))
  const ids: string[] = []
  while (ids.length < count) {
    const answers = await Promise.all(
      Array.from({ length: MEETINGS_A_DAY }, (_, slot) => {
        const time = span(office.at(slot * 2, 1 + ids.length / MEETINGS_A_DAY))
        return office.call('POST', '/meetings', { body: { title: 'Planning', ...time, participants } })
      }),
    )
    ids.push(...answers.map((answer) => expectStatus(answer, 201).body.meeting.id))
  }
  return ids.slice(0, count)
}

const MEETINGS_A_DAY = 10

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0)
}
