import { parentPort, workerData } from 'node:worker_threads'
import type { Result } from '../../domain/result.ts'
import type { ExternalEvent } from '../../domain/calendars/external-event.ts'
import { decode } from './decode.ts'
import { type ParseFailure, type ParseOrder, type ParsedFeed, parseFeed } from './parse-feed.ts'

/** What the worker is given: the file's bytes are handed over, not copied. */
export interface WorkerOrder extends ParseOrder {
  bytes: Uint8Array<ArrayBuffer>
  charset: string | undefined
}

/** First what was read, then its events piece by piece as they are asked for, so that no piece holds up who asks. */
export type WorkerAnswer =
  | { kind: 'read'; result: Result<Omit<ParsedFeed, 'events'>, ParseFailure> }
  | { kind: 'events'; events: ExternalEvent[]; isLast: boolean }

const PIECE = 1_000

const port = parentPort!
const { bytes, charset, ...order } = workerData as WorkerOrder
const result = parseFeed(decode(bytes, charset), order)
const say = (answer: WorkerAnswer) => port.postMessage(answer)
if (!result.ok) say({ kind: 'read', result })
else {
  const { events, ...rest } = result.value
  say({ kind: 'read', result: { ok: true, value: rest } })
  let from = 0
  port.on('message', () => {
    const piece = events.slice(from, from + PIECE)
    from += PIECE
    say({ kind: 'events', events: piece, isLast: from >= events.length })
  })
}
