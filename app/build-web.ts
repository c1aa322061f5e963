import { createHash } from 'node:crypto'
import { access, chmod, glob, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { BuildOrder } from './build-web-worker.ts'

const ROOT = join(import.meta.dirname, '..')
const WEB = join(ROOT, 'web')
const DIST = join(WEB, 'dist')
const WORKER = new URL('./build-web-worker.ts', import.meta.url)
/** What else goes into the pages; another version of one of them is another build. */
const PACKAGES = [
  'vite',
  'preact',
  'socket.io-client',
  'graphql-ws',
  'uqr',
  'yjs',
  'lib0',
  'y-protocols',
  'y-websocket',
  'y-prosemirror',
  'prosemirror-model',
  'prosemirror-state',
  'prosemirror-view',
]
/** Builds of other branches, or of a process that is just starting on them, are left alone. */
const KEPT_BUILDS = 3
const UNFINISHED = '.building-'
/** A build takes seconds; what is older belongs to a process that was killed. */
const ABANDONED_MS = 3_600_000

/**
 * The folder that holds the built pages of the present sources, built now unless it is there: `web/dist/<hash of the
 * sources>`. A build appears there whole, so any number of processes may ask at once. Needs no network.
 */
export async function buildWeb(dist = DIST): Promise<string> {
  const built = join(dist, await sourcesHash())
  if (await isBuilt(built)) return built
  await mkdir(dist, { recursive: true })
  const fresh = await mkdtemp(join(dist, UNFINISHED))
  try {
    await runWorker({ root: WEB, pages: await findPages(), outDir: fresh })
    // Who starts the server may be another account than who built.
    await chmod(fresh, 0o755)
    await rename(fresh, built).catch(async (cause: unknown) => {
      // Another process was quicker.
      if (!(await isBuilt(built))) throw new Error(`cannot keep the built pages in ${built}`, { cause })
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  await clearOld(dist)
  return built
}

/** A folder with an `index.html` is a page. */
async function findPages(): Promise<string[]> {
  const pages: string[] = []
  for await (const page of glob('*/index.html', { cwd: WEB })) pages.push(join(WEB, page))
  return pages.toSorted()
}

async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256')
  const files: string[] = [import.meta.filename, fileURLToPath(WORKER)]
  for await (const file of glob('*/**/*', { cwd: WEB, exclude: ['dist'] })) {
    if (!/[.]test[.]tsx?$/.test(file) && /[.]\w+$/.test(file)) files.push(join(WEB, file))
  }
  for (const name of PACKAGES) files.push(join(ROOT, 'node_modules', name, 'package.json'))
  const contents = await Promise.all(
    files.toSorted().map(async (file) => [relative(ROOT, file), await readFile(file)] as const),
  )
  for (const [name, content] of contents) hash.update(`${name}\0${content.length}\0`).update(content)
  return hash.digest('hex').slice(0, 16)
}

function isBuilt(folder: string): Promise<boolean> {
  return access(join(folder, 'assets')).then(
    () => true,
    () => false,
  )
}

/** What is built follows from the sources alone, not from this process's NODE_ENV; and a worker gives its memory back. */
async function runWorker(order: BuildOrder): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: order, env: { NODE_ENV: 'production' } })
    worker.once('error', (cause) => reject(new Error('the pages could not be built', { cause })))
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`building the pages ended with ${code}`))))
  })
}

async function clearOld(dist: string): Promise<void> {
  const found = (await readdir(dist)).map(async (name) => {
    const folder = join(dist, name)
    // Others may be clearing, too.
    const at = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    )
    return { folder, at, isUnfinished: name.startsWith(UNFINISHED) }
  })
  const newestFirst = (await Promise.all(found)).toSorted((a, b) => b.at - a.at)
  const old = newestFirst.filter((one) => !one.isUnfinished).slice(KEPT_BUILDS)
  const abandoned = newestFirst.filter((one) => one.isUnfinished && one.at < Date.now() - ABANDONED_MS)
  await Promise.all([...old, ...abandoned].map(({ folder }) => rm(folder, { recursive: true, force: true })))
}
