import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order, PeopleReport } from './people-process.ts'
import type { Seat } from './typist.ts'
import type { WireName } from './wires.ts'

/** People in documents, in a process of their own. */
export interface People extends AsyncDisposable {
  pid: number
  /** Each of them presses so many keys a second and moves his cursor so often. Resolves when everything has arrived, or nothing more will. */
  type(rates: { keys: number; cursors: number; seconds: number }): Promise<PeopleReport>
  /** How they are, once everything has arrived, or nothing more will. */
  report(): Promise<PeopleReport>
  /** They close their connections. */
  leave(): Promise<PeopleReport>
}

/** Resolves when everybody has joined, has written his first text and was heard. */
export async function openPeople(
  wire: WireName,
  docs: Seat[][],
  text = { paragraphs: 1, letters: 1 },
): Promise<People> {
  const child = fork(fileURLToPath(new URL('./people-process.ts', import.meta.url)), {
    execArgv: [],
    serialization: 'advanced',
  })
  const ended = once(child, 'exit')
  const tell = (order: Order) => ask(child, ended, order)
  await tell({ kind: 'open', wire, docs, text })
  return {
    pid: child.pid as number,
    type: (rates) => tell({ kind: 'type', ...rates }),
    report: () => tell({ kind: 'report' }),
    leave: () => tell({ kind: 'leave' }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function ask(child: ChildProcess, ended: Promise<unknown>, order: Order): Promise<PeopleReport> {
  child.send(order)
  const over = new AbortController()
  const answer = await Promise.race([once(child, 'message', over), ended.then(() => undefined)])
  over.abort()
  if (answer === undefined) throw new Error('a process of people ended')
  return (answer as [PeopleReport])[0]
}
