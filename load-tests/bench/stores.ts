import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedPostgres } from '../../app/embedded/postgres.ts'
import { openWatchdog } from '../../app/embedded/watchdog.ts'

/** A PostgreSQL for one load test, as `npm start` runs it: every commit is on the disk before it is answered. */
export async function openLoadPostgres(
  log: (line: string) => void,
  settings: Record<string, string> = {},
): Promise<{ url: string; logFile: string } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'convoke-load-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const watchdog = stack.use(openWatchdog())
  watchdog.guardFolder(dataDir)
  // As root PostgreSQL may have to run as another account, which must get through to its own folder.
  await chmod(dataDir, 0o711)
  const postgres = stack.use(await openEmbeddedPostgres({ dataDir, watchdog, log, settings, restart: false }))
  const owned = stack.move()
  return { url: postgres.url, logFile: postgres.logFile, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
