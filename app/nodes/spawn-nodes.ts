import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { childEnvironment } from '../config.ts'
import { identify, stopProcess, type StopPlan } from '../embedded/processes.ts'
import { StartProblem } from '../embedded/start-problem.ts'
import type { Watchdog } from '../embedded/watchdog.ts'
import type { Target } from './balancer.ts'

export interface SpawnOptions {
  /** This many api and as many realtime processes, and one worker. */
  count: number
  /** What every node gets besides our own environment: addresses of the stores, the application key. */
  env: Record<string, string | undefined>
  log: (line: string) => void
  watchdog?: Watchdog
  /** The program of a node; app/main.ts unless a test says otherwise. */
  entry?: string
}

export interface RunningNode {
  id: string
  role: 'api' | 'realtime' | 'worker'
  pid: number
  /** 0 for a node that serves nothing. */
  port: number
}

export interface Nodes extends AsyncDisposable {
  /** Those that are ready right now. */
  running: () => RunningNode[]
  /** The same as the balancer wants them. */
  targets: () => Target[]
  /** SIGKILL, as a crash would end it; it is started again by itself. False: no such node is running. */
  kill: (id: string) => boolean
}

/** What a node sends its parent (`process.send`) once it serves. */
export interface ReadyMessage {
  type: 'ready'
  port: number
}

/**
 * Starts the nodes of `npm start -- --nodes N` and resolves when all are ready. One that dies is started again with
 * the same id. Disposing stops fronts (api, realtime) first, then the worker.
 */
export async function spawnNodes(options: SpawnOptions): Promise<Nodes> {
  const numbers = Array.from({ length: options.count }, (_, i) => i + 1)
  const fronts = (['api', 'realtime'] as const).flatMap((role) =>
    numbers.map((number) => new KeptNode(`${role}-${number}`, role, options)),
  )
  const worker = new KeptNode('worker-1', 'worker', options)
  const all = [worker, ...fronts]
  const stop = async () => {
    await Promise.all(fronts.map((node) => node.stop()))
    await worker.stop()
  }
  const running = () => all.flatMap((node) => node.running ?? [])
  try {
    await Promise.all(all.map((node) => node.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    running,
    targets: () => running().filter((node): node is Target & RunningNode => node.role !== 'worker'),
    kill: (id) => killNow(running().find((node) => node.id === id)?.pid),
    [Symbol.asyncDispose]: stop,
  }
}

const READY_MS = 45_000
const FIRST_PAUSE_MS = 200
const MAX_PAUSE_MS = 5_000
/** Who lived this long did not die of its start: the next pause is the first again. */
const SETTLED_MS = 30_000

/** Together with the stores' own bounds, everything is gone 10 s after Ctrl-C. */
const STOP: StopPlan = {
  signals: [
    { signal: 'SIGTERM', graceMs: 3_000 },
    { signal: 'SIGKILL', graceMs: 1_000 },
  ],
}

/**
 * One node that is kept running. States: starting, ready (`running` is set), pausing before the next start, stopped.
 * Invariant: at most one live process, and the watchdog knows it.
 */
class KeptNode {
  readonly #id: string
  readonly #role: RunningNode['role']
  readonly #options: SpawnOptions
  #child: ChildProcess | undefined
  #running: RunningNode | undefined
  #readyAt = 0
  #pauseMs = FIRST_PAUSE_MS
  readonly #stopping = new AbortController()

  constructor(id: string, role: RunningNode['role'], options: SpawnOptions) {
    this.#id = id
    this.#role = role
    this.#options = options
  }

  get running(): RunningNode | undefined {
    return this.#running
  }

  /** Resolves when it is ready; throws a `StartProblem` when it ends before that. */
  async start(): Promise<void> {
    const { entry, env, watchdog } = this.#options
    const child = fork(entry ?? fileURLToPath(new URL('../main.ts', import.meta.url)), [], {
      env: childEnvironment({
        ...env,
        ROLES: this.#role,
        PORT: '0',
        HOST: '127.0.0.1',
        CONVOKE_NODE_ID: this.#id,
        CONVOKE_TRUSTED_PROXIES: '1',
        // Its parent is this process, which tells it when to go.
        npm_lifecycle_event: undefined,
      }),
      // Out of the terminal's reach: after Ctrl-C we stop nodes in their order.
      detached: true,
    })
    this.#child = child
    const { pid } = child
    if (pid !== undefined) watchdog?.guard(pid, 2, STOP)
    child.once('exit', () => {
      this.#running = undefined
      if (pid !== undefined) watchdog?.release(pid)
    })
    const port = await readyPort(child, AbortSignal.any([AbortSignal.timeout(READY_MS), this.#stopping.signal]))
    if (port === undefined) {
      await this.#end()
      throw new StartProblem(`The node ${this.#id} did not start; its lines above say why.`)
    }
    this.#readyAt = performance.now()
    this.#running = { id: this.#id, role: this.#role, pid: pid ?? 0, port }
    child.once('exit', (code, signal) => void this.#revive(String(signal ?? code)))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#end()
  }

  async #end(): Promise<void> {
    const id = this.#child?.pid === undefined ? undefined : identify(this.#child.pid)
    if (id) await stopProcess(id, STOP)
  }

  async #revive(reason: string): Promise<void> {
    const { log } = this.#options
    if (this.#stopping.signal.aborted) return
    if (performance.now() - this.#readyAt > SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS
    log(`${this.#id} ended by itself (${reason}); it is started again`)
    while (!this.#stopping.signal.aborted) {
      await delay(this.#pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#stopping.signal.aborted) return
      this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS)
      try {
        return await this.start()
      } catch {
        // It has said why; the next pause is longer.
      }
    }
  }
}

function killNow(pid: number | undefined): boolean {
  if (!pid) return false
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself a moment ago.
    return false
  }
}

/** The port of its ready message; `undefined` when it ended, or was given up, before. */
function readyPort(child: ChildProcess, giveUp: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.on('message', (message: Partial<ReadyMessage>) => {
      if (message.type === 'ready') resolve(message.port ?? 0)
    })
    child.once('exit', () => resolve(undefined))
    child.once('error', () => resolve(undefined))
    giveUp.addEventListener('abort', () => resolve(undefined))
  })
}
