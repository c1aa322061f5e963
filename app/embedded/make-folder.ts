import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from './start-problem.ts'

/**
 * Makes a folder and the folders above it; it is fine when it is there. Node's own `recursive` never comes back where
 * a file system refuses new folders with ENOENT, as /proc does.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    const there = await stat(path).catch(() => undefined)
    if (there?.isDirectory()) return
    const above = dirname(path)
    if (errorCode(error) !== 'ENOENT' || above === path || (await stat(above).catch(() => undefined))) throw error
    await makeFolder(above, mode)
    await mkdir(path, { mode })
  }
}
