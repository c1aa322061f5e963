import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedPostgres } from '../../app/embedded/postgres.ts'
import { openWatchdog } from '../../app/embedded/watchdog.ts'
import { migrate } from '../../db/migrate.ts'
import { openPool } from '../../db/pool.ts'
import type { TestDatabase } from '../database.ts'

/** A store for one test that freezes or kills it; the address stays the same. */
export interface PrivatePostgres extends TestDatabase {
  /** SIGSTOP for the server and every session of it: connections are taken and nothing is answered. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** SIGKILL of the whole server; it stays down until `start`, which recovers it. */
  kill(): Promise<void>
  start(): Promise<void>
}

// A commit is in the system's hands before it is acknowledged, so it outlives a killed server; the machine does not die.
const SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'on' }

export async function openPrivatePostgres(): Promise<PrivatePostgres> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'convoke-postgres-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const watchdog = stack.use(openWatchdog())
  watchdog.guardFolder(dataDir)
  // As root PostgreSQL may have to run as another account, which must get through to its own folder.
  await chmod(dataDir, 0o711)
  const postgres = stack.use(
    await openEmbeddedPostgres({ dataDir, watchdog, settings: SETTINGS, restart: false, log: () => {} }),
  )
  await migrate(postgres.url)
  const pools = (['convoke_app', 'convoke_relay'] as const).map((role) => {
    return openPool({ url: postgres.url, role, max: 4, onError: () => {} })
  })
  const [app, relay] = pools as [TestDatabase['app'], TestDatabase['relay']]
  const owned = stack.move()
  let frozen: number[] = []
  const thaw = async () => {
    for (const pid of frozen) send(pid, 'SIGCONT')
    frozen = []
  }
  return {
    url: postgres.url,
    app,
    relay,
    thaw,
    async freeze() {
      // The server first: it must not give birth to sessions that stay awake.
      for (let next = [postgres.pid]; next.length > 0; next = await childrenOf(next)) {
        for (const pid of next) send(pid, 'SIGSTOP')
        frozen.push(...next)
      }
    },
    kill: () => postgres.kill(),
    start: () => postgres.start(),
    async [Symbol.asyncDispose]() {
      await thaw()
      await Promise.all(pools.map((pool) => pool.end()))
      await owned.disposeAsync()
    },
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // A session that has just ended.
  }
}

async function childrenOf(parents: readonly number[]): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // The second field behind the name, which may hold anything, is the parent.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return parents.includes(parent) ? [pid] : []
    }),
  )
  return found.flat()
}
