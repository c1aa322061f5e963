import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { ensureLogin } from '../db/ensure-login.ts'
import { SchemaMismatch, migrate } from '../db/migrate.ts'
import { processEnvironment, readConfig } from './config.ts'

/**
 * The one step of a deployment that needs the owner's login: `node app/migrate.ts` with MIGRATE_DATABASE_URL and
 * DATABASE_URL. Brings the store to this code's shape, and makes the login that DATABASE_URL names: one that may act as the
 * roles of nodes and nothing else. Any number may run at once, and again.
 */
const config = readConfig(processEnvironment(), [], {
  projectDir: fileURLToPath(new URL('..', import.meta.url)),
  newNodeId: () => `migrate-${randomBytes(2).toString('hex')}`,
})
const { databaseUrl, migrateDatabaseUrl } = config.ok ? config.value : {}
if (!config.ok) fail(config.error.join('\n'))
else if (databaseUrl === undefined || migrateDatabaseUrl === undefined || migrateDatabaseUrl === databaseUrl) {
  fail("MIGRATE_DATABASE_URL: the owner's login is required, and DATABASE_URL: another one, for the nodes.")
} else {
  try {
    await migrate(migrateDatabaseUrl, ({ version, name }) => say(`Migrated: ${version} ${name}`))
    await ensureLogin(migrateDatabaseUrl, databaseUrl)
    say('The store is ready.')
  } catch (error) {
    fail(error instanceof SchemaMismatch ? error.message : inspect(error))
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}
