import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientReport, WatchOrder } from './watchers-process.ts'

/** Many watching clients in processes of their own, so that watching does not slow down what else we do here. */
export interface Watchers extends AsyncDisposable {
  pids: number[]
  /** Everybody, in the same order each time. */
  report(): Promise<ClientReport[]>
  /** Everybody connects anew, so that the nodes that are up share them evenly again. */
  scatter(): Promise<ClientReport[]>
}

const PROCESSES = 2

/** Resolves when every client has joined every topic it is to watch. */
export async function openWatchers({ url, clients }: WatchOrder): Promise<Watchers> {
  const script = fileURLToPath(new URL('./watchers-process.ts', import.meta.url))
  const children = Array.from({ length: PROCESSES }, () => {
    const child = fork(script, { execArgv: [], serialization: 'advanced' })
    return { child, ended: once(child, 'exit') }
  })
  const size = Math.ceil(clients.length / PROCESSES)
  await Promise.all(children.map((one, i) => ask(one, { url, clients: clients.slice(i * size, (i + 1) * size) })))
  const askAll = async (order: 'report' | 'scatter') =>
    (await Promise.all(children.map((one) => ask(one, order)))).flat()
  return {
    pids: children.map(({ child }) => child.pid as number),
    report: () => askAll('report'),
    scatter: () => askAll('scatter'),
    async [Symbol.asyncDispose]() {
      for (const { child } of children) child.kill('SIGKILL')
      await Promise.all(children.map(({ ended }) => ended))
    },
  }
}

interface Process {
  child: ChildProcess
  ended: Promise<unknown>
}

async function ask({ child, ended }: Process, order: WatchOrder | 'report' | 'scatter'): Promise<ClientReport[]> {
  child.send(order)
  const over = new AbortController()
  const answer = await Promise.race([once(child, 'message', over), ended.then(() => undefined)])
  over.abort()
  if (answer === undefined) throw new Error('a process of watching clients ended')
  return (answer as [ClientReport[]])[0]
}
