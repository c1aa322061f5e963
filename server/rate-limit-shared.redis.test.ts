import { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../testkit/eventually.ts'
import { type PrivateRedis, openPrivateRedis } from '../testkit/redis.ts'
import { openSharedLimit } from './rate-limit-shared.ts'
import { type RateLimits, createRateLimits } from './rate-limits.ts'

const log = pino({ enabled: false })
const owned = new AsyncDisposableStack()
let redis: PrivateRedis
let nodes: [RateLimits, RateLimits]
beforeAll(async () => {
  redis = owned.use(await openPrivateRedis())
  nodes = [node(), node()]
  for (const one of nodes) await untilShared(one)
})
afterAll(() => owned.disposeAsync())

function node(): RateLimits {
  return createRateLimits({ now: Date.now, shared: owned.use(openSharedLimit(redis.url, log)) })
}

let probes = 0
/** Until this node counts in Redis. */
async function untilShared(limits: RateLimits): Promise<void> {
  const client = new Redis(redis.url)
  await eventually(async () => {
    const key = `probe ${(probes += 1)}`
    await limits.write(key)
    return (await client.exists(`limit:write ${key}`)) === 1 ? undefined : 'it counts for itself'
  })
  client.disconnect()
}

async function admitted(count: number, take: (i: number) => ReturnType<RateLimits['write']>): Promise<number> {
  const quotas = await Promise.all(Array.from({ length: count }, (_, i) => take(i)))
  return quotas.filter((quota) => quota.retryAfterSeconds === undefined).length
}

test('nodes count together: a burst spread over both is one burst, and refills once', async () => {
  const started = performance.now()
  const passed = await admitted(160, (i) => nodes[i % 2 === 0 ? 0 : 1].write('ada'))
  const refilled = ((performance.now() - started) / 1000) * 20
  expect(passed).toBeGreaterThanOrEqual(100)
  expect(passed).toBeLessThanOrEqual(101 + refilled)
  const { retryAfterSeconds, ...told } = await nodes[0].write('ada')
  expect([retryAfterSeconds, told]).toEqual([1, { limit: 100, remaining: 0, resetSeconds: 5 }])
  expect(await admitted(20, (i) => nodes[i % 2 === 0 ? 0 : 1].attempt('login', '192.0.2.1', 'ada'))).toBe(10)
})

test('Redis remembers nobody by name, and each only until his burst is whole', async () => {
  await nodes[0].attempt('login', '192.0.2.9', 'grace@example.org')
  const client = new Redis(redis.url)
  const keys = await client.keys('limit:*')
  const lives = await Promise.all(keys.map((key) => client.pttl(key)))
  client.disconnect()
  expect(keys.filter((key) => key.includes('192.0.2.9')).length).toBeGreaterThan(0)
  expect(keys.join()).not.toContain('grace')
  expect(Math.min(...lives)).toBeGreaterThan(0)
  expect(Math.max(...lives)).toBeLessThanOrEqual(61_000)
})

test('with Redis gone logins stay limited at each node, by what it has seen before; writes go on in its own count', async () => {
  expect(await admitted(6, () => nodes[0].attempt('login', '192.0.2.3', 'bob'))).toBe(6)
  await redis.kill()
  expect(await admitted(20, () => nodes[0].attempt('login', '192.0.2.3', 'bob'))).toBe(4)
  expect(await admitted(20, () => nodes[1].attempt('claim', '192.0.2.3', ''))).toBe(10)
  const started = performance.now()
  expect(await admitted(150, () => nodes[0].write('bob'))).toBeLessThan(130)
  expect(await admitted(1, () => nodes[1].write('bob'))).toBe(1)
  expect(performance.now() - started).toBeLessThan(1_000)
  await redis.start()
  await untilShared(nodes[0])
})
