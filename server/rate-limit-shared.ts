import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { openRedis } from '../db/redis.ts'
import { type Count, type Quota, intervalOf, quotaOf, tightest } from './rate-limit.ts'

/** Counts that all nodes share. undefined: Redis is away, count for yourself. */
export interface SharedLimit extends Disposable {
  take: (counts: readonly Count[]) => Promise<Quota | undefined>
}

/** A write waits no longer than this for permission. */
const PATIENCE_MS = 100
/** After a failure the others do not wait at all for so long. */
const PAUSE_MS = 1_000

/** The same algorithm as LocalLimit, as one script in Redis: one round trip for all counts, on the clock of Redis. */
export function openSharedLimit(redisUrl: string, log: Logger): SharedLimit {
  const redis: Redis = openRedis(redisUrl, 'convoke_limits', log, { commandTimeout: PATIENCE_MS })
  redis.defineCommand('takeAll', { lua: TAKE_ALL })
  let awayUntil = 0
  return {
    async take(counts) {
      if (performance.now() < awayUntil) return undefined
      try {
        const keys = counts.map(({ key }) => `limit:${key}`)
        const rates = counts.flatMap(({ rate }) => [intervalOf(rate), rate.burst * intervalOf(rate)])
        const debts = await (redis as unknown as TakeAll).takeAll(keys.length, ...keys, ...rates)
        return tightest(counts.map(({ rate }, i) => quotaOf(rate, Number(debts[i]))))
      } catch {
        // Said once by the connection's own outage.
        awayUntil = performance.now() + PAUSE_MS
        return undefined
      }
    },
    [Symbol.dispose]: () => redis.disconnect(),
  }
}

interface TakeAll {
  takeAll: (count: number, ...rest: (string | number)[]) => Promise<string[]>
}

// Answers each key's debt from before the take, in milliseconds. Takes all or none. A key goes by itself when its burst is
// whole again.
const TAKE_ALL = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local debts, refused = {}, false
  for i, key in ipairs(KEYS) do
    local debt = math.max(0, tonumber(redis.call('GET', key) or now) - now)
    debts[i] = debt
    if debt + ARGV[2 * i - 1] > ARGV[2 * i] + 0.001 then refused = true end
  end
  if not refused then
    for i, key in ipairs(KEYS) do
      local debt = debts[i] + ARGV[2 * i - 1]
      redis.call('SET', key, string.format('%.3f', now + debt), 'PX', math.ceil(debt))
    end
  end
  for i, debt in ipairs(debts) do debts[i] = string.format('%.3f', debt) end
  return debts`
