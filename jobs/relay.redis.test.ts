import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimNews, takeLease } from '../db/news-log.ts'
import { decodeEntry, streamKey } from '../db/news-stream.ts'
import { type Topic, SHARDS, shardOf } from '../domain/news.ts'
import { type NewsRig, aTopic, openNewsRig } from '../testkit/news-rig.ts'

interface Row {
  id: number
  topic: string
  seq: number
  shard: number
  position: number | null
}

describe('the relay', () => {
  let rig: NewsRig
  beforeAll(async () => {
    rig = await openNewsRig()
  })
  afterAll(() => rig[Symbol.asyncDispose]())

  test('eight parallel writers: every position once and without gap per shard, every topic in commit order', async () => {
    await using _relay = rig.relay()
    const topics = someTopics(6)
    await Promise.all(Array.from({ length: 8 }, () => rig.writeMany(topics, 25)))
    await everythingClaimed(rig)

    const rows = await log(rig)
    for (const shard of new Set(rows.map((row) => row.shard))) {
      const positions = rows.filter((row) => row.shard === shard).map((row) => row.position as number)
      expect(positions.toSorted((a, b) => a - b)).toEqual(positions.map((_, i) => i + 1))
    }
    for (const topic of topics) {
      const delivered = rows
        .filter((row) => row.topic === topic)
        .toSorted((a, b) => (a.position as number) - (b.position as number))
      expect(delivered.length).toBeGreaterThan(0)
      expect(delivered.map((row) => row.seq)).toEqual(delivered.map((_, i) => i + 1))
    }
    await expect.poll(async () => (await streams(rig)).length, { timeout: 5_000 }).toBe(rows.length)
    const told = new Map(
      (await streams(rig)).map((entry) => [`${entry.shard}/${entry.position}`, `${entry.topic}/${entry.seq}`]),
    )
    expect(told).toEqual(new Map(rows.map((row) => [`${row.shard}/${row.position}`, `${row.topic}/${row.seq}`])))
  })

  test('who lost the lease gives out no position, even with a claim under way', async () => {
    await rig.write(someTopics(1))
    const [first, second] = [randomUUID(), randomUUID()]
    const pool = rig.database.relay
    expect(await takeLease(pool, first, 60_000)).toBe(true)
    expect(await takeLease(pool, second, 60_000)).toBe(false)
    // The takeover holds the lease row when the old holder's claim arrives; the claim must judge what it then finds.
    const takeover = await rig.owner.connect()
    await takeover.query('BEGIN')
    await takeover.query('UPDATE relay_lease SET holder = $1', [second])
    const late = claimNews(pool, first, 10)
    await expect.poll(() => waitingForLock(rig)).toBe(1)
    await takeover.query('COMMIT')
    takeover.release()
    expect(await late).toMatchObject({ rows: [] })
    expect((await claimNews(pool, second, 10)).rows).toHaveLength(1)
    await rig.owner.query(`UPDATE relay_lease SET holder = NULL, expires_at = '-infinity'`)
  })

  test('a lapsed lease gives out no position, and lets the next one in', async () => {
    await rig.write(someTopics(1))
    const [first, second] = [randomUUID(), randomUUID()]
    expect(await takeLease(rig.database.relay, first, 0)).toBe(true)
    expect(await claimNews(rig.database.relay, first, 10)).toMatchObject({ rows: [] })
    expect(await takeLease(rig.database.relay, second, 60_000)).toBe(true)
    expect((await claimNews(rig.database.relay, second, 10)).rows).toHaveLength(1)
    await rig.owner.query(`UPDATE relay_lease SET holder = NULL, expires_at = '-infinity'`)
  })

  test('a claim smaller than the backlog takes the oldest', async () => {
    const topics = someTopics(1)
    for (let i = 0; i < 6; i++) await rig.write(topics)
    const holder = randomUUID()
    await takeLease(rig.database.relay, holder, 60_000)
    const seqs: number[] = []
    for (let i = 0; i < 3; i++)
      seqs.push(...(await claimNews(rig.database.relay, holder, 2)).rows.map((row) => row.seq))
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6])
    await rig.owner.query(`UPDATE relay_lease SET holder = NULL, expires_at = '-infinity'`)
  })

  test('a second relay goes on within a second of the first one being killed', async () => {
    await using first = rig.spawnRelay()
    await rig.write(someTopics(1))
    await everythingClaimed(rig)
    await using _second = rig.spawnRelay()
    // It has started when it, too, has said LISTEN.
    await expect.poll(() => listeners(rig), { timeout: 10_000 }).toBe(2)
    first.kill('SIGKILL')
    const killed = performance.now()
    await rig.write(someTopics(1))
    await everythingClaimed(rig)
    expect(performance.now() - killed).toBeLessThan(1_000)
  })

  test('with Redis away positions are given all the same', async () => {
    await using _relay = rig.relay()
    await rig.redis.kill()
    await Promise.all([rig.writeMany(someTopics(2), 10), everythingClaimed(rig)])
    await everythingClaimed(rig)
    await rig.redis.start()
  })

  test('streams that are ahead of the log are left behind with their epoch', async () => {
    const topic = someTopics(1)[0] as Topic
    const redis = new Redis(rig.redis.url)
    const before = await epoch(rig)
    await redis.xadd(streamKey(before, shardOf(topic)), '1000000-0', 'news', 'of a time that was undone')
    await using _relay = rig.relay()
    const writeAndLook = async () => {
      await rig.write([topic])
      return (await streams(rig)).filter((entry) => entry.topic === topic).length
    }
    await expect.poll(writeAndLook, { timeout: 5_000 }).toBeGreaterThan(0)
    expect(await epoch(rig)).toBe(before + 1)
    expect(await redis.keys(`news:{${before}.*`)).toEqual([])
    redis.disconnect()
  })
})

function someTopics(count: number): Topic[] {
  return Array.from({ length: count }, aTopic)
}

async function everythingClaimed(rig: NewsRig): Promise<void> {
  const undelivered = async () => (await log(rig)).filter((row) => row.position === null).length
  await expect.poll(undelivered, { interval: 10, timeout: 10_000 }).toBe(0)
}

async function log(rig: NewsRig): Promise<Row[]> {
  const { rows } = await rig.owner.query<Row>(
    'SELECT id::int, topic, seq::int, shard, position::int FROM outbox ORDER BY id',
  )
  return rows
}

async function epoch(rig: NewsRig): Promise<number> {
  const { rows } = await rig.owner.query<{ epoch: number }>('SELECT epoch FROM relay_lease')
  return rows[0]?.epoch as number
}

async function listeners(rig: NewsRig): Promise<number> {
  const { rows } = await rig.owner.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'convoke_relay_listener' AND query LIKE 'LISTEN%'`,
  )
  return rows[0]?.count as number
}

async function waitingForLock(rig: NewsRig): Promise<number> {
  const { rows } = await rig.owner.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%relay_lease%'`,
  )
  return rows[0]?.count as number
}

async function streams(rig: NewsRig) {
  const redis = new Redis(rig.redis.url)
  try {
    const present = await epoch(rig)
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
    const entries = await Promise.all(
      shards.map(async (shard) => {
        const found = await redis.xrange(streamKey(present, shard), '-', '+')
        return found.map(([id, fields]) => decodeEntry(shard, id, fields[1]))
      }),
    )
    return entries.flat().filter((entry) => entry !== undefined)
  } finally {
    redis.disconnect()
  }
}
