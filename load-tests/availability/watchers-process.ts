import { eventually } from '../../testkit/eventually.ts'
import { StandingClient, type StandingEntry } from '../../testkit/standing-client.ts'

// A process of people who look at others' time: each a stock socket.io-client with one standing query. Forked by the scenario, told
// what to do by messages; it ends with its parent.

export interface WatchOrder {
  url: string
  clients: { token: string; people: string[]; from: number; to: number }[]
}

/** Slots that must be shown as busy, by person: epoch milliseconds of their starts. */
export interface Truth {
  slots: Map<string, number[]>
}

export interface WatchersReport {
  /** The node each client is on. */
  nodes: string[]
  faults: string[]
  deltas: number
  /** Since the last report: client, person, start of the slot that turned busy, and when it was seen; epoch milliseconds. */
  arrivals: [client: number, person: string, slot: number, at: number][]
  /** Asked with a truth: clients that hold anything else, by their number. */
  wrong: number[]
}

/** `scatter`: everybody connects anew, so that the nodes that are up share them evenly again. */
export type Order = WatchOrder | Truth | 'report' | 'scatter'

export const SLOT_MS = 1_800_000
const JOINING_AT_ONCE = 25

let orders: WatchOrder['clients'] = []
let clients: StandingClient[] = []
let arrivals: WatchersReport['arrivals'] = []
/** By client and person: what was ever shown as busy; nothing is taken back here. */
const shown: Map<string, Set<number>>[] = []

process.on('message', (order: Order) => {
  void obey(order).then((wrong) => process.send?.(report(wrong)))
})
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<number[]> {
  if (order === 'report') return []
  if (order === 'scatter') await inTurns((client) => void client.socket.disconnect().connect())
  else if ('slots' in order) return wrongBy(order)
  else await open(order)
  return []
}

async function open({ url, clients: wanted }: WatchOrder): Promise<void> {
  orders = wanted
  clients = orders.map(({ token }, i) => {
    const client = new StandingClient(url, token)
    shown.push(new Map())
    client.onEntry = (entry) => see(i, entry)
    return client
  })
  await inTurns((client, i) => void client.watch(queryOf(orders[i]!)))
  arrivals = []
}

/** Does it with a few clients at a time, and waits until they have their snapshots by it. */
async function inTurns(work: (client: StandingClient, i: number) => void): Promise<void> {
  for (let i = 0; i < clients.length; i += JOINING_AT_ONCE) {
    const some = clients.slice(i, i + JOINING_AT_ONCE)
    some.forEach((client, j) => work(client, i + j))
    await eventually(async () => (some.every(isJoined) ? undefined : 'some have no snapshot'))
  }
}

function isJoined({ standing }: StandingClient): boolean {
  return standing.length > 0 && standing.every(({ topic }) => topic !== '')
}

function queryOf({ people, from, to }: WatchOrder['clients'][number]): object {
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  return { subjects: people.map((userId) => ({ userId })), window, granularityMinutes: 30 }
}

/** A delta holds little more than what is new. */
function see(client: number, { id, busy = [] }: Pick<StandingEntry, 'id'> & Partial<StandingEntry>): void {
  const at = Date.now()
  const seen = shown[client]!.get(id) ?? new Set()
  shown[client]!.set(id, seen)
  for (const slot of busy.flatMap(slotsOf)) {
    if (!seen.has(slot)) arrivals.push([client, id, slot, at])
    seen.add(slot)
  }
}

function slotsOf({ start, end, kind }: StandingEntry['busy'][number]): number[] {
  if (kind !== 'busy') return []
  const [first, until] = [Date.parse(start), Date.parse(end)]
  return Array.from({ length: (until - first) / SLOT_MS }, (_, i) => first + i * SLOT_MS)
}

function wrongBy({ slots }: Truth): number[] {
  return orders.flatMap(({ people, from, to }, i) => {
    const isRight = people.every((person) => {
      const held = new Set(clients[i]!.standing[0]!.entries.get(person)?.busy.flatMap(slotsOf))
      const true_ = (slots.get(person) ?? []).filter((slot) => slot >= from && slot < to)
      return held.size === true_.length && true_.every((slot) => held.has(slot))
    })
    return isRight ? [] : [i]
  })
}

function report(wrong: number[]): WatchersReport {
  const standing = clients.map((client) => client.standing[0]!)
  const seen = arrivals
  arrivals = []
  return {
    nodes: standing.map(({ node }) => node),
    faults: clients.flatMap(({ faults }) => faults),
    deltas: standing.reduce((sum, { deltas }) => sum + deltas, 0),
    arrivals: seen,
    wrong,
  }
}
