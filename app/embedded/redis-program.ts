import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { childEnvironment } from '../config.ts'
import { fetchRedis, libraryFolders, makeDraft } from './redis-packages.ts'
import { StartProblem } from './start-problem.ts'

/** A Redis or Valkey server that runs on this machine, and the environment it needs for that. */
export interface RedisProgram {
  file: string
  env: Record<string, string>
}

/**
 * Found on the machine, else in a cache, else fetched into the first cache that can be written: from the
 * distribution's packages without installing them, or by Homebrew on macOS.
 */
export async function findRedis(cacheDirs: string[], log: (line: string) => void): Promise<RedisProgram> {
  const installed = firstInstalled()
  if (installed) return installed
  for (const folder of cacheDirs) {
    const cached = await unpacked(folder)
    if (cached) return cached
  }
  const failure = process.platform === 'darwin' ? brew(log) : await fetchInto(cacheDirs, log)
  if (typeof failure !== 'string') return failure
  throw new StartProblem(
    `Redis ${OLDEST} or newer (or Valkey) is needed and could not be fetched: ${failure}. ` +
      'Install it (Debian: apt-get install redis-server; macOS: brew install redis), or set REDIS_URL.',
  )
}

async function fetchInto(cacheDirs: string[], log: (line: string) => void): Promise<RedisProgram | string> {
  for (const folder of cacheDirs) {
    const draft = await makeDraft(folder)
    if (!draft) continue
    const failure = await fetchRedis(folder, draft, log)
    return failure ?? (await unpacked(folder)) ?? 'the fetched program does not run on this machine'
  }
  return `none of ${cacheDirs.join(', ')} can be written`
}

function brew(log: (line: string) => void): RedisProgram | string {
  log('Installing Redis with Homebrew (once)')
  const { stderr } = spawnSync('brew', ['install', 'redis'], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  return firstInstalled() ?? (stderr?.trim().split('\n').at(-1) || 'Homebrew is not installed')
}

function firstInstalled(): RedisProgram | undefined {
  return INSTALLED.map((file) => ({ file, env: childEnvironment({}) })).find(works)
}

/** The names on PATH, then Homebrew's places, which a bare shell may not have there. */
const INSTALLED = ['redis-server', 'valkey-server', '/opt/homebrew/bin/redis-server', '/usr/local/bin/redis-server']

/** Sharded pub/sub and the reasons of client eviction came with 7. */
const OLDEST = 7

function works({ file, env }: RedisProgram): boolean {
  const { status, stdout } = spawnSync(file, ['--version'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const major = /\bv=(\d+)\./.exec(stdout ?? '')?.[1]
  return status === 0 && Number(major) >= OLDEST
}

async function unpacked(cacheDir: string): Promise<RedisProgram | undefined> {
  const { root, libraries } = await libraryFolders(cacheDir)
  // Behind what is there already: a machine that needs its own libraries first keeps them first.
  const path = [childEnvironment({})['LD_LIBRARY_PATH'], ...libraries].filter(Boolean).join(':')
  const env = childEnvironment({ LD_LIBRARY_PATH: path })
  return ['redis-server', 'valkey-server'].map((name) => ({ file: join(root, 'usr/bin', name), env })).find(works)
}
