import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../app/config.ts'
import { logFile } from '../app/context.ts'
import { type Balancer, openBalancer } from '../app/nodes/balancer.ts'
import { type TestDatabase, openTestDatabase } from './database.ts'
import { type PrivateRedis, openPrivateRedis } from './redis.ts'
import { SocketClient } from './socket-client.ts'
import { eventually } from './eventually.ts'

export type NodeRole = 'api' | 'realtime' | 'worker'

/** One real process of the product. */
export interface TestNode {
  id: string
  role: NodeRole
  url: string
  pid: number
  readonly isUp: boolean
  /** SIGKILL, and gone when it resolves. */
  kill(): Promise<unknown>
  /** SIGTERM: an orderly end; resolves with the exit code. */
  stop(): Promise<number | null>
  /** Starts it again after `kill` or `stop`; it gets another port. */
  start(): Promise<void>
  /** Every line it logged, as text. */
  log(): Promise<string>
}

export interface NetworkOptions {
  api?: number
  realtime?: number
  worker?: number
  /** More settings for every node, or for each by its id. */
  env?: Record<string, string> | ((nodeId: string) => Record<string, string>)
  /** A store that the test may freeze or kill, instead of a database on the shared server. It is disposed with the network. */
  database?: TestDatabase
}

/**
 * A whole installation for one test: real processes on a database and a Redis of their own, behind the balancer of
 * `npm start -- --nodes`.
 */
export class TestNetwork implements AsyncDisposable {
  readonly database: TestDatabase
  readonly redis: PrivateRedis
  readonly nodes: readonly TestNode[]
  readonly #balancer: Balancer
  readonly #stack: AsyncDisposableStack

  private constructor(
    database: TestDatabase,
    redis: PrivateRedis,
    nodes: TestNode[],
    balancer: Balancer,
    stack: AsyncDisposableStack,
  ) {
    this.database = database
    this.redis = redis
    this.nodes = nodes
    this.#balancer = balancer
    this.#stack = stack
  }

  static async open(options: NetworkOptions = {}): Promise<TestNetwork> {
    const { api = 1, realtime = 1, worker = 1, env = {} } = options
    await using stack = new AsyncDisposableStack()
    const dataDir = await mkdtemp(join(tmpdir(), 'convoke-network-'))
    stack.defer(() => rm(dataDir, { recursive: true, force: true }))
    const database = stack.use(options.database ?? (await openTestDatabase()))
    const redis = stack.use(await openPrivateRedis())
    const shared = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      DATA_DIR: dataDir,
      CONVOKE_APP_KEY: randomBytes(32).toString('base64url'),
      CONVOKE_DEMO: 'false',
      CONVOKE_TRUSTED_PROXIES: '1',
      // Tests act for a few people faster than people do.
      CONVOKE_RATE_LIMITS: 'off',
    }
    const envOf = (id: string) => ({ ...shared, ...(typeof env === 'function' ? env(id) : env) })
    const nodes = [...numbered('api', api), ...numbered('realtime', realtime), ...numbered('worker', worker)].map(
      ([role, id]) => new ForkedNode(id, role, envOf(id), dataDir),
    )
    stack.defer(async () => {
      await Promise.all(nodes.map((node) => node.kill()))
    })
    await Promise.all(nodes.map((node) => node.start()))
    const targets = () =>
      nodes.flatMap((node) =>
        node.isUp && node.role !== 'worker' ? [{ id: node.id, role: node.role, port: node.port }] : [],
      )
    const balancer = stack.use(
      await openBalancer({ host: '127.0.0.1', port: 0, targets, newId: () => randomBytes(8).toString('hex') }),
    )
    return new TestNetwork(database, redis, nodes, balancer, stack.move())
  }

  /** The one address of the installation; each node has its own as well. */
  get url(): string {
    return `http://127.0.0.1:${this.#balancer.port}`
  }

  /** All nodes of a role. */
  of(role: NodeRole): TestNode[] {
    return this.nodes.filter((node) => node.role === role)
  }

  node(id: string): TestNode {
    const node = this.nodes.find((one) => one.id === id)
    if (node === undefined) throw new Error(`there is no node ${id}`)
    return node
  }

  /** A watching client, at the balancer unless a node's address is given. */
  socket(token: string, url = this.url): SocketClient {
    return this.#stack.use(new SocketClient({ url, token }))
  }

  /**
   * Waits until everything committed so far has been delivered: nothing undelivered in the outbox, and every given client
   * has seen the head of every topic it watches.
   */
  async settle(...clients: Pick<SocketClient, 'cursor'>[]): Promise<void> {
    const { app: _, relay } = this.database
    await eventually(async () => {
      const { rows } = await relay.query<{ open: number }>(
        // A dashboard hears of its floors a little later.
        `SELECT ((SELECT count(*) FROM outbox WHERE position IS NULL)
               + (SELECT count(*) FROM dashboard_news WHERE cardinality(floors) > 0))::integer AS open`,
      )
      if (rows[0]?.open !== 0) return `${rows[0]?.open} events are undelivered`
      const heads = await relay.query<{ topic: string; seq: number }>(
        'SELECT topic, max(seq) AS seq FROM outbox GROUP BY topic',
      )
      for (const { topic, seq } of heads.rows) {
        for (const client of clients) {
          const cursor = client.cursor(topic)
          if (cursor !== undefined && cursor.seq !== seq) return `a client is at ${cursor.seq} of ${seq} in ${topic}`
        }
      }
      return undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

class ForkedNode implements TestNode {
  readonly id: string
  readonly role: NodeRole
  readonly #env: Record<string, string>
  readonly #dataDir: string
  #child: ChildProcess | undefined
  port = 0

  constructor(id: string, role: NodeRole, env: Record<string, string>, dataDir: string) {
    this.id = id
    this.role = role
    this.#env = env
    this.#dataDir = dataDir
  }

  get isUp(): boolean {
    return (
      this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null && this.port !== 0
    )
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    this.port = 0
    const child = fork(fileURLToPath(new URL('../app/main.ts', import.meta.url)), [], {
      env: childEnvironment({
        ...this.#env,
        ROLES: this.role,
        PORT: '0',
        HOST: '127.0.0.1',
        CONVOKE_NODE_ID: this.id,
        npm_lifecycle_event: undefined,
        NODE_ENV: undefined,
        VITEST: undefined,
      }),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    })
    this.#child = child
    const message = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)])
    const ready = message?.[0] as { type?: string; port?: number } | undefined
    if (ready?.type !== 'ready') throw new Error(`${this.id} ended before it was ready`)
    this.port = ready.port ?? 0
  }

  kill(): Promise<number | null> {
    return this.#end('SIGKILL')
  }

  stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  log(): Promise<string> {
    return readFile(logFile({ dataDir: this.#dataDir, nodeId: this.id }), 'utf8')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit')
    child.kill(signal)
    const [code] = await ended
    return code as number | null
  }
}

function numbered(role: NodeRole, count: number): [NodeRole, string][] {
  return Array.from({ length: count }, (_, i) => [role, `${role}-${i + 1}`])
}
