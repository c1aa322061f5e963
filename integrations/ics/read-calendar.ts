import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { ExternalEvent } from '../../domain/calendars/external-event.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import type { ParseFailure, ParsedFeed } from './parse-feed.ts'
import type { WorkerAnswer, WorkerOrder } from './parse-worker.ts'

export type ReadFailure = ParseFailure | 'parse_timed_out' | 'parse_out_of_memory'

/** The largest file of honest events that is accepted (10 MiB) takes about a second. */
export const PARSE_DEADLINE_MS = 5_000
/** Of the worker alone; the file itself lies outside of it. A worker over it dies, and nothing else does. */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 }

/** Reads a stranger's calendar in a thread of its own, which has a heap and a deadline and is ended when it goes over either. */
export async function readCalendar(
  order: WorkerOrder,
  signal: AbortSignal,
  { heap = HEAP, deadlineMs = PARSE_DEADLINE_MS }: { heap?: ResourceLimits; deadlineMs?: number } = {},
): Promise<Result<ParsedFeed, ReadFailure>> {
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData: order,
    transferList: [order.bytes.buffer],
    resourceLimits: heap,
    // It needs nothing of ours, and what it prints is nobody's.
    env: {},
    stdout: true,
    stderr: true,
  })
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  const { promise, resolve, reject } = Promise.withResolvers<Result<ParsedFeed, ReadFailure>>()
  const onDeadline = () => resolve(err('parse_timed_out'))
  if (deadline.aborted) onDeadline()
  deadline.addEventListener('abort', onDeadline)
  let read: Omit<ParsedFeed, 'events'> | undefined
  const events: ExternalEvent[] = []
  worker.on('message', (answer: WorkerAnswer) => {
    if (answer.kind === 'read') {
      if (!answer.result.ok) return resolve(answer.result)
      read = answer.result.value
    } else {
      for (const event of answer.events) events.push(event)
      if (answer.isLast && read !== undefined) return resolve(ok({ ...read, events }))
    }
    // The next piece in another turn of the loop: what else waits comes first.
    setImmediate(() => worker.postMessage('more'))
  })
  worker.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(err('parse_out_of_memory'))
    else reject(error)
  })
  worker.on('exit', () => reject(new Error('the parser ended without an answer')))
  try {
    return await promise
  } finally {
    deadline.removeEventListener('abort', onDeadline)
    await worker.terminate()
  }
}
