import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { childEnvironment } from '../../app/config.ts'

/** The processes that serve documents, of one product. */
export interface Servers {
  urls: readonly [string, string]
  pids: readonly [number, number]
}

/** Lets a server's garbage be collected on SIGUSR2. */
export const COLLECTABLE = {
  NODE_OPTIONS: `--expose-gc --import ${new URL('./gc-on-signal.ts', import.meta.url).href}`,
}

/** Two nodes of the peer on the same stores as ours. */
export async function openPeers(databaseUrl: string, redisUrl: string): Promise<Servers & AsyncDisposable> {
  const owner = new pg.Client({ connectionString: databaseUrl })
  await owner.connect()
  await owner.query('CREATE TABLE peer_doc (name text PRIMARY KEY, data bytea NOT NULL)')
  await owner.end()
  const nodes = await Promise.all([openPeer(databaseUrl, redisUrl), openPeer(databaseUrl, redisUrl)])
  const [one, two] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  return {
    urls: [one.url, two.url],
    pids: [one.pid, two.pid],
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.end()))
    },
  }
}

/** Resident memory of them together that belongs to no file, in bytes, once their garbage is gone. */
export async function residentBytes(pids: readonly number[]): Promise<number> {
  for (let i = 0; i < COLLECTIONS; i++) {
    for (const pid of pids) process.kill(pid, 'SIGUSR2')
    await delay(COLLECT_MS)
  }
  return pids.reduce((sum, pid) => sum + anonymousBytes(pid), 0)
}

/** Freed pages are given back some time after they were found to be free. */
const COLLECTIONS = 3
const COLLECT_MS = 500

function anonymousBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) * 1_024
}

async function openPeer(databaseUrl: string, redisUrl: string) {
  const script = fileURLToPath(new URL('./peer-process.ts', import.meta.url))
  const child = fork(script, [databaseUrl, redisUrl], {
    execArgv: [],
    env: childEnvironment({ ...COLLECTABLE, NODE_ENV: 'production' }),
  })
  const ended = once(child, 'exit')
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    async end() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
