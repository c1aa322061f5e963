import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import type { TestNetwork } from '../network.ts'
import type { Ground } from './ground.ts'
import type { Judge } from './judge.ts'
import { type Office, foundOffice, loggedErrors } from './office.ts'
import { Storm } from './storm.ts'
import { Watchers, summary } from './watchers.ts'

/** Polling is every 100 ms at the relay and at the nodes; the rest is for a machine with other things to do. */
const LATEST_MS = 3_000
const GONE_FOR_MS = 3_000

let network: TestNetwork
let office: Office
let judge: Judge

export function redisGone(ground: () => Ground): void {
  describe('Promise 16: Redis may be flushed or gone at any time, only latency is lost', () => {
    beforeAll(async () => {
      ;({ network, judge } = ground())
      office = await foundOffice(network, { people: 6, rooms: 4 })
    })

    test('flushed, killed for three seconds and started empty while people book, move, cancel and watch', async () => {
      const seed = randomBytes(4).toString('hex')
      const watchers = new Watchers(office)
      for (const person of office.people) {
        await watchers.join(person, [...office.rooms.map((id) => `room:${id}`), `person:${person.id}`])
      }
      const storm = new Storm(office, { seed, writers: 6 })
      await storm.goesOn(60)
      expect(await readiness()).toEqual(new Set(['ok']))

      for (let i = 0; i < 3; i++) {
        await network.redis.flush()
        await storm.goesOn(25)
      }
      await network.redis.kill()
      const goneAt = performance.now()
      await becomes('degraded')
      await eventually(async () =>
        performance.now() < goneAt + GONE_FOR_MS ? 'Redis is to be away for longer' : undefined,
      )
      await storm.goesOn(40)
      expect(await readiness()).toEqual(new Set(['degraded']))
      await network.redis.start()
      await becomes('ok')
      await storm.goesOn(40)
      await storm.stop()
      await network.settle(...watchers.clients)

      console.log(`seed ${seed}:`, storm.counts(), summary(watchers.delays()))
      expect(await loggedErrors(network)).toEqual([])
      expect(storm.faults).toEqual([])
      expect(storm.answers.filter(({ status }) => status === 0 || status >= 500)).toEqual([])
      expect(await watchers.faults(judge, ({ client }) => network.node(other(client.nodes.at(-1))))).toEqual([])
      expect(watchers.delays().at(-1)).toBeLessThan(LATEST_MS)
      expect(await judge.faults()).toEqual([])
      expect(await storm.disagreements(judge)).toEqual([])
    })

    test('a socket that connects while Redis is away is served, and told of what happens', async () => {
      await network.redis.kill()
      const watchers = new Watchers(office)
      const [person] = office.people
      const topic = `room:${office.rooms[0]}`
      const client = await watchers.join(person!, [topic])
      const storm = new Storm(office, { seed: 'away', writers: 2 })
      await storm.goesOn(20)
      await storm.stop()
      await network.settle(client)
      await network.redis.start()
      expect(client.seqs(topic).length).toBeGreaterThan(0)
      expect(await watchers.faults(judge, () => network.node(other(client.nodes[0])))).toEqual([])
      await becomes('ok')
    })
  })
}

function other(id: string | undefined): string {
  return id === 'realtime-1' ? 'realtime-2' : 'realtime-1'
}

/** What the nodes say of themselves; every one of them serves. */
async function readiness(): Promise<Set<string>> {
  const answers = await Promise.all(
    network.nodes.map(async (node) => {
      const answer = await office.call('GET', '/health/ready', { at: node })
      expect(answer.status).toBe(200)
      return answer.body.status as string
    }),
  )
  return new Set(answers)
}

function becomes(status: string): Promise<void> {
  return eventually(async () => {
    const said = await readiness()
    return said.size === 1 && said.has(status) ? undefined : `the nodes say ${[...said].join()}`
  })
}
