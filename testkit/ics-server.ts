import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A source of feeds on this machine that answers as a test tells it to, and counts who came. */
export interface FeedServer extends AsyncDisposable {
  port: number
  /** `127.0.0.1:<port>`, for the list of hosts that may be fetched. */
  host: string
  requests: { url: string; headers: IncomingMessage['headers'] }[]
  /** How every request is answered from now on. */
  answer: (respond: (request: IncomingMessage, response: ServerResponse) => void) => void
}

export async function openFeedServer(): Promise<FeedServer> {
  const requests: FeedServer['requests'] = []
  let respond: Parameters<FeedServer['answer']>[0] = (_request, response) => response.writeHead(404).end()
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    respond(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    host: `127.0.0.1:${port}`,
    requests,
    answer: (next) => (respond = next),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A calendar file of the events given, each as its lines. */
export function icsFile(events: readonly string[][], preface: readonly string[] = []): string {
  const lines = events.flatMap((event) => ['BEGIN:VEVENT', ...event, 'END:VEVENT'])
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...preface, ...lines, 'END:VCALENDAR', ''].join(
    '\r\n',
  )
}
