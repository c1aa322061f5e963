import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { keptSecret } from './kept-secret.ts'
import { choosePostgresAccount, type PostgresAccount } from './postgres-account.ts'
import { findPostgres } from './postgres-binaries.ts'
import { commandLine, identify, stopProcess, type StopPlan } from './processes.ts'
import { openService, type Service } from './service.ts'
import { StartProblem } from './start-problem.ts'
import type { Watchdog } from './watchdog.ts'

export interface EmbeddedPostgresOptions {
  /** Everything is kept in its folder `postgres`: data, password, log. */
  dataDir: string
  log: (line: string) => void
  /** Server settings that replace or join ours, such as `{ fsync: 'off' }` for a store that is thrown away. */
  settings?: Record<string, string>
  port?: number
  watchdog?: Watchdog
  /** Start it again when it dies by itself; on unless said otherwise. */
  restart?: boolean
}

export interface EmbeddedPostgres extends Service {
  /** The owner's login (a superuser) to the database `convoke`. */
  url: string
  logFile: string
}

/**
 * A PostgreSQL 18 of our own on a free port of 127.0.0.1, made at the first start. What a killed predecessor left
 * behind, a live server included, is stopped and cleared first.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, watchdog, port, restart = true } = options
  const account = await choosePostgresAccount(await findPostgres(), join(dataDir, 'postgres'))
  const store = join(account.home, 'data')
  const logFile = join(account.home, 'log')
  const password = await keptSecret(join(account.home, 'password'))
  if (!(await exists(store))) await initialise(account, store, password, log)
  await boundLog(logFile)
  const service = await openService({
    name: 'PostgreSQL',
    port,
    logFile,
    watchdog,
    log,
    restart,
    plan: STOP,
    prepare: () => clearPredecessor(store),
    launch: (on) => launch(account, store, logFile, { ...SETTINGS, ...options.settings, port: String(on) }),
    probe: (on) => makeDatabase(urlOf(password, on, 'postgres')),
  })
  return Object.assign(service, { url: urlOf(password, service.port, DATABASE), logFile })
}

const OWNER = 'convoke'
const DATABASE = 'convoke'

/** INT ends sessions and closes the store in order, QUIT leaves it to crash recovery: nothing committed is lost. */
const STOP: StopPlan = {
  signals: [
    { signal: 'SIGINT', graceMs: 4_000 },
    { signal: 'SIGQUIT', graceMs: 1_500 },
    { signal: 'SIGKILL', graceMs: 1_500 },
  ],
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  // A socket file has a path of at most 107 bytes, and nobody needs one.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  // Short statements only: compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements and row contents are people's data and have no place in a log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

const MAX_LOG_BYTES = 16 * 1024 * 1024

/** initdb, into a draft that is renamed: a store exists whole or not at all. */
async function initialise(
  account: PostgresAccount,
  store: string,
  password: string,
  log: (line: string) => void,
): Promise<void> {
  log('Making a PostgreSQL store (once)')
  const draft = `${store}.new`
  const passwordFile = `${store}.password`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  await account.own(draft)
  await account.own(passwordFile)
  // The machine's own locale would choose encoding and sort order, and a foreign LANG would end initdb.
  const args = ['--pgdata', draft, '--username', OWNER, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  args.push('--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C')
  args.push('--no-instructions')
  const child = run(account, 'initdb', args, ['ignore', 'pipe', 'pipe'])
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  await rm(passwordFile, { force: true })
  if (code !== 0) throw new StartProblem(`PostgreSQL could not make its store in ${store}:\n${output.trim()}`)
  await rename(draft, store)
}

function launch(
  account: PostgresAccount,
  store: string,
  logFile: string,
  settings: Record<string, string>,
): ChildProcess {
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const output = openSync(logFile, 'a', 0o600)
  const child = run(account, 'postgres', ['-D', store, ...words], ['ignore', output, output])
  closeSync(output)
  return child
}

function run(
  account: PostgresAccount,
  program: 'initdb' | 'postgres',
  args: string[],
  stdio: ('ignore' | 'pipe' | number)[],
): ChildProcess {
  const { file, args: words, ...identity } = account.command(join(account.native, 'bin', program), args)
  // Nothing of our environment: PGDATA, PGPORT, LANG and their like would all be listened to.
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  return spawn(file, words, { ...identity, env, stdio, cwd: '/', detached: true })
}

/**
 * Stops a server that outlived its parent, and removes the note of a dead one: its number may belong to any program
 * since, and PostgreSQL would take that for itself.
 */
async function clearPredecessor(store: string): Promise<void> {
  const note = join(store, 'postmaster.pid')
  const pid = Number.parseInt(await readFile(note, 'utf8').catch(() => ''), 10)
  if (Number.isNaN(pid)) return
  const id = identify(pid)
  if (id && commandLine(pid).includes(store)) await stopProcess(id, STOP)
  await rm(note, { force: true })
}

async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}

function urlOf(password: string, port: number, database: string): string {
  return `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`
}

async function boundLog(file: string): Promise<void> {
  if (!(await exists(file))) return
  if ((await stat(file)).size > MAX_LOG_BYTES) await truncate(file)
  await chmod(file, 0o600)
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
