import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../db/migrate.ts'
import { openPool } from '../db/pool.ts'

export interface TestDatabase extends AsyncDisposable {
  /** The owner's login: bypasses row-level security. For arranging and for judging, never for the code under test. */
  url: string
  app: pg.Pool
  relay: pg.Pool
}

const TEMPLATE = 'convoke_template'
const ADVISORY_LOCK = 7_262_011

/**
 * A migrated database of its own, copied from the template (tens of milliseconds). `given` is a superuser's login to any
 * throwaway PostgreSQL; within a test run it is the run's own.
 */
export async function openTestDatabase(given?: string): Promise<TestDatabase> {
  const server = given ?? (await serverOfThisRun())
  const name = `test_${randomBytes(6).toString('hex')}`
  await withAdmin(server, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK])
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE])
    if (rowCount === 0) {
      // Built under another name: a half-migrated template must never be copied.
      await admin.query(`CREATE DATABASE ${TEMPLATE}_building`)
      await migrate(databaseUrl(server, `${TEMPLATE}_building`))
      await admin.query(`ALTER DATABASE ${TEMPLATE}_building RENAME TO ${TEMPLATE}`)
    }
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
  })
  const url = databaseUrl(server, name)
  const app = openPool({ url, role: 'convoke_app', max: 12, onError: () => {} })
  const relay = openPool({ url, role: 'convoke_relay', max: 4, onError: () => {} })
  return {
    url,
    app,
    relay,
    async [Symbol.asyncDispose]() {
      await Promise.all([app.end(), relay.end()])
      await withAdmin(server, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

/** Imported late: vitest refuses to be loaded outside of a test run, where load tests are at home. */
async function serverOfThisRun(): Promise<string> {
  const { inject } = await import('vitest')
  return inject('postgresUrl')
}

function databaseUrl(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function withAdmin<T>(server: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: databaseUrl(server, 'postgres') })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
