import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import {
  GraphWatcher,
  agendaChanged,
  dashboard,
  disagreements,
  floorState,
  meetingChanged,
  roomStates,
} from './graph-watcher.ts'
import { type Office, foundOffice, loggedErrors, moveIn } from './office.ts'
import { Storm } from './storm.ts'
import { Watchers, summary } from './watchers.ts'

/** A lease of 0.8 s, a reconnect and a node's start; the rest is for a machine with other things to do. */
const LATEST_MS = 5_000

let network: TestNetwork
let office: Office
let judge: Judge
let organizationId: string
let floorId: string

export function news(ground: () => Ground): void {
  describe('Promise 10: events come once, in order, without a gap, after any reconnect; resume equals snapshot', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 6, rooms: 4 })
      ;({ organizationId, floorId } = await moveIn(judge, office))
    })

    test('on sockets and GraphQL subscriptions, while a realtime node and then the relay are killed, and people book, move and cancel', async () => {
      const seed = randomBytes(4).toString('hex')
      const watchers = new Watchers(office)
      const rooms = office.rooms.map((id) => `room:${id}`)
      const places = [...rooms, `floor:${floorId}`, `dashboard:rooms:${organizationId}`]
      for (const person of office.people) await watchers.join(person, [...places, `person:${person.id}`])
      const storm = new Storm(office, { seed, writers: 6 })
      await storm.goesOn(60)
      // Joined while their meetings are being moved, on a second socket of each.
      for (const person of office.people) {
        await watchers.join(person, [...rooms.slice(0, 2), ...storm.meetingsOf(person).map((id) => `meeting:${id}`)])
      }
      await using stack = new AsyncDisposableStack()
      const meetings = office.people.flatMap((person) => storm.meetingsOf(person))
      const graphs = office.people.map((person) => {
        const watcher = stack.use(new GraphWatcher(network.url, person.token))
        watcher.follow(roomStates(office.rooms)).follow(agendaChanged(person.id))
        return watcher.follow(floorState(floorId)).follow(dashboard(organizationId))
      })
      for (const [i, id] of meetings.entries()) graphs[i % graphs.length]!.follow(meetingChanged(id))
      const joined = () => graphs.reduce((sum, { snapshots }) => sum + snapshots.length, 0)
      const wanted = graphs.length * (places.length + 1) + meetings.length
      await eventually(async () =>
        joined() < wanted ? `${joined()} of ${wanted} subscriptions have begun` : undefined,
      )
      expect(new Set(watchers.clients.flatMap((client) => client.nodes))).toEqual(new Set(['realtime-1', 'realtime-2']))

      const victim = network.node('realtime-1')
      await victim.kill()
      await storm.goesOn(60)
      await victim.start()
      const [relay, lease] = [await relayNode(), await leaseHolder()]
      const killedAt = performance.now()
      await relay.kill()
      await eventually(async () => ((await leaseHolder()) === lease ? 'nobody took the lease over' : undefined))
      console.log(`the relay was replaced after ${Math.round(performance.now() - killedAt)} ms`)
      await storm.goesOn(60)
      await storm.stop()
      await network.settle(...watchers.clients, ...graphs)
      await relay.start()

      console.log(`seed ${seed}:`, storm.counts(), summary(watchers.delays()))
      expect(await loggedErrors(network)).toEqual([])
      expect(storm.faults).toEqual([])
      expect(storm.answers.filter(({ status }) => status === 0 || status >= 500)).toEqual([])
      expect(watchers.clients.filter((client) => client.disconnects.length > 0).length).toBeGreaterThan(0)
      const other = (id: string | undefined) => network.node(id === 'realtime-1' ? 'realtime-2' : 'realtime-1')
      expect(await watchers.faults(judge, ({ client }) => other(client.nodes.at(-1)))).toEqual([])
      expect(watchers.delays().at(-1)).toBeLessThan(LATEST_MS)
      const topics = [...new Set(graphs.flatMap(({ snapshots }) => snapshots.map(({ topic }) => topic)))]
      expect(topics.length).toBe(places.length + office.people.length + meetings.length)
      const heads = new Map(await Promise.all(topics.map(async (topic) => [topic, await judge.head(topic)] as const)))
      expect(graphs.flatMap(({ closes }) => closes).length).toBeGreaterThan(0)
      expect(disagreements(graphs, watchers.clients, heads)).toEqual([])
      // What a subscriber ends with is what a new one begins with.
      await using fresh = new GraphWatcher(network.url, office.people[0]!.token)
      fresh.follow(floorState(floorId)).follow(dashboard(organizationId))
      await eventually(async () => (fresh.snapshots.length === 2 ? undefined : 'no snapshots yet'))
      for (const { topic, shown } of fresh.snapshots) {
        for (const watcher of graphs) expect(watcher.shown(topic), topic).toEqual(shown)
      }
      expect(await judge.faults()).toEqual([])
      expect(await storm.disagreements(judge)).toEqual([])
    })
  })
}

/** The worker that took the lease last. */
async function relayNode(): Promise<TestNode> {
  const taken = await Promise.all(
    network.of('worker').map(async (worker) => {
      const lines = (await worker.log()).split('\n').filter((line) => line.includes('relay.lease_taken'))
      return { worker, at: Math.max(0, ...lines.map((line) => JSON.parse(line).time as number)) }
    }),
  )
  return taken.toSorted((a, b) => b.at - a.at)[0]!.worker
}

async function leaseHolder(): Promise<string | undefined> {
  const [row] = await judge.query<{ holder: string }>('SELECT holder FROM relay_lease')
  return row?.holder
}
