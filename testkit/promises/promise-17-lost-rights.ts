import { createClient as createSseClient } from 'graphql-sse'
import { beforeAll, describe, expect, test } from 'vitest'
import { DocClient } from '../doc-client.ts'
import { eventually } from '../eventually.ts'
import type { TestNetwork, TestNode } from '../network.ts'
import type { SocketClient } from '../socket-client.ts'
import { GraphWatcher, meetingChanged } from './graph-watcher.ts'
import type { Ground } from './ground.ts'
import { type Office, type Person, expectStatus, foundOffice, loggedErrors, span } from './office.ts'

const WITHIN_MS = 1_000

let network: TestNetwork
let office: Office

export function lostRights(ground: () => Ground): void {
  describe('Promise 17: a revoked session or role loses REST, GraphQL, socket and Yjs access within 1 s on every node', () => {
    beforeAll(async () => {
      ;({ network } = ground())
      office = await foundOffice(network, { people: 0, rooms: 1 })
    })

    for (const isRedisGone of [false, true]) {
      describe(isRedisGone ? 'with Redis gone' : 'with Redis', () => {
        beforeAll(async () => {
          if (isRedisGone) await network.redis.kill()
          return () => (isRedisGone ? network.redis.start() : undefined)
        })

        test('a session that its owner ends, at a node that is killed with its answer', async () => {
          const person = await office.hire()
          const kept = await office.signIn(person)
          const meeting = await meet({})
          await using lost = new Presence(person, meeting)
          await using stays = new Presence(kept, meeting)
          await Promise.all([lost.settled(), stays.settled()])
          const at = network.node('api-1')
          const { items } = (await office.call('GET', '/auth/sessions', { as: person })).body
          const { id } = items.find((session: { current: boolean }) => session.current)
          expectStatus(await office.call('DELETE', `/auth/sessions/${id}`, { as: kept, at }), 204)
          const ms = await timed(at.kill(), () => lost.stillHas(4401))
          await at.start()
          expect(await statusesOf('/auth/profile', person)).toEqual(['401', '401'])
          expect(ms).toBeLessThan(WITHIN_MS)
          await rename(meeting)
          await stays.hears('renamed')
          expect(lost.heardOf('renamed')).toEqual([])
          expect(stays.closes()).toEqual([])
        })

        test('a role that is lowered', async () => {
          const person = await office.hire()
          const meeting = await meet({})
          await using lost = new Presence(person, meeting)
          await lost.settled()
          expectStatus(await office.call('PUT', `/users/${person.id}`, { body: { role: 'guest', version: 1 } }), 200)
          const ms = await timed(undefined, () => lost.stillHas(4403))
          expect(ms).toBeLessThan(WITHIN_MS)
          await rename(meeting)
          await expectRefused(person, meeting)
          expect(lost.heardOf('renamed')).toEqual([])
          // A guest he still is.
          expect(await statusesOf('/auth/profile', person)).toEqual(['200', '200'])
        })

        test('a participant who is removed, while a realtime node is killed and comes back', async () => {
          const person = await office.hire()
          const meeting = await meet({ visibility: 'participants', participants: [{ userId: person.id }] })
          await using lost = new Presence(person, meeting, [network.node('realtime-1')])
          await lost.settled()
          const victim = network.node('realtime-2')
          await victim.kill()
          const body = { participants: [], title: 'without him', version: 1 }
          expectStatus(await office.call('PUT', `/meetings/${meeting}`, { body }), 200)
          const ms = await timed(undefined, () => lost.stillHas(4403))
          await victim.start()
          expect(ms).toBeLessThan(WITHIN_MS)
          await expectRefused(person, meeting)
          // A document goes its own way through the store: what was written with the removal may come before it, within the second.
          expect(lost.heardOf('without him').filter((door) => door !== 'documents')).toEqual([])
          await rename(meeting)
          expect(lost.heardOf('renamed')).toEqual([])
        })

        test('a panel that is sent away', async () => {
          const [roomId] = office.rooms
          const paired = expectStatus(await office.call('POST', '/auth/devices/pair', { body: { roomId } }), 201).body
          const claimed = await office.call('POST', '/auth/devices/claim', { body: { code: paired.code } })
          const panel = { id: paired.id, email: '', token: expectStatus(claimed, 201).body.deviceToken as string }
          const sockets = network.of('realtime').map(({ url }) => network.socket(panel.token, url))
          for (const socket of sockets) await socket.watch(`room:${roomId}`)
          expect(await statusesOf(`/rooms/${roomId}/state`, panel)).toEqual(['200', '200'])
          expectStatus(await office.call('DELETE', `/auth/devices/${paired.id}`), 204)
          const ms = await timed(undefined, async () => {
            const rest = await statusesOf(`/rooms/${roomId}/state`, panel)
            // The word comes before the end, after which the stock client stays away.
            const open = sockets.filter(({ byes, socket }) => byes[0]?.code !== 4401 || socket.active).length
            return rest.join() === '401,401' && open === 0 ? undefined : `REST answers ${rest.join()}, ${open} sockets`
          })
          expect(ms).toBeLessThan(WITHIN_MS)
        })
      })
    }

    test('and nobody met an error of ours on the way', async () => {
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

/** Somebody who follows one meeting by every door of every realtime node. */
class Presence implements AsyncDisposable {
  readonly #person: Person
  readonly #meeting: string
  readonly #sockets: SocketClient[]
  readonly #graphs: GraphWatcher[]
  readonly #streams: Stream[]
  readonly #docs: DocClient[]

  constructor(person: Person, meeting: string, nodes: readonly TestNode[] = network.of('realtime')) {
    const { token } = person
    this.#person = person
    this.#meeting = meeting
    this.#sockets = nodes.map(({ url }) => network.socket(token, url))
    this.#graphs = nodes.map(({ url }) => new GraphWatcher(url, token).follow(meetingChanged(meeting)))
    this.#streams = nodes.map(({ url }) => new Stream(url, token, meeting))
    this.#docs = nodes.map(({ url }) => new DocClient({ url, docId: `meeting:${meeting}`, token }))
  }

  /** It is everywhere, and has seen the meeting there. */
  async settled(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.watch(`meeting:${this.#meeting}`)))
    await Promise.all(this.#docs.map((doc) => doc.synced()))
    await eventually(async () => {
      const without = [...this.#graphs, ...this.#streams].filter(({ snapshots }) => snapshots.length === 0).length
      return without === 0 ? undefined : `${without} subscriptions have no snapshot`
    })
    expect(await this.#rest()).toEqual(network.nodes.flatMap(({ role }) => (role === 'api' ? ['200 200'] : [])))
  }

  /** Doors that are open still. 4401: the session is over; 4403: this meeting is none of its business any more. */
  async stillHas(code: 4401 | 4403): Promise<string | undefined> {
    const isOver = code === 4401
    const open = {
      sockets: this.#sockets.filter(({ byes, closedTopics }) =>
        isOver ? byes[0]?.code !== code : closedTopics.length === 0,
      ),
      subscriptions: this.#graphs.filter(({ closes, refusals }) =>
        isOver ? !closes.includes(code) : refusals.length === 0,
      ),
      streams: this.#streams.filter(({ isOver: ended }) => !ended),
      documents: this.#docs.filter(({ closes }) => !closes.includes(code)),
      answers: (await this.#rest()).filter((said) => said !== (isOver ? '401 401' : '404 refused')),
    }
    const counts = Object.entries(open).filter(([, list]) => list.length > 0)
    return counts.length === 0 ? undefined : counts.map(([name, list]) => `${list.length} ${name}`).join()
  }

  /** The doors by which that text has come. */
  heardOf(text: string): string[] {
    const has = (all: readonly { items: readonly object[] }[]) =>
      JSON.stringify(all.map(({ items }) => items)).includes(text)
    const doors = {
      sockets: has(this.#sockets),
      subscriptions: has(this.#graphs),
      streams: has(this.#streams),
      documents: this.#docs.some(({ title }) => title.includes(text)),
    }
    return Object.entries(doors).flatMap(([door, isHeard]) => (isHeard ? [door] : []))
  }

  async hears(text: string): Promise<void> {
    await eventually(async () => {
      const deaf = [...this.#sockets, ...this.#graphs, ...this.#streams].filter(
        ({ items }) => !JSON.stringify(items).includes(text),
      ).length
      const docs = this.#docs.filter(({ title }) => !title.includes(text)).length
      return deaf + docs === 0 ? undefined : `${deaf} subscriptions and ${docs} documents have not heard of it`
    })
  }

  /** What ended of it. */
  closes(): unknown[] {
    return [...this.#graphs, ...this.#docs].flatMap(({ closes }) => closes as unknown[])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#sockets) socket.disconnect()
    for (const one of [...this.#graphs, ...this.#docs]) await one[Symbol.asyncDispose]()
    for (const stream of this.#streams) stream.dispose()
  }

  /** Of every api node that is up: what REST answers, and what GraphQL. */
  #rest(): Promise<string[]> {
    const query = `query Meeting($id: ID!) { meeting(id: $id) { title } }`
    const body = { query, variables: { id: this.#meeting } }
    const nodes = network.of('api').filter(({ isUp }) => isUp)
    return Promise.all(
      nodes.map(async (at) => {
        const rest = await office.call('GET', `/meetings/${this.#meeting}`, { as: this.#person, at })
        const graph = await office.call('POST', '/graphql', { as: this.#person, at, body })
        const isRefused = graph.status === 200 && !graph.body.data?.meeting
        return `${rest.status} ${isRefused ? 'refused' : graph.status}`
      }),
    )
  }
}

/** A subscription over server-sent events, by the stock client. */
class Stream {
  readonly items: object[] = []
  isOver = false
  readonly #client

  constructor(url: string, token: string, meeting: string) {
    const headers = { authorization: `Bearer ${token}` }
    this.#client = createSseClient({ url: `${url}/graphql`, headers, retryAttempts: 0 })
    const end = () => {
      this.isOver = true
    }
    const { query, variables } = meetingChanged(meeting)
    const next = ({ data }: { data?: { item: object } | null }) => void (data && this.items.push(data.item))
    this.#client.subscribe<{ item: object }>({ query, variables }, { next, error: end, complete: end })
  }

  get snapshots(): object[] {
    return this.items
  }

  dispose(): void {
    this.#client.dispose()
  }
}

/** By no door of any node. */
async function expectRefused(person: Person, meeting: string): Promise<void> {
  for (const { url } of network.of('realtime')) {
    const socket = network.socket(person.token, url)
    expect((await socket.ask('topic.watch', { topic: `meeting:${meeting}` })).problem?.code).toBe('not_found')
    await using graph = new GraphWatcher(url, person.token).follow(meetingChanged(meeting))
    await using doc = new DocClient({ url, docId: `meeting:${meeting}`, token: person.token })
    await doc.until(() => doc.closes.includes(4403), 'the document is closed')
    await eventually(async () => (graph.refusals.length === 0 ? 'the subscription is not refused' : undefined))
    expect([graph.refusals[0], graph.snapshots, doc.title]).toEqual(['not_found', [], ''])
  }
}

async function meet(given: object): Promise<string> {
  const body = { title: 'Plan', ...span(office.at(0)), ...given }
  return expectStatus(await office.call('POST', '/meetings', { body }), 201).body.meeting.id
}

async function rename(meeting: string): Promise<void> {
  const options = { body: { title: 'renamed' }, headers: { 'if-match': '*' } }
  expectStatus(await office.call('PUT', `/meetings/${meeting}`, options), 200)
}

/** Of both api nodes. */
async function statusesOf(path: string, as: Person): Promise<string[]> {
  const nodes = network.of('api')
  return Promise.all(nodes.map(async (at) => String((await office.call('GET', path, { as, at })).status)))
}

/** Milliseconds until nothing is left to complain about. `beside` goes on meanwhile. */
async function timed(
  beside: Promise<unknown> | undefined,
  question: () => Promise<string | undefined>,
): Promise<number> {
  const began = performance.now()
  await eventually(question)
  const ms = performance.now() - began
  await beside
  return ms
}
