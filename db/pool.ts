import pg from 'pg'
import { parseTimestamp } from './timestamps.ts'

/** The login's role inside the store; it decides what row-level security lets through. */
export type DatabaseRole = 'convoke_app' | 'convoke_relay'

export interface PoolOptions {
  url: string
  role: DatabaseRole
  /** Connections this pool may open. */
  max: number
  onError: (error: Error) => void
}

/** The store cannot be reached or did not answer in time. Doors answer `unavailable`. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** The store was lost while it answered a COMMIT, and could not be asked since what became of it. Doors answer `outcome_unknown`. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown'
}

// Together they stay under the 3 s in which a caller must hear of a dead store.
const CONNECT_TIMEOUT_MS = 1_500
const STATEMENT_TIMEOUT_MS = 2_300
const ANSWER_TIMEOUT_MS = 2_500

const SESSION = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: 10_000,
  // Named statements are planned once per connection: planning took longer than running them.
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
  // And perhaps while a table was nearly empty, when reading all of it looks cheapest, and then for minutes while it fills. What we ask is
  // found by keys, row by row, whatever the size (0010_expand_planner_statistics.sql).
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_material: 'off',
}

const INT8 = 20
const TIMESTAMPTZ = 1184
const TIMESTAMPTZ_ARRAY = 1185

/**
 * A pool whose sessions act as `role`, in UTC. Statements may be queued on one client without waiting (pipelining).
 * Instants come back as epoch milliseconds, bigints as numbers.
 */
export function openPool({ url, role, max, onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    pipeline: true,
    application_name: role,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    options: sessionSettings({ role, timezone: 'UTC', ...SESSION }),
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  })
  // 'error' on the pool does not cover checked-out clients; one reset would end the process (node-postgres#3083).
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** Whether an error says that the store is away (as opposed to: our statement was wrong). */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') {
    // 08 connection, 53 resources, 57 operator intervention (shutdown, cancelled by timeout), 58 system error
    return /^(08|53|57|58)/.test(code) || /^E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_AGAIN)/.test(code)
  }
  return /timeout|terminated|Connection ended|not queryable|closed the connection/i.test(error.message)
}

function sessionSettings(settings: Record<string, string | number>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}

function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  switch (oid) {
    case INT8:
      return Number
    case TIMESTAMPTZ:
      return parseTimestamp
    case TIMESTAMPTZ_ARRAY:
      return parseTimestampArray
    default:
      return pg.types.getTypeParser(oid, format as 'text')
  }
}

function parseTimestampArray(text: string): unknown[] {
  const inner = text.slice(1, -1)
  return inner === '' ? [] : inner.split(',').map((part) => parseTimestamp(part.replaceAll('"', '')))
}
