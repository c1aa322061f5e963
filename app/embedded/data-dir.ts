import { randomBytes } from 'node:crypto'
import { link, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { identify, isAlive, type ProcessId } from './processes.ts'
import { errorCode, StartProblem, writeProblem } from './start-problem.ts'

/**
 * Makes the data folder ours until disposed. Throws a `StartProblem` when it cannot be written, or when another
 * process of Convoke that is still alive runs on it.
 *
 * Invariant: the lock file is complete from the moment it exists (it is linked into place), and it counts only while
 * the very process it names lives.
 */
export async function claimDataDir(dataDir: string): Promise<{ dataDir: string } & AsyncDisposable> {
  try {
    // Others may pass through, not look around: as root, PostgreSQL may have to run as another account.
    await makeFolder(dataDir, 0o711)
    const real = await realpath(dataDir)
    const lock = join(real, 'lock')
    await acquire(lock, real)
    return { dataDir: real, [Symbol.asyncDispose]: () => rm(lock, { force: true }) }
  } catch (error) {
    throw writeProblem(error, dataDir) ?? error
  }
}

interface Owner extends ProcessId {
  token: string
}

// Each round means that somebody else came or went in between.
const MAX_ROUNDS = 20

async function acquire(lock: string, dataDir: string): Promise<void> {
  const me: Owner = { ...identified(process.pid), token: randomBytes(9).toString('base64url') }
  const draft = `${lock}.${me.token}`
  await writeFile(draft, JSON.stringify(me), { flag: 'wx' })
  try {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (await linked(draft, lock)) return
      const owner = await readOwner(lock)
      if (owner && isAlive(owner)) throw heldBy(owner, dataDir)
      await clearStale(lock, owner?.token)
    }
    throw new Error(`the lock ${lock} never came to rest`)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Moves a dead owner's lock away; puts it back when it turns out that a new owner came first. */
async function clearStale(lock: string, token: string | undefined): Promise<void> {
  const aside = `${lock}.stale.${randomBytes(6).toString('hex')}`
  try {
    await rename(lock, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  if ((await readOwner(aside))?.token !== token) await linked(aside, lock)
  await rm(aside, { force: true })
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

async function readOwner(lock: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(lock, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

function identified(pid: number): ProcessId {
  const id = identify(pid)
  if (!id) throw new Error(`process ${pid} cannot be looked at`)
  return id
}

function heldBy(owner: Owner, dataDir: string): StartProblem {
  return new StartProblem(
    `Convoke is already running on ${dataDir} (process ${owner.pid}). Stop it with: kill ${owner.pid}` +
      ` - or run a second one beside it: DATA_DIR=.data2 PORT=3001 npm start`,
  )
}
