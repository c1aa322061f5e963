import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'
import { errorCode } from './start-problem.ts'

/**
 * A random secret of 32 bytes as base64url, made once and kept in a file only we may read. Processes that ask for it
 * at the same moment get the same one.
 */
export async function keptSecret(path: string): Promise<string> {
  const kept = await read(path)
  if (kept !== undefined) return kept
  await makeFolder(dirname(path))
  // Written aside and linked: nobody ever reads half a secret, and the first one to link wins.
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  const made = await read(path)
  if (made === undefined) throw new Error(`the secret at ${path} is empty`)
  return made
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
