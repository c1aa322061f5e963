import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { TestNetwork, TestNode } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, foundOffice, loggedErrors } from './office.ts'
import { Storm } from './storm.ts'
import { Watchers, summary } from './watchers.ts'

/** A lease of 0.8 s, a reconnect and a node's start; the rest is for a machine with other things to do. */
const LATEST_MS = 5_000

let network: TestNetwork
let office: Office
let judge: Judge

export function news(ground: () => Ground): void {
  describe('Promise 10: events come once, in order, without a gap, after any reconnect; resume equals snapshot', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 6, rooms: 4 })
    })

    test('a realtime node and then the relay are killed while people book, move and cancel', async () => {
      const seed = randomBytes(4).toString('hex')
      const watchers = new Watchers(office)
      const rooms = office.rooms.map((id) => `room:${id}`)
      for (const person of office.people) await watchers.join(person, [...rooms, `person:${person.id}`])
      const storm = new Storm(office, { seed, writers: 6 })
      await storm.goesOn(60)
      // Joined while their meetings are being moved, on a second socket of each.
      for (const person of office.people) {
        await watchers.join(person, [...rooms.slice(0, 2), ...storm.meetingsOf(person).map((id) => `meeting:${id}`)])
      }
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
      await network.settle(...watchers.clients)
      await relay.start()

      console.log(`seed ${seed}:`, storm.counts(), summary(watchers.delays()))
      expect(await loggedErrors(network)).toEqual([])
      expect(storm.faults).toEqual([])
      expect(storm.answers.filter(({ status }) => status === 0 || status >= 500)).toEqual([])
      expect(watchers.clients.filter((client) => client.disconnects.length > 0).length).toBeGreaterThan(0)
      const other = (id: string | undefined) => network.node(id === 'realtime-1' ? 'realtime-2' : 'realtime-1')
      expect(await watchers.faults(judge, ({ client }) => other(client.nodes.at(-1)))).toEqual([])
      expect(watchers.delays().at(-1)).toBeLessThan(LATEST_MS)
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
