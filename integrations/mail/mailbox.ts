import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandIn } from '../../domain/notifications/ports.ts'
import { composeMail } from './compose.ts'

/** A folder to look into, not an archive: the newest are kept. */
const KEPT = 1_000
/** Looking at the whole folder for each mail would be waste. */
const TIDY_EVERY = 100

/**
 * Keeps mail in a folder instead of sending it: one file a mail, named by its id, readable by the owner only. A second try of the
 * same mail replaces the first.
 */
export function createMailbox({ folder, from }: { folder: string; from: string }): HandIn {
  let written = 0
  return async (mail) => {
    const text = composeMail(from, mail)
    const path = join(folder, `${mail.id}.eml`)
    const half = `${path}.part`
    const keep = () => writeFile(half, text, { mode: 0o600 })
    await keep().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await keep()
    })
    await rename(half, path)
    if (written++ % TIDY_EVERY === 0) await tidy(folder)
    return { outcome: 'sent' }
  }
}

/** Ids are in the order of time. */
async function tidy(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.eml')).toSorted()
  for (const name of files.slice(0, Math.max(0, files.length - KEPT))) await rm(join(folder, name), { force: true })
}
