import { setTimeout as delay } from 'node:timers/promises'
import { openTestDatabase } from '../../testkit/database.ts'
import { TestNetwork, type TestNode } from '../../testkit/network.ts'
import { type Office, type Person, expectStatus, foundOffice, span } from '../../testkit/promises/office.ts'
import { treeMs } from '../bench/cpu.ts'
import type { Report } from '../bench/report.ts'
import { interleave } from '../bench/rounds.ts'
import { median, percentile } from '../bench/statistics.ts'
import { openLoadPostgres } from '../bench/stores.ts'
import { bytesPerDocument } from '../docs/memory.ts'
import { type People, openPeople } from '../docs/people.ts'
import type { PeopleReport } from '../docs/people-process.ts'
import { ASKED, type Rates, highestHeld, isAsked, words } from '../docs/rates.ts'
import { openAfresh } from '../docs/replicas.ts'
import { COLLECTABLE } from '../docs/held-bytes.ts'
import { type Servers, openPeers } from '../docs/servers.ts'
import type { Seat } from '../docs/typist.ts'
import type { WireName } from '../docs/wires.ts'

const DOCS = 100
const PEOPLE_PER_DOC = 4
/** The peer stores 2 s after the last change: what that costs is part of what a round cost, of either. */
const STORING_MS = 2_500
/** Documents that are opened afresh at the end, on both nodes. */
const SAMPLED = 10
/** Opened by one person each when memory is measured. */
const MEMORY_DOCS = 300

const WIRES = ['ours', 'hocuspocus'] as const satisfies WireName[]
/** Of the names of figures. */
const PREFIX: Record<WireName, string> = { ours: '', hocuspocus: 'Hocuspocus: ' }

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
  const env = (nodeId: string): Record<string, string> => (nodeId.startsWith('realtime') ? COLLECTABLE : {})
  const network = stack.use(await TestNetwork.open({ api: 1, realtime: 2, worker: 1, database, env }))
  const servers = {
    ours: serversOf(network.of('realtime')),
    hocuspocus: stack.use(await openPeers(database.url, network.redis.url)),
  }
  const office = await foundOffice(network, { people: PEOPLE_PER_DOC, rooms: 0 })
  const ids = await meetings(office, DOCS + (quick ? DOCS : MEMORY_DOCS))
  const seat = (wire: WireName, id: string, person: number): Seat => ({
    docId: `meeting:${id}`,
    server: servers[wire].urls[person % 2 === 0 ? 0 : 1],
    token: (office.people[person % PEOPLE_PER_DOC] as Person).token,
  })
  const open = async (wire: WireName): Promise<Product> => {
    const seats = ids.slice(0, DOCS).map((id) => office.people.map((_, i) => seat(wire, id, i)))
    return { wire, servers: servers[wire], docs: seats, people: stack.use(await openPeople(wire, seats)) }
  }
  const products = { ours: await open('ours'), hocuspocus: await open('hocuspocus') }
  report.note(`${DOCS * PEOPLE_PER_DOC} people are in ${DOCS} documents of either product; warming up`)
  const typing = { ours: products.ours.people, hocuspocus: products.hocuspocus.people }
  for (const people of Object.values(typing)) await people.type({ keys: 2, cursors: 3, seconds: 3 })
  await delay(STORING_MS)

  // Before the load: memory that was given back after it would be taken again unseen.
  await memory(report, products, (wire) => ids.slice(DOCS).map((id, i) => seat(wire, id, i)))

  const rates = await highestHeld(report, typing)
  await delay(STORING_MS)
  await compare(report, products, rates, quick)
  if (!isAsked(rates)) await oursAtAsked(report, products.ours, quick)

  report.title('Everything typed, seen by stock clients that come afresh')
  for (const wire of WIRES) {
    const { lost, diverged } = await judge(products[wire])
    report.figure(`${PREFIX[wire]}lost updates`, lost, '')
    report.figure(`${PREFIX[wire]}diverged documents`, diverged, '')
  }
}

/** Beside the documents that everybody is in, and sits still. */
async function memory(
  report: Report,
  products: Record<WireName, Product>,
  seatsOf: (wire: WireName) => Seat[],
): Promise<void> {
  report.title(`${seatsOf('ours').length} more documents with one person each`)
  const bytes = { ours: NaN, hocuspocus: NaN }
  for (const wire of WIRES) {
    bytes[wire] = await bytesPerDocument(wire, products[wire].servers, seatsOf(wire))
    report.figure(`${PREFIX[wire]}memory per open document`, bytes[wire] / 1_024, 'KiB')
  }
  // Less than nothing says that nothing was measured.
  const isMeasured = bytes.ours > 0 && bytes.hocuspocus > 0
  report.figure('memory, ratio to Hocuspocus', isMeasured ? bytes.ours / bytes.hocuspocus : NaN, 'ratio')
}

