import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { processEnvironment, userCacheDir } from '../app/config.ts'
import { openEmbeddedRedis } from '../app/embedded/redis.ts'
import { openWatchdog } from '../app/embedded/watchdog.ts'

/** A Redis for one test that flushes or kills it; the address stays the same over `kill` and `start`. */
export interface PrivateRedis extends AsyncDisposable {
  url: string
  /** FLUSHALL: every key is gone, connections stay. */
  flush(): Promise<void>
  /** SIGKILL; it stays down until `start`. */
  kill(): Promise<void>
  start(): Promise<void>
}

export async function openPrivateRedis(): Promise<PrivateRedis> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'convoke-redis-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const watchdog = stack.use(openWatchdog())
  watchdog.guardFolder(dataDir)
  const cacheDir = userCacheDir(processEnvironment())
  const redis = stack.use(await openEmbeddedRedis({ dataDir, cacheDir, watchdog, log: () => {}, restart: false }))
  const owned = stack.move()
  return {
    url: redis.url,
    flush: () => flush(redis.url),
    kill: () => redis.kill(),
    start: () => redis.start(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function flush(url: string): Promise<void> {
  const client = new Redis(url)
  client.on('error', () => {})
  await client.flushall()
  client.disconnect()
}
