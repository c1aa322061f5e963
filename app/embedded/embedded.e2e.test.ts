import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { processEnvironment, userCacheDir } from '../config.ts'
import { identify, isAlive, type ProcessId } from './processes.ts'
import { openBackingServices, type BackingServices } from './services.ts'

// One folder for all of it, in one order: making a store takes longer than everything else here together.
let folder = ''
let dataDir = ''
// Where PostgreSQL keeps its things: below the data folder, or elsewhere where root may not make a namespace.
let home = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convoke embedded '))
  await chmod(folder, 0o700)
  dataDir = join(folder, 'data')
})

afterAll(async () => {
  for (const path of [home, folder]) await rm(path, { recursive: true, force: true })
})

describe('the backing services', () => {
  test('come up in a 0700 folder with a space in its path, and leave nothing behind', async () => {
    const services = await opened()
    await query(services.databaseUrl, 'CREATE TABLE kept AS SELECT 42 AS answer')
    expect(await query(services.databaseUrl, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }])
    const redis = new Redis(services.redisUrl)
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    redis.disconnect()
    const running = idsOf(services)
    home = dirname(services.postgres?.logFile ?? '')

    await services[Symbol.asyncDispose]()

    expect(running.map(isAlive)).toEqual([false, false])
    await expect(stat(join(dataDir, 'lock'))).rejects.toThrow('ENOENT')
  })

  test('refuse a folder somebody runs on, naming the process and the way out; the next start has the data', async () => {
    await using services = await opened()
    await expect(opened()).rejects.toThrow(`already running on ${dataDir} (process ${process.pid}). Stop it with: kill`)
    expect(await query(services.databaseUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    expect((await stat(join(home, 'password'))).mode & 0o777).toBe(0o600)
  })

  test('come back at the same address when they are killed', async () => {
    await using services = await opened()
    const before = idsOf(services)
    for (const { pid } of before) process.kill(pid, 'SIGKILL')
    await expect
      .poll(() => query(services.databaseUrl, 'SELECT 1 AS up').catch(() => 'down'), WAIT)
      .toEqual([{ up: 1 }])
    await expect.poll(() => idsOf(services).filter(isAlive).length, WAIT).toBe(2)
    expect(before.map(isAlive)).toEqual([false, false])
  })

  test('end, and nodes with them, with a parent that was killed without a chance to say so', async () => {
    const { child, ids, node } = await openedByChild()
    ids.push(node)
    child.kill('SIGKILL')
    await expect.poll(() => ids.filter(isAlive), WAIT).toEqual([])
  })

  test('that outlived parent and watchdog are stopped by the next start', async () => {
    const { child, ids, watchdog } = await openedByChild()
    process.kill(watchdog, 'SIGKILL')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(ids.map(isAlive)).toEqual([true, true])
    await using services = await opened()
    expect(ids.map(isAlive)).toEqual([false, false])
    expect(await query(services.databaseUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  test('take no stranger for a predecessor: a stale note with the number of a live process is cleared', async () => {
    const stranger = spawn('sleep', ['60'])
    onTestFinished(() => void stranger.kill())
    const note = join(home, 'data/postmaster.pid')
    await writeFile(note, `${stranger.pid}\n${join(home, 'data')}\n1700000000\n1\n\n127.0.0.1\n\n`)
    await using services = await opened()
    expect(Number.parseInt(await readFile(note, 'utf8'), 10)).toBe(services.postgres?.pid)
    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
  })
})

describe('a start that cannot be', () => {
  test('says that the data folder cannot be written, and what to do', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(opened(join(file, 'data'))).rejects.toThrow(
      `The data folder ${join(file, 'data')} cannot be used: a part of that path is a file. Choose another folder: DATA_DIR=`,
    )
    await expect(opened('/proc/nowhere/data')).rejects.toThrow('no folder can be made there. Choose another')
  })

  test('says that the port is taken, and names another', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const sentence = `PORT ${port} is taken by another program; choose another: PORT=${port + 1} npm start`
    await expect(opened(dataDir, port)).rejects.toThrow(sentence)
  })
})

const ANY_PORT = { host: '127.0.0.1', port: 0 }
const WAIT = { timeout: 15_000, interval: 20 }

function opened(dir = dataDir, port = 0): Promise<BackingServices> {
  const cacheDir = userCacheDir(processEnvironment())
  const stores = { databaseUrl: undefined, migrateDatabaseUrl: undefined, redisUrl: undefined }
  return openBackingServices({ ...stores, ...ANY_PORT, port, dataDir: dir, cacheDir }, () => {})
}

interface OpenedByChild {
  child: ChildProcess
  watchdog: number
  /** Something the parent put under the watchdog's eye, as it does with its nodes. */
  node: ProcessId
  /** PostgreSQL and Redis. */
  ids: ProcessId[]
}

/** The same in a process of its own. */
async function openedByChild(): Promise<OpenedByChild> {
  const cacheDir = userCacheDir(processEnvironment())
  const script = `
    const { openBackingServices } = await import(${JSON.stringify(new URL('./services.ts', import.meta.url).href)})
    const services = await openBackingServices(${JSON.stringify({ ...ANY_PORT, dataDir, cacheDir })}, () => {})
    const node = (await import('node:child_process')).spawn('sleep', ['120'], { detached: true })
    services.watchdog.guard(node.pid, 2, { signals: [{ signal: 'SIGTERM', graceMs: 1_000 }] })
    console.log(JSON.stringify([services.watchdog.pid, node.pid, services.postgres.pid, services.redis.pid]))
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const [watchdog = 0, node = 0, ...pids] = JSON.parse(line) as number[]
  onTestFinished(() => void (identify(node) && process.kill(node)))
  return { child, watchdog, node: identified(node), ids: pids.map(identified) }
}

function idsOf({ postgres, redis }: BackingServices): ProcessId[] {
  // 0 while a killed one is on its way back: no process has that number.
  return [postgres?.pid ?? 0, redis?.pid ?? 0].flatMap((pid) => identify(pid) ?? [])
}

function identified(pid: number): ProcessId {
  const id = identify(pid)
  if (!id) throw new Error(`process ${pid} is gone`)
  return id
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
