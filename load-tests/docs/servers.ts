import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { childEnvironment } from '../../app/config.ts'
import { COLLECTABLE } from './held-bytes.ts'

/** The processes that serve documents, of one product. */
export interface Servers {
  urls: readonly [string, string]
  pids: readonly [number, number]
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
