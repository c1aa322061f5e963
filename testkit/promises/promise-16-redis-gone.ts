import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { DocClient, contentOfReplica } from '../doc-client.ts'
import { eventually } from '../eventually.ts'
import type { MailServer } from '../mail-server.ts'
import type { TestNetwork } from '../network.ts'
import type { Ground } from './ground.ts'
import { GraphWatcher, dashboard, disagreements, floorState, roomStates } from './graph-watcher.ts'
import type { Judge } from './judge.ts'
import { type Office, MINUTE, expectStatus, foundOffice, loggedErrors, moveIn, span } from './office.ts'
import { Storm } from './storm.ts'
import { Watchers, summary } from './watchers.ts'

/** Polling is every 100 ms at the relay and at the nodes; the rest is for a machine with other things to do. */
const LATEST_MS = 3_000
const GONE_FOR_MS = 3_000

let network: TestNetwork
let office: Office
let judge: Judge
let mail: MailServer
let organizationId: string
let floorId: string

export function redisGone(ground: () => Ground): void {
  describe('Promise 16: Redis may be flushed or gone at any time, only latency is lost', () => {
    beforeAll(async () => {
      ;({ network, judge, mail } = ground())
      office = await foundOffice(network, { people: 6, rooms: 4 })
      ;({ organizationId, floorId } = await moveIn(judge, office))
    })

    test('flushed, killed for three seconds and started empty while people book, move, cancel, type and watch', async () => {
      const seed = randomBytes(4).toString('hex')
      const watchers = new Watchers(office)
      for (const person of office.people) {
        const places = [
          ...office.rooms.map((id) => `room:${id}`),
          `floor:${floorId}`,
          `dashboard:rooms:${organizationId}`,
        ]
        await watchers.join(person, [...places, `person:${person.id}`])
      }
      await using stack = new AsyncDisposableStack()
      const graphs = office.people.slice(0, 2).map((person) => {
        const watcher = stack.use(new GraphWatcher(network.url, person.token))
        return watcher.follow(roomStates(office.rooms)).follow(floorState(floorId)).follow(dashboard(organizationId))
      })
      const writers = await typists(stack)
      const storm = new Storm(office, { seed, writers: 6 })
      await storm.goesOn(60)
      expect(await readiness()).toEqual(new Set(['ok']))

      for (let i = 0; i < 3; i++) {
        await network.redis.flush()
        await storm.goesOn(25)
        await typed(writers, `flushed ${i} `)
      }
      await network.redis.kill()
      const goneAt = performance.now()
      await becomes('degraded')
      await typed(writers, 'gone ')
      await eventually(async () =>
        performance.now() < goneAt + GONE_FOR_MS ? 'Redis is to be away for longer' : undefined,
      )
      await storm.goesOn(40)
      expect(await readiness()).toEqual(new Set(['degraded']))
      await network.redis.start()
      await becomes('ok')
      await typed(writers, 'and back.')
      await storm.goesOn(40)
      await storm.stop()
      await network.settle(...watchers.clients, ...graphs)

      console.log(`seed ${seed}:`, storm.counts(), summary(watchers.delays()))
      const topics = [...new Set(graphs.flatMap(({ snapshots }) => snapshots.map(({ topic }) => topic)))]
      expect(topics.length).toBe(office.rooms.length + 2)
      const heads = new Map(await Promise.all(topics.map(async (topic) => [topic, await judge.head(topic)] as const)))
      expect(disagreements(graphs, watchers.clients, heads)).toEqual([])
      expect(graphs.flatMap(({ closes }) => closes)).toEqual([])
      expect(await loggedErrors(network)).toEqual([])
      expect(storm.faults).toEqual([])
      expect(storm.answers.filter(({ status }) => status === 0 || status >= 500)).toEqual([])
      expect(await watchers.faults(judge, ({ client }) => network.node(other(client.nodes.at(-1))))).toEqual([])
      expect(watchers.delays().at(-1)).toBeLessThan(LATEST_MS)
      expect(await judge.faults()).toEqual([])
      expect(await storm.disagreements(judge)).toEqual([])
    })

    test('while it is away sockets and panels are let in and told, due rooms are released and due mail is sent', async () => {
      const [roomId, quiet] = office.rooms as [string, string]
      const paired = expectStatus(await office.call('POST', '/auth/devices/pair', { body: { roomId } }), 201).body
      await judge.query('UPDATE room SET booking_rules = $1 WHERE id = $2', [NO_SHOW_AT_ONCE, quiet])
      await network.redis.kill()
      const guest = `guest@${randomBytes(4).toString('hex')}.example.net`
      const begins = Math.ceil(Date.now() / 1_000) * 1_000
      const reminded = { title: 'Soon', participants: [{ email: guest }], ...span(begins + 6 * MINUTE) }
      expectStatus(await office.call('POST', '/meetings', { body: reminded }), 201)
      const missed = { title: 'Missed', ...span(begins + 2_000), roomIds: [quiet] }
      expectStatus(await office.call('POST', '/meetings', { body: missed }), 201)

      const watchers = new Watchers(office)
      const [person] = office.people
      const topic = `room:${roomId}`
      const client = await watchers.join(person!, [topic, `room:${quiet}`])
      const claimed = await office.call('POST', '/auth/devices/claim', { body: { code: paired.code } })
      const token: string = expectStatus(claimed, 201).body.deviceToken
      const panel = network.socket(token)
      await panel.watch(topic)
      const storm = new Storm(office, { seed: 'away', writers: 2 })
      await storm.goesOn(20)
      await storm.stop()
      const walkedUp = await panel.ask('room.walkUp', { roomId, minutes: 5 })
      expect([walkedUp.ok, walkedUp.problem]).toEqual([true, undefined])
      const state = await office.call('GET', `/rooms/${roomId}/state`, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(expectStatus(state, 200).body.status).toBe('checked_in')
      const noShow = () => client.items.find(({ data }) => (data as { reason?: string }).reason === 'no_show')
      await client.until(() => noShow() !== undefined, 'the room is released')
      expect(Date.parse(noShow()!.at) - begins - 2_000).toBeLessThan(LATEST_MS)
      await eventually(async () => (mail.received.some(({ to }) => to === guest) ? undefined : 'no mail has come'))
      expect(await readiness()).toEqual(new Set(['degraded']))
      await network.settle(client, panel)
      await network.redis.start()
      expect(panel.faults).toEqual([])
      expect(panel.items.at(-1)).toMatchObject({ type: 'room.booked', data: { state: { status: 'checked_in' } } })
      expect(client.seqs(topic).length).toBeGreaterThan(0)
      expect(await watchers.faults(judge, () => network.node(other(client.nodes[0])))).toEqual([])
      await becomes('ok')
    })
  })
}

const NO_SHOW_AT_ONCE = { checkInRequired: true, graceMinutes: 0, warnMinutes: 0 }

/** One of each realtime node, in the document of one meeting. */
async function typists(stack: AsyncDisposableStack): Promise<DocClient[]> {
  const [organizer] = office.people
  const body = { title: 'Notes', description: '', ...span(office.at(0)) }
  const booked = expectStatus(await office.call('POST', '/meetings', { as: organizer!, body }), 201)
  const docId = `meeting:${booked.body.meeting.id}`
  const nodes = network.of('realtime')
  const writers = nodes.map(({ url }) => new DocClient({ url, docId, token: organizer!.token, acks: true }))
  for (const writer of writers) await stack.use(writer).synced()
  return writers
}

/** Each types it; it is stored, and both have both. */
async function typed(writers: readonly DocClient[], text: string): Promise<void> {
  for (const writer of writers) writer.type(text)
  await eventually(async () => {
    if (!writers.every((writer) => writer.acked('stored', writer.sent))) return `${text} is not stored`
    const contents = new Set(writers.map(({ doc }) => contentOfReplica(doc)))
    if (contents.size > 1) return `${text} is not everywhere`
    return writers[0]!.description.split(text).length === writers.length + 1 ? undefined : `${text} is lost`
  })
  expect(writers.flatMap(({ closes }) => closes)).toEqual([])
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
