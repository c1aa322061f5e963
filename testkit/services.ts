import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { processEnvironment, userCacheDir } from '../app/config.ts'
import { openEmbeddedPostgres } from '../app/embedded/postgres.ts'
import { openEmbeddedRedis } from '../app/embedded/redis.ts'
import { openWatchdog } from '../app/embedded/watchdog.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's login to the throwaway PostgreSQL of this test run. */
    postgresUrl: string
    /** The private Redis of this test run, shared by every file: use prefixes, or `openPrivateRedis` to flush or kill. */
    redisUrl: string
  }
}

/**
 * Starts one throwaway PostgreSQL and one private Redis for the whole test run and provides their addresses; what it
 * returns stops and removes them. A watchdog does the same when the run is killed.
 */
export async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const stack = new AsyncDisposableStack()
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'convoke-test-'))
    stack.defer(() => rm(dataDir, { recursive: true, force: true }))
    const watchdog = stack.use(openWatchdog())
    watchdog.guardFolder(dataDir)
    // As root PostgreSQL may have to run as another account, which must get through to its own folder.
    await chmod(dataDir, 0o711)
    const shared = { dataDir, watchdog, log: (line: string) => console.log(line) }
    const cacheDir = userCacheDir(processEnvironment())
    const [postgres, redis] = await Promise.all([
      openEmbeddedPostgres({ ...shared, settings: THROWAWAY }).then((service) => stack.use(service)),
      openEmbeddedRedis({ ...shared, cacheDir }).then((service) => stack.use(service)),
    ])
    project.provide('postgresUrl', postgres.url)
    project.provide('redisUrl', redis.url)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
  return () => stack.disposeAsync()
}

/** Safe against kill -9 of any process, which is what tests do; only the machine's own crash could lose something. */
const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum_naptime: '5s' }
