import { type Socket, connect } from 'node:net'

export interface HttpRequest {
  method: string
  path: string
  token?: string | undefined
  body?: unknown
}

/** Sockets kept open; more requests than these wait for one, and their waiting counts. */
const CONNECTIONS = 64
const ANSWER_MS = 10_000

/**
 * An HTTP/1.1 client that costs little beside the server it measures: kept-alive connections, bodies by Content-Length or in
 * chunks, nothing else.
 */
export class HttpClient implements Disposable {
  readonly #host: string
  readonly #port: number
  readonly #idle: Connection[] = []
  readonly #waiting: ((connection: Connection) => void)[] = []
  #open = 0

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = Number(port)
  }

  /** The status; 0 when the connection broke or nothing came in time. */
  async send(request: HttpRequest): Promise<{ status: number; body: string }> {
    const connection = await this.#take()
    const answer = await connection.send(request)
    this.#give(connection)
    return answer
  }

  [Symbol.dispose](): void {
    for (const connection of this.#idle) connection.close()
  }

  #take(): Connection | Promise<Connection> {
    // A server hangs up on what was idle for long.
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isOpen) return idle
      this.#open -= 1
    }
    if (this.#open >= CONNECTIONS) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#open += 1
    return new Connection(this.#host, this.#port)
  }

  #give(connection: Connection): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else next(connection.isOpen ? connection : new Connection(this.#host, this.#port))
  }
}

class Connection {
  readonly #socket: Socket
  readonly #host: string
  #received = ''
  #answer: ((answer: { status: number; body: string }) => void) | undefined
  isOpen = true

  constructor(host: string, port: number) {
    this.#host = `${host}:${port}`
    this.#socket = connect({ host, port, noDelay: true })
    // Byte for byte, so that Content-Length counts characters.
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#take(text))
    this.#socket.on('error', () => this.close())
    this.#socket.on('close', () => this.close())
    this.#socket.setTimeout(ANSWER_MS, () => this.close())
  }

  send({ method, path, token, body }: HttpRequest): Promise<{ status: number; body: string }> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
    const type = text === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`
    if (!this.isOpen) return Promise.resolve({ status: 0, body: '' })
    return new Promise((resolve) => {
      this.#answer = resolve
      this.#socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${authorization}${type}\r\n${text}`)
    })
  }

  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#socket.destroy()
    this.#done({ status: 0, body: '' })
  }

  #take(text: string): void {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = this.#received.slice(0, end)
    const body = bodyOf(head, this.#received.slice(end + 4))
    if (body === undefined) return
    this.#received = ''
    this.#done({ status: Number(head.slice(9, 12)), body })
  }

  #done(answer: { status: number; body: string }): void {
    const resolve = this.#answer
    this.#answer = undefined
    resolve?.(answer)
  }
}

/** undefined: it is not all here yet. */
function bodyOf(head: string, rest: string): string | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) return rest.length < Number(length) ? undefined : rest
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return rest.endsWith('0\r\n\r\n') ? rest : undefined
  return rest
}
