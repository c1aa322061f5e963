import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { keptSecret } from './kept-secret.ts'
import { makeFolder } from './make-folder.ts'
import { commandLine, identify, stopProcess, type StopPlan } from './processes.ts'
import { findRedis, type RedisProgram } from './redis-program.ts'
import { openService, type Service } from './service.ts'
import type { Watchdog } from './watchdog.ts'

export interface EmbeddedRedisOptions {
  /** Its settings and log are kept in the folder `redis` there; of the data, nothing. */
  dataDir: string
  /** Where a fetched program is kept for everybody of this account; `dataDir` serves where it cannot be written. */
  cacheDir?: string
  log: (line: string) => void
  port?: number
  watchdog?: Watchdog
  /** Start it again when it dies by itself; on unless said otherwise. */
  restart?: boolean
}

export interface EmbeddedRedis extends Service {
  url: string
  logFile: string
}

/** A private Redis on a free port of 127.0.0.1. It remembers nothing: whoever needs that may not keep it there. */
export async function openEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { dataDir, cacheDir, log, watchdog, port, restart = true } = options
  const home = join(dataDir, 'redis')
  await makeFolder(home, 0o700)
  const program = await findRedis([...(cacheDir ? [cacheDir] : []), join(dataDir, 'cache')], log)
  const password = await keptSecret(join(home, 'password'))
  const logFile = join(home, 'log')
  // Each life of a process that remembers nothing starts a new page.
  await rm(logFile, { force: true })
  const service = await openService({
    name: 'Redis',
    port,
    logFile,
    watchdog,
    log,
    restart,
    plan: STOP,
    prepare: async (on) => {
      await clearPredecessor(home)
      await writeFile(settingsFile(home), settings(home, password, on), { mode: 0o600 })
    },
    launch: () => launch(program, home, logFile),
    probe: (on) => ping(urlOf(password, on)),
  })
  return Object.assign(service, { url: urlOf(password, service.port), logFile })
}

const STOP: StopPlan = {
  signals: [
    { signal: 'SIGTERM', graceMs: 2_000 },
    { signal: 'SIGKILL', graceMs: 1_000 },
  ],
}

const MAX_MEMORY = '256mb'

/** The server's own configuration file: a password on a command line could be read by every account. */
function settings(home: string, password: string, port: number): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${quoted(home)}`,
    `pidfile ${quoted(pidFile(home))}`,
    'daemonize no',
    'save ""',
    'appendonly no',
    `maxmemory ${MAX_MEMORY}`,
    // A queue from which entries vanish is worse than one that refuses: BullMQ asks for this.
    'maxmemory-policy noeviction',
    // The next start tells by the command line whether this process is ours.
    'set-proc-title no',
    '',
  ].join('\n')
}

function launch(program: RedisProgram, home: string, logFile: string): ChildProcess {
  const output = openSync(logFile, 'a', 0o600)
  const child = spawn(program.file, [settingsFile(home)], {
    env: program.env,
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  return child
}

async function clearPredecessor(home: string): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile(home), 'utf8').catch(() => ''), 10)
  if (Number.isNaN(pid)) return
  const id = identify(pid)
  if (id && commandLine(pid).includes(settingsFile(home))) await stopProcess(id, STOP)
  await rm(pidFile(home), { force: true })
}

async function ping(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } finally {
    client.disconnect()
  }
}

function settingsFile(home: string): string {
  return join(home, 'redis.conf')
}

function pidFile(home: string): string {
  return join(home, 'pid')
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function urlOf(password: string, port: number): string {
  return `redis://default:${password}@127.0.0.1:${port}`
}