async function compare(
  report: Report,
  products: Record<WireName, Product>,
  rates: Rates,
  quick: boolean,
): Promise<void> {
  const held = isAsked(rates) ? '' : ', the most that this machine holds with either'
  report.title(`${DOCS} documents x ${PEOPLE_PER_DOC} people on two nodes, ${words(rates)}${held}`)
  const done: Record<WireName, Round[]> = { ours: [], hocuspocus: [] }
  const contend = (wire: WireName) => async () => {
    const round = await typeFor(report, products[wire], { ...rates, seconds: quick ? 4 : 7 })
    done[wire].push(round)
    return round.cpu
  }
  const contenders = { ours: contend('ours'), hocuspocus: contend('hocuspocus') }
  const result = await interleave(contenders, report, quick ? 1 : 5)
  const counted = (wire: WireName) =>
    result.rounds.map(({ values }) => done[wire].find(({ cpu }) => cpu === values[wire]) as Round)
  for (const wire of WIRES) {
    const over = (of: (round: Round) => number[], percent: number) =>
      median(counted(wire).map((round) => percentile(of(round), percent)))
    report.figure(`${PREFIX[wire]}key to others, p50`, over(everybody, 50), 'ms')
    report.figure(`${PREFIX[wire]}key to others, p99`, over(everybody, 99), 'ms')
    report.figure(
      `${PREFIX[wire]}key to the other node, p99`,
      over(({ far }) => far, 99),
      'ms',
    )
    report.figure(`${PREFIX[wire]}processor time per delivered update`, result.median(wire), 'us')
    if (wire === 'ours')
      report.figure(
        'key to stored, p50',
        over(({ stored }) => stored, 50),
        'ms',
      )
    if (wire === 'ours')
      report.figure(
        'key to stored, p99',
        over(({ stored }) => stored, 99),
        'ms',
      )
  }
  const peers = counted('hocuspocus')
  const slower = counted('ours').map(
    (round, i) => percentile(everybody(round), 99) / percentile(everybody(peers[i] as Round), 99),
  )
  report.figure('key to others, p99, ratio to Hocuspocus', median(slower), 'ratio')
  report.figure('processor time, ratio to Hocuspocus', result.ratio('ours', 'hocuspocus'), 'ratio')
}

/** What was asked for is more than the peer holds here: ours alone. */
async function oursAtAsked(report: Report, ours: Product, quick: boolean): Promise<void> {
  report.title(`Ours alone, ${words(ASKED)}`)
  const rounds: Round[] = []
  for (let i = 0; i < (quick ? 1 : 3); i++) {
    rounds.push(await typeFor(report, ours, { ...ASKED, seconds: quick ? 4 : 7 }))
  }
  const over = (of: (round: Round) => number[]) => median(rounds.map((round) => percentile(of(round), 99)))
  report.figure('asked rate: key to others, p99', over(everybody), 'ms')
  report.figure(
    'asked rate: key to stored, p99',
    over(({ stored }) => stored),
    'ms',
  )
}

function everybody({ near, far }: Round): number[] {
  return [...near, ...far]
}

function serversOf(nodes: readonly TestNode[]): Servers {
  const [one, two] = nodes as [TestNode, TestNode]
  return { urls: [one.url, two.url], pids: [one.pid, two.pid] }
}

async function typeFor(
  report: Report,
  { wire, servers, people }: Product,
  load: { keys: number; cursors: number; seconds: number },
): Promise<Round> {
  const before = { servers: treeMs(servers.pids), people: treeMs([people.pid]), all: treeMs([process.pid]) }
  const told = await people.type(load)
  await delay(STORING_MS)
  const used = {
    servers: treeMs(servers.pids) - before.servers,
    people: treeMs([people.pid]) - before.people,
    all: treeMs([process.pid]) - before.all,
  }
  const { near, far, stored } = told
  const cores = (ms: number) => (ms / (load.seconds * 1_000)).toFixed(2)
  report.note(
    `${wire.padEnd(10)}: ${told.sent} keys, ${near.length + far.length} deliveries, ${told.cursors} cursor messages; p50 ` +
      `${percentile([...near, ...far], 50).toFixed(1)}, p99 ${percentile([...near, ...far], 99).toFixed(1)} ms, stored p99 ` +
      `${percentile(stored, 99).toFixed(0)} ms; cores: servers ${cores(used.servers)}, people ${cores(used.people)}, ` +
      `stores and the rest ${cores(used.all - used.servers - used.people)}; people late by ${told.late.toFixed(0)} ms` +
      faultsOf(told),
  )
  return { cpu: (used.servers * 1_000) / (near.length + far.length), near, far, stored }
}

function faultsOf({ missing, unstored, closes }: PeopleReport): string {
  const words = [
    missing > 0 ? `${missing} deliveries are missing` : '',
    unstored > 0 ? `${unstored} updates are not stored` : '',
    closes.length > 0 ? `${closes.length} people were sent away (${closes[0]})` : '',
  ]
  return words.map((word) => (word === '' ? '' : `; ${word}`)).join('')
}

/**
 * Deliveries that never came and letters that are missing in the sampled documents; and how many of these are not the same on
 * both nodes.
 */
async function judge({ wire, docs: all, people, servers }: Product): Promise<{ lost: number; diverged: number }> {
  const { letters, missing } = await people.report()
  let [lost, diverged] = [missing, 0]
  for (let i = 0; i < all.length; i += Math.floor(all.length / SAMPLED)) {
    const seat = all[i]?.[0] as Seat
    const seen = await Promise.all(servers.urls.map((server) => openAfresh(wire, { ...seat, server })))
    lost += Math.max(...seen.map((replica) => (letters[i] as number) - replica.letters))
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
