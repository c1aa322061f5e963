import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg'
import type { Actor, Idempotency } from '../domain/identity/actor.ts'
import type { Instant } from '../domain/time/instant.ts'
import { type Refusal, refuse } from '../domain/refusals.ts'
import { type Result, err, ok } from '../domain/result.ts'
import { claimKey, keepValue } from './idempotency.ts'
import { OutcomeUnknown, StoreUnavailable, isUnavailable } from './pool.ts'
import { type TraceSpan, withSpan } from './tracing.ts'

/** One transaction inside one organisation. Statements queued without waiting travel together. */
export interface OrganizationTx {
  readonly organizationId: string
  /** `name` makes it a prepared statement: planned once per connection. */
  query<R extends QueryResultRow>(name: string, text: string, values: readonly unknown[]): Promise<QueryResult<R>>
  /** Set by whoever recorded news: lets a lost answer to COMMIT be looked up. */
  transactionId?: string
}

export interface TransactOptions {
  now: Instant
  /** Called after a commit that recorded news. */
  onNews: () => void
}

type Scope = Pick<Actor, 'organizationId' | 'userId' | 'delegateId' | 'idempotency'>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const DEADLOCK_OR_SERIALIZATION = new Set(['40P01', '40001'])
/** A net: the lock order makes both rare, so three tries are plenty. */
const MAX_TRIES = 3
/** A commit is one flush; a store that takes longer is away. */
const COMMIT_TIMEOUT_MS = 1_000

/**
 * Runs one command in one transaction behind the tenant wall. Only an `ok` commits: a refusal rolls back like a
 * throw. With an idempotency key the first call has the effect and every repeat gets its value.
 */
export function transact<T>(
  pool: Pool,
  scope: Scope,
  options: TransactOptions,
  work: (tx: OrganizationTx) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  return withSpan('postgres transaction', (span) => tryTransact(pool, scope, options, work, span))
}

async function tryTransact<T>(
  pool: Pool,
  scope: Scope,
  options: TransactOptions,
  work: (tx: OrganizationTx) => Promise<Result<T, Refusal>>,
  span: TraceSpan | undefined,
): Promise<Result<T, Refusal>> {
  for (let attempt = 1; ; attempt++) {
    const client = await connect(pool, span)
    let broken: Error | undefined
    try {
      return await runOnce(pool, client, scope, options, (tx) => work(counted(tx, span)))
    } catch (error) {
      broken = error as Error
      if (!isRetryable(error)) throw error
      if (attempt === MAX_TRIES) throw error
    } finally {
      // A client that failed in an unknown state is not given back.
      client.release(broken !== undefined && !isRetryable(broken) ? broken : undefined)
    }
  }
}

/** A transaction that only reads. */
export interface ReadTx extends OrganizationTx {
  /** Runs `queue`, whose statements are the last ones: the end of the transaction travels with them. Whatever is asked later throws. */
  last: <T>(queue: () => Promise<T>) => Promise<T>
}

/** Reads in one snapshot behind the tenant wall; nothing can be written. */
export function readOnly<T>(pool: Pool, organizationId: string, read: (tx: ReadTx) => Promise<T>): Promise<T> {
  return withSpan('postgres read', (span) => readIn(pool, organizationId, read, span))
}

/** The same for a read that queues all its statements at once, waiting for none before the next: one message each way. */
export function readAtOnce<T>(
  pool: Pool,
  organizationId: string,
  read: (tx: OrganizationTx) => Promise<T>,
): Promise<T> {
  return readOnly(pool, organizationId, (tx) => tx.last(() => read(tx)))
}

