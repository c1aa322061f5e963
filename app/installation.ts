import { randomBytes } from 'node:crypto'
import { SchemaMismatch, migrate, requireSchema } from '../db/migrate.ts'
import { openPool } from '../db/pool.ts'
import { printBanner } from './banner.ts'
import { buildWeb } from './build-web.ts'
import type { Config } from './config.ts'
import { openContext, openLog } from './context.ts'
import { loadDemo } from './demo/load-demo.ts'
import { openPulse } from './demo/pulse/pulse.ts'
import { loadAppKey } from './embedded/app-key.ts'
import { watchParent } from './embedded/parent.ts'
import { openBackingServices } from './embedded/services.ts'
import { type Balancer, openBalancer } from './nodes/balancer.ts'
import { createDemoControl } from './nodes/demo-control.ts'
import { spawnNodes } from './nodes/spawn-nodes.ts'
import { startRoles } from './roles.ts'

/**
 * `npm start`: the stores where none are given, the schema, the demo, and all roles in this process or in several. What it opens goes
 * on `started`.
 */
export async function runInstallation(
  main: Config,
  { started, stop }: { started: AsyncDisposableStack; stop: (code: number) => void },
): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  if (main.startedByNpm) started.use(watchParent(() => stop(0)))
  const [services] = await Promise.all([
    openBackingServices(main, say).then((opened) => started.use(opened)),
    buildWeb(),
  ])
  const appKey = await loadAppKey(main)
  if (main.production && main.migrateDatabaseUrl === undefined) await requireMigrated(services.databaseUrl)
  else await migrate(services.migrateDatabaseUrl, ({ version, name }) => say(`Migrated: ${version} ${name}`))
  const stores = { databaseUrl: services.databaseUrl, redisUrl: services.redisUrl, appKey }
  const demo = main.demo ? await demoOrganization() : undefined

  const { port, nodes } = main.nodes > 1 ? await runNodes() : await runHere()
  const url = main.publicUrl ?? `http://localhost:${port}`
  if (demo !== undefined && main.pulse) {
    const log = openLog({ ...main, nodeId: 'pulse' })
    const { colleagues, password } = demo
    started.use(openPulse({ url: reachable(main.host, port), people: colleagues, password, log }))
  }
  const logins = (demo?.logins ?? []).map(({ name, role, timezone, email }) => {
    return { who: `${name}, ${role}, ${timezone}`, email, password: demo?.password ?? '' }
  })
  // In production the output is the log, line by line.
  if (!main.production)
    printBanner({ url, logins, nodes, dataDir: main.dataDir, stop: 'Ctrl-C' }, process.stdout, main.color)

  async function demoOrganization() {
    await using context = await openContext(main, stores)
    return await loadDemo({
      ...context,
      passwords: context.identity.passwords,
      onProgress: progress('Loading the demo organisation'),
    })
  }

  async function runHere() {
    const context = started.use(await openContext(main, stores))
    const roles = started.use(await startRoles(context, main))
    return { port: roles.port, nodes: [{ id: main.nodeId, role: main.roles.join(', '), pid: process.pid }] }
  }

  async function runNodes() {
    const env = {
      DATABASE_URL: stores.databaseUrl,
      REDIS_URL: stores.redisUrl,
      MIGRATE_DATABASE_URL: undefined,
      CONVOKE_APP_KEY: appKey,
      // Addresses that nodes hand out are the balancer's.
      CONVOKE_PUBLIC_URL: main.publicUrl ?? (main.port === 0 ? undefined : `http://localhost:${main.port}`),
      DATA_DIR: main.dataDir,
      CONVOKE_DEMO: String(main.demo),
      // Our own balancer is one more of them.
      CONVOKE_TRUSTED_PROXIES: String(main.trustedProxies + 1),
    }
    const spawned = started.use(await spawnNodes({ count: main.nodes, env, log: say, watchdog: services.watchdog }))
    const newId = () => randomBytes(8).toString('hex')
    const balancer: Balancer = started.use(
      await openBalancer({
        ...main,
        targets: spawned.targets,
        newId,
        ownAnswer: demo && createDemoControl({ ...demo, ...spawned, newId, socketsOf: (id) => balancer.socketsOf(id) }),
        pins: demo !== undefined,
      }),
    )
    return { port: balancer.port, nodes: spawned.running() }
  }
}

/** Where this machine reaches what listens on that address. */
function reachable(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Before anything else asks the store, so that a missing migration is said as one. */
async function requireMigrated(url: string): Promise<void> {
  const pool = openPool({ url, role: 'convoke_app', max: 1, onError: () => {} })
  try {
    await requireSchema(pool)
  } catch (cause) {
    // No such role, no such table, or neither for this login.
    if (!['22023', '42P01', '42501'].includes(String((cause as { code?: unknown }).code))) throw cause
    throw new SchemaMismatch('The store is not ready for this login yet: node app/migrate.ts does that.', { cause })
  } finally {
    await pool.end()
  }
}

/** A line that grows on a terminal; elsewhere its end alone. */
function progress(what: string): (done: number, total: number) => void {
  return (done, total) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${what}: ${done} of ${total}${done === total ? '\n' : ''}`)
    else if (done === total) process.stdout.write(`${what}: ${total}\n`)
  }
}
