import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** Where `fetchRedis` unpacks to below a cache folder, and the folders in it that hold libraries. */
export async function libraryFolders(cacheDir: string): Promise<{ root: string; libraries: string[] }> {
  const root = join(cacheDir, `redis-${await distribution()}-${process.arch}`)
  const libraries: string[] = []
  for (const base of ['usr/lib', 'lib']) {
    const entries = await readdir(join(root, base), { withFileTypes: true }).catch(() => [])
    // usr/lib/<triplet> on Debian.
    for (const entry of entries) if (entry.isDirectory()) libraries.push(join(root, base, entry.name))
  }
  return { root, libraries }
}

/** A folder of our own below `cacheDir` to work in, or `undefined` when it cannot be written. */
export async function makeDraft(cacheDir: string): Promise<string | undefined> {
  try {
    await makeFolder(cacheDir)
    return await mkdtemp(join(cacheDir, 'fetching-'))
  } catch {
    return undefined
  }
}

/**
 * Unpacks the distribution's redis-server, with what it needs and this machine lacks, below `cacheDir`. Nothing is
 * installed and nothing needs root. `draft` is used up. Resolves with the reason when it could not be done.
 */
export async function fetchRedis(
  cacheDir: string,
  draft: string,
  log: (line: string) => void,
): Promise<string | undefined> {
  try {
    log('Fetching Redis from the distribution’s packages (once)')
    const packages = await download(draft)
    if (typeof packages === 'string') return packages
    const tree = join(draft, 'tree')
    for (const file of packages) {
      const { code, output } = await run('dpkg-deb', ['-x', file, tree])
      if (code !== 0) return lastLine(output)
    }
    const { root } = await libraryFolders(cacheDir)
    await replace(tree, root, draft)
    return undefined
  } finally {
    // Package lists are some 20 to 160 MB.
    await rm(draft, { recursive: true, force: true })
  }
}

async function download(draft: string): Promise<string[] | string> {
  const archives = join(draft, 'cache/archives')
  await mkdir(join(archives, 'partial'), { recursive: true })
  await mkdir(join(draft, 'state/lists/partial'), { recursive: true })
  // The machine's own package lists first: they are there already, but may be empty or too old to serve.
  let update = ''
  for (const ownLists of [false, true]) {
    const apt = ['-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=', '-o', 'Acquire::Languages=none']
    apt.push('-o', `Dir::State=${join(draft, 'state')}`, '-o', `Dir::Cache=${join(draft, 'cache')}`)
    apt.push('-o', 'Dir::State::status=/var/lib/dpkg/status', '-o', 'Acquire::Retries=1')
    apt.push('-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::https::Timeout=20')
    if (!ownLists) apt.push('-o', 'Dir::State::lists=/var/lib/apt/lists')
    // A hook of the machine that needs root may fail an update that went well: the packages are the proof.
    else update = (await run('apt-get', [...apt, 'update'])).output
    let output = ''
    for (const name of ['redis-server', 'valkey-server']) {
      const wanted = ['install', '--download-only', '--yes', '--no-install-recommends', name]
      const result = await run('apt-get', [...apt, ...wanted])
      if (result.code === 'missing') return 'there is no apt-get here'
      output ||= result.output
      const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'))
      if (result.code === 0 && files.length > 0) return files.map((file) => join(archives, file))
    }
    if (ownLists) return verdict(update) ?? lastLine(output)
  }
  return 'apt-get gave no package'
}

/** Several starts may fetch at once: the last one to finish wins, and nobody ever sees half a tree. */
async function replace(tree: string, root: string, draft: string): Promise<void> {
  await rename(root, join(draft, 'old')).catch(() => {})
  await rename(tree, root).catch(() => {})
}

const MAX_RUN_MS = 180_000

async function run(file: string, args: string[]): Promise<{ code: number | 'missing' | null; output: string }> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: MAX_RUN_MS })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output }
  } catch {
    return { code: 'missing', output: `${file} is not installed` }
  }
}

function lastLine(output: string): string {
  return verdict(output) ?? output.trim().split('\n').at(-1) ?? ''
}

/** What apt says went wrong, without the advice around it. */
function verdict(output: string): string | undefined {
  return /^(?:E|W): +(.*)$/m.exec(output)?.[1]
}

/** A home folder may be shared between machines of different making. */
async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const value = (name: string) => new RegExp(`^${name}="?([a-z0-9._-]*)`, 'm').exec(text)?.[1] ?? ''
  return `${value('ID') || process.platform}-${value('VERSION_ID')}`
}
