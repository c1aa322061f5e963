import { fileURLToPath } from 'node:url'
import { openForked } from '../bench/forked.ts'
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
  const forked = openForked<WatchOrder | 'report' | 'scatter', ClientReport[]>(script, PROCESSES)
  const size = Math.ceil(clients.length / PROCESSES)
  const parts = Array.from({ length: PROCESSES }, (_, i) => clients.slice(i * size, (i + 1) * size))
  await forked.askEach(parts.map((part) => ({ url, clients: part })))
  const askAll = async (order: 'report' | 'scatter') => (await forked.askAll(order)).flat()
  return {
    pids: forked.pids,
    report: () => askAll('report'),
    scatter: () => askAll('scatter'),
    [Symbol.asyncDispose]: () => forked[Symbol.asyncDispose](),
  }
}
