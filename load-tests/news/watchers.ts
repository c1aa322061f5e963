import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientReport, WatchOrder } from './watchers-process.ts'

/** Many watching clients in processes of their own, so that watching does not slow down what else we do here. */
export interface Watchers extends AsyncDisposable {
  pids: number[]
  /** Everybody, in the same order each time. */
  report(): Promise<ClientReport[]>
}

const PROCESSES = 2

/** Resolves when every client has joined every topic it is to watch. */
export async function openWatchers({ url, clients }: WatchOrder): Promise<Watchers> {
  const script = fileURLToPath(new URL('./watchers-process.ts', import.meta.url))
  const children = Array.from({ length: PROCESSES }, () => fork(script, { execArgv: [], serialization: 'advanced' }))
  const size = Math.ceil(clients.length / PROCESSES)
  await Promise.all(children.map((child, i) => ask(child, { url, clients: clients.slice(i * size, (i + 1) * size) })))
  return {
    pids: children.map((child) => child.pid as number),
    report: async () => (await Promise.all(children.map((child) => ask(child, 'report')))).flat(),
    async [Symbol.asyncDispose]() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          child.kill('SIGKILL')
          await once(child, 'exit')
        }),
      )
    },
  }
}

async function ask(child: ChildProcess, order: WatchOrder | 'report'): Promise<ClientReport[]> {
  child.send(order)
  const answer = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)])
  if (answer === undefined) throw new Error('a process of watching clients ended')
  return answer[0] as ClientReport[]
}
