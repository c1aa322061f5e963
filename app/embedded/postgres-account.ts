import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
  await mkdir(home, { recursive: true, mode: 0o700 })
  if (process.getuid?.() !== 0) return { native, home, command: plain, own: async () => {} }
  const owner = await stat(home)
  if (works(inNamespace, native, home)) return { native, home, command: inNamespace, own: async () => {} }

  const [uid, gid] = owner.uid === 0 ? [NOBODY, NOBODY] : [owner.uid, owner.gid]
  const command = as(uid, gid)
  const own = (path: string) => chown(path, uid, gid)
  ownAll(home, uid, gid)
  if (works(command, native, home)) return { native, home, command, own }

  const away = await placeElsewhere(native, home)
  ownAll(away.home, uid, gid)
  if (works(command, away.native, away.home)) return { ...away, command, own }
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

/** Copies the programs to, and finds a home in, a folder that everybody may enter; `home` remembers which. */
async function placeElsewhere(native: string, home: string): Promise<{ native: string; home: string }> {
  const note = join(home, 'elsewhere')
  const noted = await readFile(note, 'utf8').catch(() => '')
  const base = noted ? dirname(noted) : await firstFolder()
  const away = noted || join(base, randomBytes(6).toString('hex'))
  const { version } = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string }
  const programs = join(base, `postgres-${version}`)
  await copyWhole(native, programs)
  await mkdir(away, { recursive: true, mode: 0o700 })
  if (!noted) await writeFile(note, away)
  return { native: programs, home: away }
}

async function copyWhole(from: string, to: string): Promise<void> {
  if (await stat(to).catch(() => undefined)) return
  const draft = `${to}.${randomBytes(6).toString('hex')}`
  await cp(from, draft, { recursive: true, verbatimSymlinks: true })
  // Another start may have been quicker; its copy is as good.
  await rename(draft, to).catch(() => rm(draft, { recursive: true, force: true }))
}

async function firstFolder(): Promise<string> {
  for (const folder of OUTSIDE) {
    try {
      await mkdir(folder, { recursive: true })
      // Below /var/tmp somebody else may have been first; what root runs must be root's.
      if ((await stat(folder)).uid !== 0) continue
      await chmod(folder, 0o755)
      return folder
    } catch {
      // The next one, then.
    }
  }
  throw new StartProblem(
    `PostgreSQL needs a folder that is not root's own, and none of ${OUTSIDE.join(', ')} can be made.`,
  )
}
