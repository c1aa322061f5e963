import type { Actor } from '../../domain/identity/actor.ts'
import type { LiveSessions } from './live-sessions.ts'

/** Proxies close what is silent for a minute. */
const PING_MS = 12_000
const PING = ':\n\n'

export interface StreamOptions {
  actor: Actor
  /** Aborted when the client has gone or may not listen any more. */
  stream: AbortController
  sessions: LiveSessions
}

/**
 * Results as server-sent events: `next` for each, then `complete`. They are taken as fast as the client reads, so what a slow
 * one misses is made up by a snapshot. A node that stops ends the stream without `complete`, after which clients come back.
 */
export function eventStream(
  results: Iterable<string> | AsyncIterable<string>,
  { actor, stream, sessions }: StreamOptions,
): Response {
  const source = Symbol.asyncIterator in results ? results[Symbol.asyncIterator]() : iterate(results)
  const encoder = new TextEncoder()
  let isOver = false
  let leave = () => {}
  let pinging: NodeJS.Timeout | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(encoder.encode(text))
      const end = (lastWords: string) => {
        if (isOver) return
        isOver = true
        clearInterval(pinging)
        stream.abort()
        if (lastWords !== '') write(lastWords)
        controller.close()
      }
      leave = sessions.enter(actor, (reason) => end(reason === undefined ? '' : next(reason) + COMPLETE))
      // So that the headers are on their way.
      if (!isOver) write(PING)
      pinging = setInterval(() => {
        if (!isOver && (controller.desiredSize ?? 0) > 0) write(PING)
      }, PING_MS)
    },
    async pull(controller) {
      const { done, value } = await source.next()
      if (isOver) return
      if (done !== true) {
        controller.enqueue(encoder.encode(next(value)))
        return
      }
      isOver = true
      clearInterval(pinging)
      leave()
      stream.abort()
      controller.enqueue(encoder.encode(COMPLETE))
      controller.close()
    },
    cancel() {
      isOver = true
      clearInterval(pinging)
      leave()
      stream.abort()
    },
  })
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
  return new Response(body, { status: 200, headers })
}

const COMPLETE = 'event: complete\ndata:\n\n'

/** JSON holds no line breaks of its own. */
function next(json: string): string {
  return `event: next\ndata: ${json}\n\n`
}

async function* iterate(results: Iterable<string>): AsyncIterableIterator<string> {
  yield* results
}
