import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../app/demo/random.ts'
import { DocClient, contentOfReplica } from '../doc-client.ts'
import { eventually } from '../eventually.ts'
import type { TestNetwork } from '../network.ts'
import type { Ground } from './ground.ts'
import { type Office, expectStatus, foundOffice, loggedErrors, span } from './office.ts'

/** A key of a fast typist, with its cursor. */
const KEY_MS = 60
const LETTERS = 'abcdefghijklmnopqrstuvwxyz '

let network: TestNetwork
let office: Office

export function documents(ground: () => Ground): void {
  describe('Promise 11: replicas converge; an edit acknowledged as stored survives loss of Redis and of every node', () => {
    beforeAll(async () => {
      ;({ network } = ground())
      office = await foundOffice(network, { people: 3, rooms: 1 })
    })

    test('six people type in two documents while nodes are killed and Redis is flushed, killed and started empty', async () => {
      const seed = randomBytes(4).toString('hex')
      const random = createRandom(seed).next
      const meetings = [await book('Alpha'), await book('Beta')]
      const writers = meetings.flatMap(({ docId }) => office.people.map((person) => new Writer(docId, person.token)))
      await Promise.all(writers.map(({ client }) => client.synced()))
      expect(await joinedNodes()).toEqual(['realtime-1', 'realtime-2'])
      for (const writer of writers) writer.begin(random)

      await goesOn(writers, random() * 80)
      await network.redis.flush()
      await goesOn(writers, random() * 80)
      const victim = network.node(random() < 0.5 ? 'realtime-1' : 'realtime-2')
      await victim.kill()
      await goesOn(writers, random() * 80)
      await victim.start()
      await network.redis.kill()
      await goesOn(writers, 80 + random() * 80)
      await network.redis.start()
      await goesOn(writers, random() * 80)
      for (const writer of writers) writer.stop()
      for (const { docId } of meetings) await converge(writers.filter((writer) => writer.docId === docId))
      const titles = await Promise.all(meetings.map(({ id }) => projected(writers, id)))
      expect(titles).toEqual(['Alpha', 'Beta'].map((title) => expect.stringMatching(new RegExp(`^${title}`))))

      // And then everything is lost at once that is not PostgreSQL, replicas included.
      for (const writer of writers) writer.begin(random)
      await goesOn(writers, 150 + random() * 150)
      await Promise.all(network.of('realtime').map((node) => node.kill()))
      await network.redis.flush()
      for (const writer of writers) writer.stop()
      const promised = writers.map((writer) => ({ docId: writer.docId, stored: writer.stored() }))
      const typed = writers.flatMap(({ edits }) => edits).length
      await Promise.all(writers.map(({ client }) => client[Symbol.asyncDispose]()))
      await Promise.all(network.of('realtime').map((node) => node.start()))
      for (const { docId } of meetings) {
        await using fresh = new DocClient({ url: network.url, docId, token: office.owner.token })
        await fresh.synced()
        const found = new Set(fresh.doc.getMap('proposals').keys())
        const stored = promised.filter((one) => one.docId === docId).flatMap((one) => one.stored)
        expect([seed, stored.filter((edit) => !found.has(edit))]).toEqual([seed, []])
        expect(stored.length).toBeGreaterThan(50)
      }
      console.log(
        `seed ${seed}: ${typed} edits, ${promised.flatMap(({ stored }) => stored).length} acknowledged as stored`,
      )
      expect(await loggedErrors(network)).toEqual([])
    })
  })
}

/** Somebody who types at random places, and notes each key under its number, in the same update. */
class Writer {
  readonly docId: string
  readonly client: DocClient
  /** In order: what it was, and as which frame of which connection it went (none: it waited for the next connection). */
  readonly edits: { id: string; connection: number; frame: number | undefined }[] = []
  readonly #name = randomBytes(4).toString('hex')
  #timer: NodeJS.Timeout | undefined

  constructor(docId: string, token: string) {
    this.docId = docId
    this.client = new DocClient({ url: network.url, docId, token, acks: true })
  }

  begin(random: () => number): void {
    this.#timer = setInterval(() => this.#edit(random), KEY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** What the server said is stored. */
  stored(): string[] {
    return this.edits.flatMap(({ id, connection, frame }) =>
      frame !== undefined && this.client.acked('stored', frame, connection) ? [id] : [],
    )
  }

  #edit(random: () => number): void {
    const { client } = this
    const id = `${this.#name}-${this.edits.length}`
    client.doc.transact(() => {
      client.doc.getMap('proposals').set(id, true)
      const text = client.doc.getText('description')
      if (text.length > 20 && random() < 0.2) text.delete(Math.floor(random() * text.length), 1)
      else
        text.insert(Math.floor(random() * (text.length + 1)), LETTERS[Math.floor(random() * LETTERS.length)] as string)
      if (random() < 0.02) client.doc.getText('title').insert(client.title.length, '!')
    })
    const frame = client.provider.wsconnected ? client.sent : undefined
    this.edits.push({ id, connection: client.connection, frame })
  }
}

/** They type so many more. */
async function goesOn(writers: readonly Writer[], edits: number): Promise<void> {
  const typed = () => writers.reduce((sum, writer) => sum + writer.edits.length, 0)
  const goal = typed() + edits
  await eventually(async () => (typed() < goal ? `${typed()} of ${goal} edits` : undefined))
}

async function book(title: string): Promise<{ id: string; docId: string }> {
  const participants = office.people.map(({ id }) => ({ userId: id }))
  const body = { title, description: 'Start.', participants, ...span(office.at(0)) }
  const answer = expectStatus(await office.call('POST', '/meetings', { body }), 201)
  const { id } = answer.body.meeting
  return { id, docId: `meeting:${id}` }
}

/** All replicas are the same, and hold every edit of everybody. */
async function converge(writers: readonly Writer[]): Promise<void> {
  await eventually(async () => {
    const contents = new Set(writers.map(({ client }) => contentOfReplica(client.doc)))
    return contents.size === 1 ? undefined : `${contents.size} different replicas`
  })
  const [first] = writers
  const found = new Set(first!.client.doc.getMap('proposals').keys())
  const edits = writers.flatMap((writer) => writer.edits.map(({ id }) => id))
  expect(edits.filter((edit) => !found.has(edit))).toEqual([])
}

/** The title that REST answers, once it is the one in the document. */
async function projected(writers: readonly Writer[], id: string): Promise<string> {
  const replica = writers.find((writer) => writer.docId === `meeting:${id}`)!
  let title = ''
  await eventually(async () => {
    title = (await office.call('GET', `/meetings/${id}`)).body.title
    return title === replica.client.title ? undefined : `REST says ${title}, the document ${replica.client.title}`
  })
  return title
}

async function joinedNodes(): Promise<string[]> {
  const nodes = network.of('realtime')
  const logs = await Promise.all(nodes.map((node) => node.log()))
  return nodes.filter((_, i) => logs[i]!.includes('"doc.joined"')).map(({ id }) => id)
}
