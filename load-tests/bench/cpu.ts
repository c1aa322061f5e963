import { readFileSync, readdirSync } from 'node:fs'

/** Cores in use, on average over a span: 1 is one core busy all the time. */
export interface CpuUse {
  /** By this process and everything it started. */
  own: number
  /** By anything else on the machine, and by the machine's own host taking cores away. */
  foreign: number
  /** Idle only because the disk had not answered yet: ours or anybody's waiting. */
  waiting: number
}

interface Reading {
  at: number
  machineMs: number
  waitingMs: number
  ownMs: number
}

/** USER_HZ, in which Linux tells processor time to programs, whatever the kernel's own rate (proc(5)). */
const TICK_MS = 10

/** Processor time since the last lap. Linux only: elsewhere nothing can be told apart and both are NaN. */
export class CpuWatch {
  #last = read()

  lap(): CpuUse {
    const now = read()
    const before = this.#last
    this.#last = now
    const ms = now.at - before.at
    const own = (now.ownMs - before.ownMs) / ms
    const foreign = Math.max(0, (now.machineMs - before.machineMs) / ms - own)
    return { own, foreign, waiting: (now.waitingMs - before.waitingMs) / ms }
  }
}

/** Processor time so far of these processes and of all they started, children that have ended included. */
export function treeMs(roots: readonly number[]): number {
  const tree = new Set(roots)
  const processes = readProcesses()
  // A child may have a smaller number than its parent, so one pass is not enough.
  for (let before = -1; before !== tree.size;) {
    before = tree.size
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid)
  }
  return processes.filter(({ pid }) => tree.has(pid)).reduce((sum, { ms }) => sum + ms, 0)
}

function read(): Reading {
  if (process.platform !== 'linux') return { at: performance.now(), machineMs: NaN, waitingMs: NaN, ownMs: NaN }
  const [user = 0, nice = 0, system = 0, _idle, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields(
    readFileSync('/proc/stat', 'utf8'),
    'cpu ',
  )
  return {
    at: performance.now(),
    machineMs: (user + nice + system + irq + softirq + steal) * TICK_MS,
    waitingMs: iowait * TICK_MS,
    ownMs: treeMs([process.pid]),
  }
}

interface ProcessTime {
  pid: number
  parent: number
  ms: number
}

function readProcesses(): ProcessTime[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may hold anything, so fields are counted from behind it: state is the third of proc(5).
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const after = fields(stat.slice(stat.lastIndexOf(')') + 1), '')
        const [utime = 0, stime = 0, cutime = 0, cstime = 0] = after.slice(11, 15)
        return [{ pid: Number(name), parent: after[1] ?? 0, ms: (utime + stime + cutime + cstime) * TICK_MS }]
      } catch {
        return [] // it ended while we looked
      }
    })
}

/** The numbers of the line that starts with `name`; a word among them is NaN. */
function fields(text: string, name: string): number[] {
  const line = text.split('\n').find((one) => one.startsWith(name)) ?? ''
  return line.slice(name.length).trim().split(/\s+/).map(Number)
}
