import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identify, isAlive } from '../embedded/processes.ts'
import { spawnNodes } from './spawn-nodes.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convoke-nodes-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('spawned nodes', () => {
  test('are N api and N realtime processes and a worker, each told who it is, on ports of their own', async () => {
    await using nodes = await spawnNodes({ count: 2, env: { GIVEN: 'yes' }, log: () => {}, entry: await program() })
    expect(nodes.running().map((node) => node.id)).toEqual(['worker-1', 'api-1', 'api-2', 'realtime-1', 'realtime-2'])
    const answers = nodes.targets().map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}`)).json())
    expect(await Promise.all(answers)).toEqual([
      { ROLES: 'api', CONVOKE_NODE_ID: 'api-1', GIVEN: 'yes' },
      { ROLES: 'api', CONVOKE_NODE_ID: 'api-2', GIVEN: 'yes' },
      { ROLES: 'realtime', CONVOKE_NODE_ID: 'realtime-1', GIVEN: 'yes' },
      { ROLES: 'realtime', CONVOKE_NODE_ID: 'realtime-2', GIVEN: 'yes' },
    ])
  })

  test('come back with the same name when they are killed', async () => {
    const lines: string[] = []
    const log = (line: string) => void lines.push(line)
    await using nodes = await spawnNodes({ count: 1, env: {}, log, entry: await program() })
    const before = nodes.targets().find((node) => node.id === 'api-1')
    expect(nodes.kill('api-1')).toBe(true)
    await expect.poll(() => nodes.targets().find((node) => node.id === 'api-1'), WAIT).toBeUndefined()
    await expect.poll(() => nodes.targets().find((node) => node.id === 'api-1'), WAIT).toBeDefined()
    expect(nodes.targets().find((node) => node.id === 'api-1')?.port).not.toBe(before?.port)
    expect(lines).toEqual(['api-1 ended by itself (SIGKILL); it is started again'])
    expect(nodes.kill('api-9')).toBe(false)
  })

  test('stop fronts first and the worker last, and leave nothing behind', async () => {
    const nodes = await spawnNodes({
      count: 2,
      env: { LEFT: join(folder, 'left') },
      log: () => {},
      entry: await program(),
    })
    const ids = nodes.running().flatMap(({ pid }) => identify(pid) ?? [])
    expect(ids).toHaveLength(5)
    await nodes[Symbol.asyncDispose]()
    expect(ids.filter(isAlive)).toEqual([])
    const left = (await readFile(join(folder, 'left'), 'utf8')).trim().split('\n')
    expect(left).toHaveLength(5)
    expect(left.at(-1)).toBe('worker-1')
  })

  test('are none at all when one of them cannot start', async () => {
    const refused = spawnNodes({ count: 2, env: { FAIL: 'realtime-2' }, log: () => {}, entry: await program() })
    await expect(refused).rejects.toThrow('The node realtime-2 did not start')
  })
})

const WAIT = { timeout: 10_000, interval: 5 }

/** A node in miniature: says who it was told to be, and writes down when it goes. */
async function program(): Promise<string> {
  const file = join(folder, 'node.mjs')
  await writeFile(
    file,
    `import { appendFileSync } from 'node:fs'
    import { createServer } from 'node:http'
    const { ROLES, CONVOKE_NODE_ID, GIVEN, LEFT, FAIL } = process.env
    if (FAIL === CONVOKE_NODE_ID) process.exit(1)
    const server = createServer((_, res) => res.end(JSON.stringify({ ROLES, CONVOKE_NODE_ID, GIVEN })))
    server.listen(0, '127.0.0.1', () => process.send({ type: 'ready', port: server.address().port }))
    process.on('SIGTERM', () => {
      if (LEFT) appendFileSync(LEFT, CONVOKE_NODE_ID + '\\n')
      process.exit()
    })`,
  )
  return file
}
