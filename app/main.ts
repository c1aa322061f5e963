import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { SchemaMismatch, requireSchema } from '../db/migrate.ts'
import { type Config, processEnvironment, readConfig } from './config.ts'
import { openContext } from './context.ts'
import { StartProblem } from './embedded/start-problem.ts'
import { startRoles } from './roles.ts'

/** After a stop was asked for, what still hangs is left to the watchdog. */
const STOP_MS = 9_000

// `node --watch` (npm run dev) has a channel to its child as well.
const isNode = process.send !== undefined && processEnvironment()['WATCH_REPORT_DEPENDENCIES'] === undefined
const started = new AsyncDisposableStack()
let stopping: Promise<void> | undefined

process.on('SIGINT', () => stop(0))
process.on('SIGTERM', () => stop(0))
// A node whose parent is gone has nobody to serve for.
process.on('disconnect', () => stop(0))
process.on('uncaughtException', (error) => fail(error))
process.on('unhandledRejection', (error) => fail(error))

const config = readConfig(processEnvironment(), process.argv.slice(2), {
  projectDir: fileURLToPath(new URL('..', import.meta.url)),
  newNodeId: () => `node-${randomBytes(2).toString('hex')}`,
})
if (!config.ok) {
  process.stderr.write(config.error.map((line) => `${line}\n`).join(''))
  process.exitCode = 1
} else {
  try {
    if (isNode) await runNode(config.value)
    else {
      // A node needs none of it, and starts the sooner for that.
      const { runInstallation } = await import('./installation.ts')
      await runInstallation(config.value, { started, stop })
    }
  } catch (error) {
    fail(error)
  }
}

/** One process among several: the stores are there and migrated. */
async function runNode(node: Config): Promise<void> {
  const { databaseUrl = '', redisUrl = '', appKey = '' } = node
  const context = started.use(await openContext(node, { databaseUrl, redisUrl, appKey }))
  await requireSchema(context.pool)
  const { port } = started.use(await startRoles(context, node))
  process.send?.({ type: 'ready', port })
}

function stop(code: number): void {
  if (stopping !== undefined) return
  process.exitCode = code
  const limit = setTimeout(() => process.exit(code), STOP_MS)
  stopping = started.disposeAsync().then(
    () => clearTimeout(limit),
    (error) => fail(error),
  )
  void stopping.then(() => {
    if (isNode) process.disconnect?.()
  })
}

/** A StartProblem and its like are one sentence for a person; anything else is a bug and shows where it comes from. */
function fail(error: unknown): void {
  const isSentence = error instanceof StartProblem || error instanceof SchemaMismatch
  process.stderr.write(`${isSentence ? error.message : inspect(error)}\n`)
  stop(1)
}
