import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type NewsRig, aTopic, metric, openNewsRig, reachesHeads } from '../testkit/news-rig.ts'
import type { SocketClient } from '../testkit/socket-client.ts'

let rig: NewsRig
let relay: AsyncDisposable
beforeAll(async () => {
  rig = await openNewsRig()
  relay = rig.relay()
})
afterAll(async () => {
  await relay[Symbol.asyncDispose]()
  await rig[Symbol.asyncDispose]()
})

describe('Redis', () => {
  test('flushed in the middle: no gap, no duplicate', async () => {
    await using world = await twoNodesUnderLoad()
    for (let i = 0; i < 5; i++) {
      await world.someNews()
      await rig.redis.flush()
    }
    await world.allArrived()
  })

  test('killed and started again: news comes meanwhile, and afterwards', async () => {
    await using world = await twoNodesUnderLoad()
    await world.someNews()
    await rig.redis.kill()
    await world.someNews()
    await world.caughtUp()
    await rig.redis.start()
    await world.someNews()
    await world.allArrived()
  })

  test('cuts a node’s connection again and again: nothing is missed', async () => {
    await using world = await twoNodesUnderLoad()
    const redis = new Redis(rig.redis.url)
    for (let i = 0; i < 8; i++) {
      await world.someNews()
      const list = String(await redis.client('LIST'))
      for (const [, id] of list.matchAll(/id=(\d+) [^\n]*name=convoke_log_reader/g))
        await redis.client('KILL', 'ID', id as string)
    }
    redis.disconnect()
    await world.allArrived()
  })

  test('away when a node starts: the news comes, and coordination once Redis is there', async () => {
    await rig.redis.kill()
    const topic = aTopic()
    await using first = await rig.gateway()
    await using second = await rig.gateway()
    const session = randomUUID()
    await using client = second.client(session)
    await client.watch(topic)
    await rig.write([topic])
    await client.until(() => client.items.length === 1)
    await rig.redis.start()
    const redis = new Redis(rig.redis.url)
    await expect
      .poll(() => redis.call('PUBSUB', 'NUMSUB', 'convoke-request#/#'), { timeout: 5_000 })
      .toEqual(['convoke-request#/#', 2])
    redis.disconnect()
    await expect
      .poll(
        () => {
          first.revoke(session)
          return client.byes.length
        },
        { timeout: 5_000 },
      )
      .toBe(1)
  })

  test('lost entries on the way: what the relay wrote and nobody read is filled from the outbox', async () => {
    await using world = await twoNodesUnderLoad()
    const redis = new Redis(rig.redis.url)
    const deleting = setInterval(() => void redis.flushall(), 3)
    await world.someNews()
    await world.someNews()
    clearInterval(deleting)
    redis.disconnect()
    await world.allArrived()
    expect(await world.fills()).toBeGreaterThan(0)
  })
})

describe('PostgreSQL', () => {
  test('cuts the connections of relay, wakers and nodes: news goes on without a gap', async () => {
    await using world = await twoNodesUnderLoad()
    for (let i = 0; i < 3; i++) {
      await world.someNews()
      await rig.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name SIMILAR TO 'convoke_(relay|waker)%'`,
      )
    }
    await world.someNews()
    await world.allArrived()
  })
})

describe('the log', () => {
  test('restored to an earlier point: everybody gets the state, in a new epoch', async () => {
    const topic = aTopic()
    await using node = await rig.gateway()
    await using client = node.client()
    await client.watch(topic)
    for (let i = 0; i < 3; i++) await rig.write([topic])
    await client.until(() => client.items.length === 3)
    const { epoch } = client.cursor(topic) as { epoch: number }
    await rig.owner.query(`
      BEGIN;
      DELETE FROM outbox WHERE topic = '${topic}' AND seq > 1;
      UPDATE topic_head SET seq = 1 WHERE topic = '${topic}';
      UPDATE relay_position p SET position = position - 2
        WHERE shard = (SELECT shard FROM outbox WHERE topic = '${topic}');
      COMMIT`)
    await client.until(() => client.snapshots.length === 2)
    expect(client.snapshots[1]).toMatchObject({ topic, epoch: epoch + 1, seq: 1, data: { count: 1 } })
    await rig.write([topic])
    await client.until(() => client.items.length === 4)
    expect(client.items[3]).toMatchObject({ epoch: epoch + 1, seq: 2 })
    expect(client.faults).toEqual([])
  })
})

test(
  'relays killed at random moments: every client sees every event once and in order',
  { timeout: 60_000 },
  async () => {
    const seed = Math.floor(Math.random() * 1e9)
    console.log(`seed ${seed}`)
    const random = mulberry32(seed)
    await relay[Symbol.asyncDispose]()
    await using world = await twoNodesUnderLoad()
    let spare = rig.spawnRelay()
    for (let i = 0; i < 5; i++) {
      const doomed = spare
      spare = rig.spawnRelay()
      const news = world.someNews(40 + Math.floor(random() * 60))
      await world.anotherItem(Math.floor(random() * 40))
      doomed.kill('SIGKILL')
      await news
    }
    await world.allArrived()
    await spare[Symbol.asyncDispose]()
    relay = rig.relay()
  },
)

/** Two nodes with clients on all of four topics, and writers to set off. */
async function twoNodesUnderLoad() {
  const topics = Array.from({ length: 4 }, aTopic)
  const nodes = await Promise.all([rig.gateway('left'), rig.gateway('right')])
  const clients = nodes.flatMap((node) => Array.from({ length: 3 }, () => node.client()))
  await Promise.all(clients.flatMap((client) => topics.map((topic) => client.watch(topic))))
  const caughtUp = async () => {
    for (const client of clients) await reachesHeads(rig, client, topics)
  }
  return {
    someNews: async (count = 20) => {
      await Promise.all([rig.writeMany(topics, count), rig.writeMany(topics, count)])
    },
    /** Resolves when the first client has got `count` more items. */
    anotherItem: (count: number) => {
      const [client] = clients as [SocketClient]
      const target = client.items.length + count
      return client.until(() => client.items.length >= target)
    },
    caughtUp,
    allArrived: async () => {
      await caughtUp()
      for (const client of clients) {
        for (const topic of topics) {
          const seqs = client.seqs(topic)
          expect(seqs).toEqual(seqs.map((_, i) => i + 1))
        }
        expect(client.snapshots).toHaveLength(topics.length)
      }
    },
    fills: async () => Math.max(...(await Promise.all(nodes.map((node) => metric(node, 'convoke_news_fills_total'))))),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
    },
  }
}

function mulberry32(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
