import type { Config } from '../config.ts'
import { claimDataDir } from './data-dir.ts'
import { assertPortFree } from './free-port.ts'
import { openEmbeddedPostgres, type EmbeddedPostgres } from './postgres.ts'
import { openEmbeddedRedis, type EmbeddedRedis } from './redis.ts'
import { writeProblem } from './start-problem.ts'
import { openWatchdog, type Watchdog } from './watchdog.ts'

/** Where PostgreSQL and Redis are; dispose it last, after everybody who uses them. */
export interface BackingServices extends AsyncDisposable {
  databaseUrl: string
  /** The owner's login. */
  migrateDatabaseUrl: string
  redisUrl: string
  /** Ours, where no address was given. */
  postgres: EmbeddedPostgres | undefined
  redis: EmbeddedRedis | undefined
  /** Open while anything of ours runs; child nodes are put under its eye, too. */
  watchdog: Watchdog
}

/**
 * Starts what `DATABASE_URL` and `REDIS_URL` do not give, side by side, in the data folder, which is ours alone from
 * then on. Throws a `StartProblem` worded for the person at the terminal.
 */
export async function openBackingServices(
  config: Pick<Config, 'databaseUrl' | 'migrateDatabaseUrl' | 'redisUrl' | 'dataDir' | 'cacheDir' | 'host' | 'port'>,
  log: (line: string) => void,
): Promise<BackingServices> {
  // Unwound newest first, also when a start fails half-way.
  await using stack = new AsyncDisposableStack()
  const embedded = !config.databaseUrl || !config.redisUrl
  const claim = embedded ? stack.use(await claimDataDir(config.dataDir)) : undefined
  // Said before anything is started, and after the question whether we run here already, which is the likelier cause.
  await assertPortFree(config.host, config.port)
  const watchdog = stack.use(openWatchdog())
  const shared = { dataDir: claim?.dataDir ?? config.dataDir, log, watchdog }
  const started = await Promise.allSettled([
    config.databaseUrl ? undefined : openEmbeddedPostgres(shared),
    config.redisUrl ? undefined : openEmbeddedRedis({ ...shared, cacheDir: config.cacheDir }),
  ])
  const [postgres, redis] = started.map((one) => (one.status === 'fulfilled' ? one.value : undefined)) as [
    EmbeddedPostgres | undefined,
    EmbeddedRedis | undefined,
  ]
  stack.defer(async () => {
    await Promise.all([postgres?.stop(), redis?.stop()])
  })
  for (const one of started) if (one.status === 'rejected') throw writeProblem(one.reason, config.dataDir) ?? one.reason

  const given = config.databaseUrl ?? ''
  const owned = stack.move()
  return {
    databaseUrl: postgres?.url ?? given,
    migrateDatabaseUrl: postgres?.url ?? config.migrateDatabaseUrl ?? given,
    redisUrl: redis?.url ?? config.redisUrl ?? '',
    postgres,
    redis,
    watchdog,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
