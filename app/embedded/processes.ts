import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** One process, and not another one that got its number later. */
export interface ProcessId {
  pid: number
  /** When it was born, in the words of the system; only ever compared. */
  born: string
}

/** What is needed to end a process: each signal is given its time before the next, harder one is sent. */
export interface StopPlan {
  signals: { signal: NodeJS.Signals; graceMs: number }[]
}

/** `undefined` when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessId | undefined {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornByPs(pid)
  return born === undefined ? undefined : { pid, born }
}

export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.born === id.born
}

/** The words a live process was started with; empty when it is gone or a zombie. */
export function commandLine(pid: number): string[] {
  if (process.platform === 'linux') return readOrNothing(`/proc/${pid}/cmdline`).split('\0').filter(Boolean)
  return ps(pid, 'command').split(/\s+/).filter(Boolean)
}

/** Sends a signal unless the process is gone or its number belongs to another one by now. */
function signalProcess(id: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(id)) return
  try {
    process.kill(id.pid, signal)
  } catch {
    // It went between the look and the signal.
  }
}

const POLL_MS = 20

/** Ends a process, resolving when it is gone; true when it needed more than the first signal. */
export async function stopProcess(id: ProcessId, plan: StopPlan): Promise<boolean> {
  for (const [turn, { signal, graceMs }] of plan.signals.entries()) {
    signalProcess(id, signal)
    const until = Date.now() + graceMs
    while (Date.now() < until) {
      if (!isAlive(id)) return turn > 0
      await delay(POLL_MS)
    }
  }
  return true
}

function bornOnLinux(pid: number): string | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`)
  // The name in parentheses may hold anything; the fields are counted from behind it. State is the third field of
  // proc(5), the start in ticks since boot the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ticks] = [fields[0], fields[19]]
  if (!state || !ticks || state === 'Z' || state === 'X') return undefined
  return `${readOrNothing('/proc/sys/kernel/random/boot_id').trim()} ${ticks}`
}

function bornByPs(pid: number): string | undefined {
  const [state, ...born] = ps(pid, 'state=,lstart').split(/\s+/)
  return !state || state.startsWith('Z') ? undefined : born.join(' ')
}

function ps(pid: number, columns: string): string {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', `${columns}=`], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return ''
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
