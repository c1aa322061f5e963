import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, cp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { StartProblem } from './start-problem.ts'

/** As whom PostgreSQL runs, which refuses to be root, and from where. */
export interface PostgresAccount {
  /** The folder with `bin/`, reachable for that account. */
  native: string
  /** The folder that keeps its data, log and password; it exists and belongs to that account. */
  home: string
  /** How to start a program so that it runs as that account. */
  command: (file: string, args: string[]) => { file: string; args: string[]; uid?: number; gid?: number }
  /** Hands a file or folder that we made over to that account. */
  own: (path: string) => Promise<void>
}

/** `nobody` on every Linux: an account that owns nothing. */
const NOBODY = 65_534

/**
 * A plain user runs PostgreSQL as he is. For root there are three ways, best first; the first that can run the
 * program and write `home` is taken, so a folder keeps the way it was made by:
 * 1. a user namespace in which root is `nobody`: needs no account, and reaches folders only root may enter;
 * 2. the account that `home` belongs to, when that is not root;
 * 3. `nobody`, where namespaces are forbidden (chroot, many containers): below a folder that only root may enter both
 *    programs and data need another place.
 */
export async function choosePostgresAccount(native: string, home: string): Promise<PostgresAccount> {
  await makeFolder(home, 0o700)
  if (process.getuid?.() !== 0) return { native, home, command: plain, own: async () => {} }
  const owner = await stat(home)
  if (works(inNamespace, native, home)) return { native, home, command: inNamespace, own: async () => {} }

  const [uid, gid] = owner.uid === 0 ? [NOBODY, NOBODY] : [owner.uid, owner.gid]
  const command = as(uid, gid)
  const own = (path: string) => chown(path, uid, gid)
  ownAll(home, uid, gid)
  if (works(command, native, home)) return { native, home, command, own }

  const base = await openFolder(home)
  const copy = await copyPrograms(native, base)
  if (works(command, copy, home)) return { native: copy, home, command, own }

  const away = await homeElsewhere(home, base)
  ownAll(away, uid, gid)
  if (works(command, copy, away)) return { native: copy, home: away, command, own }
  const wayOut = 'Start Convoke as a plain user, or set DATABASE_URL to a PostgreSQL 18 of your own.'
  throw new StartProblem(`PostgreSQL refuses to run as root, and no other account can be used here. ${wayOut}`)
}

type Command = PostgresAccount['command']

function plain(file: string, args: string[]) {
  return { file, args }
}

function inNamespace(file: string, args: string[]) {
  return { file: 'unshare', args: ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args] }
}

function as(uid: number, gid: number): Command {
  return (file, args) => ({ file, args, uid, gid })
}

function works(command: Command, native: string, home: string): boolean {
  const script = '"$1" --version >/dev/null && test -w "$2" && test -x "$2"'
  const { file, args, ...account } = command('/bin/sh', ['-c', script, 'sh', join(native, 'bin/postgres'), home])
  return spawnSync(file, args, { ...account, cwd: '/', stdio: 'ignore' }).status === 0
}

/** A store made in another of the three ways is taken over, files and all. */
function ownAll(home: string, uid: number, gid: number): void {
  spawnSync('chown', ['-R', `${uid}:${gid}`, home], { stdio: 'ignore' })
}

const OUTSIDE = ['/var/lib/convoke', '/var/tmp/convoke']

/** Where a home below that everybody may enter can be: the one used before, else the first that can be made. */
async function openFolder(home: string): Promise<string> {
  const noted = await notedHome(home)
  for (const folder of noted ? [dirname(noted)] : OUTSIDE) {
    try {
      await makeFolder(folder)
      // Below /var/tmp somebody else may have been first; what root runs must be root's.
      if ((await stat(folder)).uid !== 0) continue
      await chmod(folder, 0o755)
      return folder
    } catch {
      // The next one, then.
    }
  }
  const wayOut = 'Start Convoke as a plain user, or set DATABASE_URL to a PostgreSQL 18 of your own.'
  throw new StartProblem(`PostgreSQL refuses to run as root, and needs one of ${OUTSIDE.join(', ')}. ${wayOut}`)
}

async function copyPrograms(native: string, base: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string }
  const copy = join(base, `postgres-${version}`)
  if (await stat(copy).catch(() => undefined)) return copy
  const draft = `${copy}.${randomBytes(6).toString('hex')}`
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  // Another start may have been quicker; its copy is as good.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }))
  return copy
}

/** A home below `base`; a note in `home` remembers it, so that the data goes unused when the data folder is deleted. */
async function homeElsewhere(home: string, base: string): Promise<string> {
  const away = (await notedHome(home)) || join(base, randomBytes(6).toString('hex'))
  await makeFolder(away, 0o700)
  await writeFile(join(home, NOTE), away)
  return away
}

const NOTE = 'elsewhere'

function notedHome(home: string): Promise<string> {
  return readFile(join(home, NOTE), 'utf8').catch(() => '')
}
