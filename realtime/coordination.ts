import { createAdapter } from '@socket.io/redis-adapter'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Server } from 'socket.io'
import { openRedis } from '../db/redis.ts'

const KEY = 'convoke'
const REQUEST_TIMEOUT_MS = 1_000

/**
 * Joins this node's Socket.IO to the others for what may be lost (`serverSideEmit`, presence); events never go this
 * way. The adapter awaits none of its commands, so with Redis away each of them would be an unhandled rejection.
 */
export function coordinate(io: Server, redisUrl: string, log: Logger): AsyncDisposable {
  const publisher = forgiving(openRedis(redisUrl, 'convoke_adapter_pub', log))
  // The adapter subscribes once, when it is made: that must wait for a Redis that is away, not fail.
  const waiting = { enableOfflineQueue: true, maxRetriesPerRequest: null }
  const subscriber = forgiving(openRedis(redisUrl, 'convoke_adapter_sub', log, waiting))
  io.adapter(createAdapter(publisher, subscriber, { key: KEY, requestsTimeout: REQUEST_TIMEOUT_MS }))
  return {
    async [Symbol.asyncDispose]() {
      await io.of('/').adapter.close()
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}

function forgiving(redis: Redis): Redis {
  for (const name of ['publish', 'subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'] as const) {
    const send = redis[name].bind(redis) as (...args: unknown[]) => Promise<unknown>
    const sendAndForget = (...args: unknown[]) => {
      const sent = send(...args)
      sent.catch(() => {})
      return sent
    }
    Object.assign(redis, { [name]: sendAndForget })
  }
  return redis
}
