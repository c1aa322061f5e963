import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** Processes of clients, each of which answers every order with one report. */
export interface Forked<Order, Report> extends AsyncDisposable {
  pids: number[]
  /** Each gets its own; the reports in the same order. */
  askEach(orders: readonly Order[]): Promise<Report[]>
  askAll(order: Order): Promise<Report[]>
}

/** So many processes of a script that ends with its parent. */
export function openForked<Order, Report>(script: string, count: number): Forked<Order, Report> {
  const children = Array.from({ length: count }, () => {
    const child = fork(script, { execArgv: [], serialization: 'advanced' })
    return { child, ended: once(child, 'exit') }
  })
  const askEach = (orders: readonly Order[]) =>
    Promise.all(children.map((one, i) => ask(one, orders[i]) as Promise<Report>))
  return {
    pids: children.map(({ child }) => child.pid as number),
    askEach,
    askAll: (order) => askEach(children.map(() => order)),
    async [Symbol.asyncDispose]() {
      for (const { child } of children) child.kill('SIGKILL')
      await Promise.all(children.map(({ ended }) => ended))
    },
  }
}

async function ask(
  { child, ended }: { child: ChildProcess; ended: Promise<unknown> },
  order: unknown,
): Promise<unknown> {
  child.send(order as object)
  const over = new AbortController()
  const answer = await Promise.race([once(child, 'message', over), ended.then(() => undefined)])
  over.abort()
  if (answer === undefined) throw new Error('a process of clients ended')
  return answer[0]
}
