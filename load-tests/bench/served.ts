import { setTimeout as delay } from 'node:timers/promises'
import type { Answer } from '../../testkit/promises/office.ts'

/** What became of bookings that were sent one after the other. */
export interface Served {
  /** Milliseconds from sending to the answer of each booking. */
  answers: number[]
  /** What was answered instead of 201, in words. */
  refused: string[]
}

/** Open loop: each booking is sent when its time has come, whether the ones before were answered or not. */
export async function serveSteadily(
  perSecond: number,
  seconds: number,
  book: (n: number) => Promise<Answer>,
): Promise<Served> {
  const served: Served = { answers: [], refused: [] }
  const started = performance.now()
  const open: Promise<void>[] = []
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = started + (n * 1_000) / perSecond - performance.now()
    if (wait > 1) await delay(wait)
    open.push(book(n).then((answer) => note(served, answer)))
  }
  await Promise.all(open)
  return served
}

function note({ answers, refused }: Served, { status, body, ms }: Answer): void {
  if (status === 201) answers.push(ms)
  else refused.push(`${status} ${body?.code ?? 'without an answer'} after ${Math.round(ms)} ms`)
}
