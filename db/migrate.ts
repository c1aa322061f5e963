import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import pg from 'pg'

/** A file `NNNN_<expand|contract>_<name>.sql`. Expand leaves older code working; contract does not. */
export interface Migration {
  version: number
  kind: 'expand' | 'contract'
  name: string
  checksum: string
  sql: string
}

interface Applied {
  version: number
  kind: string
  name: string
  checksum: string
}

/** The store and this code do not fit together; `message` is one sentence that says what to do. */
export class SchemaMismatch extends Error {
  override name = 'SchemaMismatch'
}

const FILE = /^(\d{4})_(expand|contract)_([a-z0-9_]+)\.sql$/
/** Any constant will do, as long as every version of this code uses the same. */
const ADVISORY_LOCK = 7_262_010

/**
 * Brings the store to this code's shape: once, however many nodes start together (advisory lock), each file in its own
 * transaction, forward only. Needs an owner's login. Throws SchemaMismatch when the store is ahead of this code.
 */
export async function migrate(url: string, onApply: (migration: Migration) => void = () => {}): Promise<void> {
  const known = await readMigrations()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK])
    await client.query(FOUNDATION)
    const applied = await appliedMigrations(client)
    refuseMismatch(known, applied)
    for (const migration of known.filter((m) => !applied.some((a) => a.version === m.version))) {
      await apply(client, migration)
      onApply(migration)
    }
    await client.query('SELECT ensure_partitions(2)')
  } finally {
    await client.end()
  }
}

/** For processes that do not migrate: throws SchemaMismatch unless every migration of this code is in the store. */
export async function requireSchema(pool: pg.Pool): Promise<void> {
  const known = await readMigrations()
  const applied = await appliedMigrations(pool)
  refuseMismatch(known, applied)
  const missing = known.find((m) => !applied.some((a) => a.version === m.version))
  if (missing)
    throw new SchemaMismatch(`Migration ${missing.version}_${missing.name} is not in the store yet: migrate first.`)
}

export async function readMigrations(folder = new URL('./migrations/', import.meta.url)): Promise<Migration[]> {
  const files = (await readdir(folder)).toSorted()
  return Promise.all(
    files.map(async (file, index) => {
      const match = FILE.exec(file)
      if (match === null) throw new Error(`${file}: a migration is named NNNN_<expand|contract>_<name>.sql`)
      if (Number(match[1]) !== index + 1) throw new Error(`${file}: migrations are numbered without gaps`)
      const sql = await readFile(new URL(file, folder), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      return { version: index + 1, kind: match[2] as Migration['kind'], name: match[3] as string, checksum, sql }
    }),
  )
}

/** Pure: what the store has against what this code knows. */
export function refuseMismatch(known: readonly Migration[], applied: readonly Applied[]): void {
  for (const done of applied) {
    const mine = known.find((m) => m.version === done.version)
    if (mine === undefined && done.kind === 'contract') {
      throw new SchemaMismatch(
        `The store has migration ${done.version}_${done.name}, which this code is too old for: run a newer version.`,
      )
    }
    if (mine !== undefined && mine.checksum !== done.checksum) {
      throw new SchemaMismatch(`Migration ${done.version}_${done.name} was changed after it ran: restore the file.`)
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(migration.sql)
    await client.query('INSERT INTO schema_migration (version, kind, name, checksum) VALUES ($1, $2, $3, $4)', [
      migration.version,
      migration.kind,
      migration.name,
      migration.checksum,
    ])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Error(`migration ${migration.version}_${migration.name} failed`, { cause: error })
  }
}

async function appliedMigrations(queryable: pg.Client | pg.Pool): Promise<Applied[]> {
  const { rows } = await queryable.query<Applied>(
    'SELECT version, kind, name, checksum FROM schema_migration ORDER BY version',
  )
  return rows
}

// The roles live outside any one database, so they are made here and not by a migration. The login that migrates may
// act as both; a production login for nodes is granted them by its administrator.
const FOUNDATION = `
  DO $$
  DECLARE
    r text;
  BEGIN
    FOREACH r IN ARRAY ARRAY['convoke_app', 'convoke_relay'] LOOP
      BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
          EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', r);
        END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
      IF NOT pg_has_role(current_user, r, 'SET') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', r);
      END IF;
    END LOOP;
  END $$;
  CREATE TABLE IF NOT EXISTS schema_migration (
    version integer PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  );
  GRANT SELECT ON schema_migration TO convoke_app`
