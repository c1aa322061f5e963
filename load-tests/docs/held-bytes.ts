import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../testkit/eventually.ts'

/** Lets a server say on SIGUSR2 what it holds when its garbage is gone. */
export const COLLECTABLE = {
  NODE_OPTIONS: `--expose-gc --import ${new URL('./gc-on-signal.ts', import.meta.url).href}`,
}

/** Where that process writes it. */
export function heldFile(pid: number): string {
  return join(tmpdir(), `convoke-held-${pid}`)
}

/**
 * Bytes that these processes hold together, in V8's heap and outside of it, without garbage. Not what the kernel keeps resident for them:
 * that has pages which are free, and lacks what it has moved elsewhere.
 */
export async function heldBytes(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map(heldBy))
  return each.reduce((sum, bytes) => sum + bytes, 0)
}

async function heldBy(pid: number): Promise<number> {
  const file = heldFile(pid)
  let said = ''
  process.kill(pid, 'SIGUSR2')
  await eventually(async () => {
    said = await readFile(file, 'utf8').catch(() => '')
    return said.endsWith('\n') ? undefined : `process ${pid} does not say what it holds`
  })
  await rm(file)
  return Number(said)
}
