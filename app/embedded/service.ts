import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { identify, stopProcess, type ProcessId, type StopPlan } from './processes.ts'
import { StartProblem } from './start-problem.ts'
import type { Watchdog } from './watchdog.ts'

/** What differs between one backing service and another. */
export interface ServiceSpec {
  name: string
  /** A fixed port; without it a free one, and another when somebody was quicker. */
  port?: number | undefined
  logFile: string
  /** Removes what a predecessor left in the way. Run before every launch. */
  prepare: (port: number) => Promise<void>
  /** Starts the program in a process group of its own: Ctrl-C is for us, who still have to drain through it. */
  launch: (port: number) => ChildProcess
  /** Throws until the service answers. */
  probe: (port: number) => Promise<void>
  plan: StopPlan
  watchdog?: Watchdog | undefined
  log: (line: string) => void
  /** Start it again when it dies by itself. */
  restart: boolean
}

/**
 * One server process of ours on one port of 127.0.0.1; the port stays the same over restarts.
 * Invariant: at most one live process, and the watchdog knows it from its birth to its end.
 */
export interface Service extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  /** Stops it in an orderly way and leaves it stopped; resolves when it is gone. */
  stop(): Promise<void>
  /** What a crash is: SIGKILL, and nobody starts it again until `start`. */
  kill(): Promise<void>
  /** After `stop` or `kill`: resolves when it answers. */
  start(): Promise<void>
}

const MAX_PORTS = 5 // each lost a race for a free port, which is rare once
const READY_MS = 60_000 // crash recovery of a large store included
const PROBE_PAUSE_MS = 25
const RESTART_PAUSES_MS = [100, 500, 1_000, 2_000, 5_000] // then given up: something else is wrong

export async function openService(spec: ServiceSpec): Promise<Service> {
  const service = new RunningService(spec)
  await service.start()
  return service
}

class RunningService implements Service {
  readonly #spec: ServiceSpec
  #port: number | undefined
  #child: ChildProcess | undefined
  #id: ProcessId | undefined
  #wanted = false
  #reviving: Promise<void> = Promise.resolve()
  #pause = new AbortController()

  constructor(spec: ServiceSpec) {
    this.#spec = spec
    this.#port = spec.port
  }

  get port(): number {
    return this.#port ?? 0
  }

  get pid(): number {
    return this.#id?.pid ?? 0
  }

  async start(): Promise<void> {
    this.#wanted = true
    this.#pause = new AbortController()
    for (let turn = 1; ; turn++) {
      const port = this.#port ?? (await freePort())
      const failure = await this.#launch(port)
      if (!failure) {
        this.#port = port
        return
      }
      if (this.#port !== undefined || turn === MAX_PORTS) {
        this.#wanted = false
        throw failure
      }
    }
  }

  async stop(): Promise<void> {
    await this.#end(this.#spec.plan)
  }

  async kill(): Promise<void> {
    await this.#end({ signals: [{ signal: 'SIGKILL', graceMs: 5_000 }] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #end(plan: StopPlan): Promise<void> {
    this.#wanted = false
    this.#pause.abort()
    await this.#reviving
    const id = this.#id
    if (!id) return
    const hard = await stopProcess(id, plan)
    if (hard && plan === this.#spec.plan) this.#spec.log(`${this.#spec.name} had to be stopped the hard way`)
    this.#spec.watchdog?.release(id.pid)
    this.#id = undefined
  }

  /** Resolves with the reason when it ended or stayed silent instead of answering. */
  async #launch(port: number): Promise<StartProblem | undefined> {
    const { name, logFile, prepare, launch, probe, watchdog, plan } = this.#spec
    await prepare(port)
    const child = launch(port)
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    child.unref()
    if (child.pid !== undefined) {
      watchdog?.guard(child.pid, 1, plan)
      this.#id = identify(child.pid)
    }
    this.#child = child
    let over = false
    const given = untilAnswered(
      () => probe(port),
      () => over || !this.#wanted,
    )
    const answered = await Promise.race([ended.then(() => false), given])
    over = true
    if (answered && this.#id) {
      void ended.then(() => this.#onEnd(child))
      return undefined
    }
    if (this.#id) await stopProcess(this.#id, plan)
    if (child.pid !== undefined) watchdog?.release(child.pid)
    this.#id = undefined
    return new StartProblem(`${name} did not start. The end of its log (${logFile}):\n${await lastLines(logFile)}`)
  }

  #onEnd(child: ChildProcess): void {
    if (child !== this.#child || !this.#wanted) return
    const { name, log, logFile, restart, watchdog } = this.#spec
    if (child.pid !== undefined) watchdog?.release(child.pid)
    log(`${name} ended by itself (${child.signalCode ?? child.exitCode}); its log: ${logFile}`)
    if (restart) this.#reviving = this.#revive()
  }

  async #revive(): Promise<void> {
    const { name, log } = this.#spec
    for (const pauseMs of RESTART_PAUSES_MS) {
      await delay(pauseMs, undefined, { signal: this.#pause.signal }).catch(() => {})
      if (!this.#wanted) return
      const failure = await this.#launch(this.port).catch((error: unknown) => error)
      if (!failure) return log(`${name} is back`)
    }
    log(`${name} does not come back; stop Convoke and start it again`)
  }
}

async function untilAnswered(probe: () => Promise<void>, over: () => boolean): Promise<boolean> {
  const until = Date.now() + READY_MS
  while (!over() && Date.now() < until) {
    try {
      await probe()
      return true
    } catch {
      await delay(PROBE_PAUSE_MS)
    }
  }
  return false
}

const LAST_LINES = 8

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n') || '(empty)'
}
