import { SocketClient } from '../../testkit/socket-client.ts'

// A process of watching clients: each a stock socket.io-client at the balancer. Forked by watchers.ts, told what to do by
// messages; it ends with its parent.

export interface WatchOrder {
  url: string
  /** One client each. */
  clients: { token: string; topics: string[] }[]
}

export interface ClientReport {
  /** The node it is on. */
  node: string
  faults: string[]
  /** How often it was given the state instead of the events since its cursor. */
  snapshots: number
  cursors: [topic: string, seq: number][]
  /** Since the last report, with the epoch milliseconds of the arrival. */
  arrivals: [topic: string, seq: number, at: number][]
}

const JOINING_AT_ONCE = 25

let clients: SocketClient[] = []
let watched: string[][] = []

process.on('message', (order: WatchOrder | 'report' | 'scatter') => {
  void obey(order).then(report)
})
process.on('disconnect', () => process.exit())

async function obey(order: WatchOrder | 'report' | 'scatter'): Promise<void> {
  if (order === 'scatter') await inTurns((client) => client.socket.disconnect().connect())
  else if (order !== 'report') await open(order)
}

async function open({ url, clients: wanted }: WatchOrder): Promise<void> {
  clients = wanted.map(({ token }) => new SocketClient({ url, token }))
  watched = wanted.map(({ topics }) => topics)
  await inTurns((client, topics) => {
    for (const topic of topics) void client.watch(topic)
  })
}

/** Does it with a few clients at a time, and waits until they have joined all their topics by it. */
async function inTurns(work: (client: SocketClient, topics: string[]) => void): Promise<void> {
  for (let i = 0; i < clients.length; i += JOINING_AT_ONCE) {
    await Promise.all(
      clients.slice(i, i + JOINING_AT_ONCE).map(async (client, j) => {
        const topics = watched[i + j] ?? []
        const joined = client.modes.length + topics.length
        work(client, topics)
        await client.until(() => client.modes.length >= joined, 'joining')
      }),
    )
  }
}

function report(): void {
  const reports = clients.map((client, i): ClientReport => {
    const topics = watched[i] ?? []
    const arrivals = [...client.arrivals].map(([key, at]): ClientReport['arrivals'][number] => {
      const [topic = '', seq] = key.split(' ')
      return [topic, Number(seq), at]
    })
    client.arrivals.clear()
    // What was counted need not be kept for the whole run.
    client.items.length = 0
    return {
      node: client.nodes.at(-1) ?? '',
      faults: client.faults,
      snapshots: client.snapshots.length - topics.length,
      cursors: topics.map((topic) => [topic, client.cursor(topic)?.seq ?? 0]),
      arrivals,
    }
  })
  process.send?.(reports)
}