async function readIn<T>(
  pool: Pool,
  organizationId: string,
  read: (tx: ReadTx) => Promise<T>,
  span: TraceSpan | undefined,
): Promise<T> {
  const client = await connect(pool, span)
  let broken: Error | undefined
  let hasEnded = false
  try {
    const tx = counted(openTx(client, organizationId), span)
    const last: ReadTx['last'] = async (queue) => {
      const answers = queue()
      hasEnded = true
      const [value] = await settled([answers, closing(tx, client)])
      return value
    }
    const start = begin(organizationId, 'ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const value = await begunTogether(client, start, () => read(Object.assign(tx, { last })))
    if (!hasEnded) await client.query('COMMIT')
    return value
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    client.release(broken)
  }
}

async function runOnce<T>(
  pool: Pool,
  client: PoolClient,
  scope: Scope,
  options: TransactOptions,
  work: (tx: OrganizationTx) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  const tx = openTx(client, scope.organizationId)
  try {
    const result = await begunTogether(client, begin(scope.organizationId), () => withKey(tx, scope, options.now, work))
    if (!result.ok) {
      await client.query('ROLLBACK')
      return result
    }
    await commit(pool, client, tx)
    if (tx.transactionId !== undefined) options.onNews()
    return result
  } catch (error) {
    if (isRetryable(error)) await client.query('ROLLBACK')
    throw error
  }
}

async function withKey<T>(
  tx: OrganizationTx,
  scope: Scope,
  now: Instant,
  work: (tx: OrganizationTx) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  if (scope.idempotency === undefined) return work(tx)
  const key: Idempotency = scope.idempotency
  // Keys are of who sends them: a delegate's never meet those of the person he acts for.
  const sender = scope.delegateId ?? scope.userId
  const claim = await claimKey(tx, sender, key, now)
  if (claim.mine) {
    const result = await work(tx)
    if (result.ok) await keepValue(tx, sender, key, result.value)
    return result
  }
  if (claim.fingerprint !== key.fingerprint) return err(refuse('idempotency_key_reused'))
  return ok(claim.value as T)
}

function openTx(client: PoolClient, organizationId: string): OrganizationTx {
  return {
    organizationId,
    query(name, text, values) {
      travelTogether(client)
      return client.query({ name, text, values: values as unknown[] })
    },
  }
}

/** Behind the end of the transaction there is no tenant: whatever asked there would find nothing. */
function closing(tx: OrganizationTx, client: PoolClient): Promise<unknown> {
  tx.query = async () => {
    throw new Error('the last statements of this read were queued')
  }
  travelTogether(client)
  return client.query('COMMIT')
}

/** How many statements ran is told to the span; what they said is not. */
function counted(tx: OrganizationTx, span: TraceSpan | undefined): OrganizationTx {
  if (span === undefined) return tx
  const query = tx.query.bind(tx)
  let statements = 0
  tx.query = (name, text, values) => {
    statements += 1
    span.set({ statements })
    return query(name, text, values)
  }
  return tx
}

/** What `work` queues in this turn travels in one packet with the BEGIN. */
async function begunTogether<T>(client: PoolClient, start: string, work: () => Promise<T>): Promise<T> {
  travelTogether(client)
  const begun = client.query(start)
  const [value] = await settled([work(), begun])
  return value
}

/** What is queued until the end of this turn is one write: a system call costs more than making its bytes. */
function travelTogether(client: PoolClient): void {
  const { stream } = client.connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

/** BEGIN and the tenant in one message. The id goes into the text, so it must be nothing but a UUID. */
function begin(organizationId: string, mode = ''): string {
  if (!UUID.test(organizationId)) throw new Error('an organisation id is a UUID')
  return `BEGIN ${mode}; SET LOCAL app.organization = '${organizationId}'`
}

async function commit(pool: Pool, client: PoolClient, tx: OrganizationTx): Promise<void> {
  try {
    const { command } = await client.query(bounded('COMMIT'))
    if (command !== 'COMMIT') throw new Error('the transaction had failed before its commit')
  } catch (error) {
    if (!isUnavailable(error)) throw error
    const fate = await fateOf(pool, tx)
    if (fate === 'committed') return
    if (fate === 'aborted') throw error
    throw new OutcomeUnknown('the answer to COMMIT was lost', { cause: error })
  }
}

/** The answer to COMMIT was lost: ask the store on another connection what became of it. */
async function fateOf(pool: Pool, { transactionId }: OrganizationTx): Promise<string | undefined> {
  if (transactionId === undefined) return undefined
  try {
    const question = bounded('SELECT pg_xact_status($1::xid8) AS status', [transactionId])
    const { rows } = await pool.query<{ status: string }>(question)
    return rows[0]?.status
  } catch {
    return undefined
  }
}

/** pg knows a time limit per query; its types do not. */
function bounded(text: string, values: unknown[] = []): QueryConfig {
  return { text, values, query_timeout: COMMIT_TIMEOUT_MS } as QueryConfig
}

async function connect(pool: Pool, span: TraceSpan | undefined): Promise<PoolClient> {
  const asked = performance.now()
  try {
    const client = await pool.connect()
    span?.set({ 'pool.wait_ms': performance.now() - asked })
    return client
  } catch (error) {
    throw new StoreUnavailable('no connection to PostgreSQL', { cause: error })
  }
}

/** Waits for all even when one fails, so that no statement is left behind on the client; the first failure is thrown. */
async function settled<T extends readonly unknown[]>(promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const outcomes = await Promise.allSettled(promises as unknown as Promise<unknown>[])
  const failed = outcomes.findLast((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as unknown as T
}

function isRetryable(error: unknown): boolean {
  return DEADLOCK_OR_SERIALIZATION.has(String((error as { code?: unknown } | undefined)?.code))
}
