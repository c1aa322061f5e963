import { randomInt } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DocClient, contentOfReplica } from '../../testkit/doc-client.ts'
import { openPrivatePostgres } from '../../testkit/promises/private-postgres.ts'
import { type DocsNode, type DocsRig, openDocsRig } from '../../testkit/docs-rig.ts'

let rig: DocsRig
beforeAll(async () => {
  rig = await openDocsRig()
})
afterAll(() => rig?.[Symbol.asyncDispose]())

describe('Redis', () => {
  test('flushed in the middle: both nodes have everything', async () => {
    await using world = await twoWriters()
    for (let i = 0; i < 5; i++) {
      world.write()
      await rig.redis.flush()
    }
    await world.agrees()
  })

  test('cut off again and again: both nodes have everything', async () => {
    await using world = await twoWriters()
    const redis = new Redis(rig.redis.url)
    for (let i = 0; i < 6; i++) {
      world.write()
      const list = String(await redis.client('LIST'))
      const links = [...list.matchAll(/id=(\d+) [^\n]*name=convoke_docs_(?:reader|writer)/g)]
      for (const [, id] of links) await redis.client('KILL', 'ID', id as string)
      await world.writers[0]!.until(() => world.writers[0]!.acked('stored', world.writers[0]!.sent))
    }
    redis.disconnect()
    await world.agrees()
  })

  test('gone: what is typed reaches the other node by the store, and is acknowledged as stored, not as logged', async () => {
    await using world = await twoWriters()
    await rig.redis.kill()
    const [writer, other] = world.writers as [DocClient, DocClient]
    const logged = writer.acks.filter(({ kind }) => kind === 'logged').length
    writer.type('without Redis')
    await other.until(() => other.description.includes('without Redis'), 'the other node', 2_000)
    await writer.until(() => writer.acked('stored', writer.sent))
    expect(writer.acks.filter(({ kind }) => kind === 'logged')).toHaveLength(logged)
    world.write()
    await rig.redis.start()
    world.write()
    await world.agrees()
  })
})

describe('PostgreSQL', () => {
  test('gone: people go on together, nothing is called stored, newcomers are told to come again; all is stored when it is back', async () => {
    const postgres = await openPrivatePostgres()
    await using own = await openDocsRig(postgres)
    await using world = await twoWriters(own)
    const { id } = await own.meeting()
    const [writer, other] = world.writers as [DocClient, DocClient]
    await postgres.kill()
    writer.type(' kept in mind')
    await other.until(() => other.description.includes('kept in mind'), 'the other node')
    await using newcomer = world.nodes[0]!.client(`meeting:${id}`)
    await newcomer.until(() => newcomer.closes.length > 0, 'he is turned away')
    expect(newcomer.closes[0]).toBe(1013)
    expect(writer.acks.filter(({ kind }) => kind === 'stored')).toEqual([])
    await postgres.start()
    await world.agrees()
    await newcomer.synced()
  })
})

/** Two people in one document, on a node each, with a third replica to compare. */
async function twoWriters(of: DocsRig = rig) {
  const nodes: DocsNode[] = [await of.node(), await of.node()]
  const { id } = await of.meeting()
  const docId = `meeting:${id}`
  const writers = nodes.map((node) => node.client(docId, undefined, { acks: true }))
  await Promise.all(writers.map((writer) => writer.synced()))
  return {
    nodes,
    writers,
    write(): void {
      for (const [who, writer] of writers.entries()) {
        for (let i = 0; i < 5; i++) writer.type(`${who}`, randomInt(writer.description.length + 1))
      }
    },
    async agrees(): Promise<void> {
      for (const writer of writers) {
        await writer.until(() => writer.sent === 0 || writer.acked('stored', writer.sent), 'everything is stored')
      }
      const [a, b] = writers as [DocClient, DocClient]
      await a.until(() => contentOfReplica(a.doc) === contentOfReplica(b.doc), 'both replicas are the same')
      const fresh = nodes[1]!.client(docId)
      await fresh.synced()
      expect(contentOfReplica(fresh.doc)).toBe(contentOfReplica(a.doc))
      expect(a.closes).toEqual([])
      await fresh[Symbol.asyncDispose]()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()))
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    },
  }
}
