import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { identify, type StopPlan } from './processes.ts'

/**
 * Ends what we started when we cannot: a detached process on a pipe from us. The pipe closes with our last breath,
 * whatever took it; then the watchdog stops the processes it was told of, newest stage first, and leaves.
 */
export interface Watchdog extends AsyncDisposable {
  readonly pid: number | undefined
  /** From now on this process must not outlive us. Stage 2 (nodes) ends before stage 1 (stores). */
  guard(pid: number, stage: 1 | 2, plan: StopPlan): void
  /** It ended in an orderly way. */
  release(pid: number): void
  /** A throwaway folder that must not outlive us either; it goes last. */
  guardFolder(path: string): void
}

/** One line of JSON each on the pipe. */
export type WatchdogMessage =
  { guard: { pid: number; born: string }; stage: 1 | 2; plan: StopPlan } | { release: number } | { folder: string }

export function openWatchdog(): Watchdog {
  const script = fileURLToPath(new URL('./watchdog-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' })
  const ended = once(child, 'exit')
  child.unref()
  // A watchdog that was killed leaves us without a net; it must not take us down as well.
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  const tell = (message: WatchdogMessage) => child.stdin.write(`${JSON.stringify(message)}\n`)
  return {
    pid: child.pid,
    guard(pid, stage, plan) {
      const id = identify(pid)
      if (id) tell({ guard: id, stage, plan })
    },
    release: (pid) => void tell({ release: pid }),
    guardFolder: (path) => void tell({ folder: path }),
    async [Symbol.asyncDispose]() {
      child.ref()
      child.stdin.end()
      if (child.exitCode === null && child.signalCode === null) await ended
    },
  }
}
