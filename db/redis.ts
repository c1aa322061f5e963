import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import { createOutage } from './outage.ts'

const MAX_RECONNECT_DELAY_MS = 500
const CONNECT_TIMEOUT_MS = 1_000
/** A Redis that says nothing for this long while it owes an answer is gone (frozen, or the network is). */
const SILENCE_TIMEOUT_MS = 1_000

type Overrides = Pick<RedisOptions, 'commandTimeout' | 'enableOfflineQueue' | 'maxRetriesPerRequest'>

/**
 * A connection that comes back by itself and never waits for it: a command while Redis is away fails at once, one in
 * flight fails with the connection and is not sent again (a late XADD would carry a void position). `name` shows in
 * CLIENT LIST and in the one log line per outage.
 */
export function openRedis(url: string, name: string, log: Logger, options: Overrides = {}): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
    ...options,
  })
  const outage = createOutage(log, `redis ${name}`)
  redis.on('error', outage.failed)
  redis.on('ready', outage.worked)
  return redis
}
