import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/**
 * As little of a WebSocket client (RFC 6455) as a load generator needs, so that the generator does not take the processor from
 * what is measured: messages are whole, binary and masked with zeros, which the server has to unmask like any other.
 */
export class FrameSocket {
  /** The code the server closed with; 1006: the connection broke. */
  closedWith: number | undefined
  readonly #socket: Socket
  readonly #onMessage: (message: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket, onMessage: (message: Buffer) => void) {
    this.#socket = socket
    this.#onMessage = onMessage
    socket.on('close', () => (this.closedWith ??= 1006))
    socket.on('error', () => {})
  }

  /** `url`: `http://host:port/path?query`. */
  static async open(url: URL, onMessage: (message: Buffer) => void): Promise<FrameSocket> {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    const opened = new FrameSocket(socket, onMessage)
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    let head = Buffer.alloc(0)
    while (!head.includes('\r\n\r\n')) head = Buffer.concat([head, ((await once(socket, 'data')) as [Buffer])[0]])
    const end = head.indexOf('\r\n\r\n') + 4
    if (!head.subarray(0, end).includes(' 101 ')) throw new Error(`not upgraded: ${String(head.subarray(0, 60))}`)
    socket.on('data', (bytes: Buffer) => opened.#take(bytes))
    opened.#take(head.subarray(end))
    return opened
  }

  send(message: Uint8Array): void {
    this.#socket.write(frame(BINARY, message))
  }

  async close(): Promise<void> {
    this.closedWith ??= 1000
    if (this.#socket.destroyed) return
    const closed = once(this.#socket, 'close')
    this.#socket.end(frame(CLOSE, NORMALLY))
    await closed
  }

  #take(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    let at = 0
    while (all.length - at >= 2) {
      const short = (all[at + 1] as number) & 0x7f
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (all.length - at < head) break
      const length =
        short < 126 ? short : short === 126 ? all.readUInt16BE(at + 2) : Number(all.readBigUInt64BE(at + 2))
      if (all.length - at < head + length) break
      this.#hear((all[at] as number) & 0x0f, all.subarray(at + head, at + head + length))
      at += head + length
    }
    this.#rest = all.subarray(at)
  }

  #hear(opcode: number, payload: Buffer): void {
    if (opcode === BINARY) this.#onMessage(payload)
    else if (opcode === PING && !this.#socket.writableEnded) this.#socket.write(frame(PONG, payload))
    else if (opcode === CLOSE) {
      this.closedWith ??= payload.length >= 2 ? payload.readUInt16BE(0) : 1005
      if (!this.#socket.writableEnded) this.#socket.end(frame(CLOSE, payload))
    }
  }
}

const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10
const NORMALLY = Buffer.from([0x03, 0xe8])
/** Whole documents are sent at once when they are filled. */
const LONGEST_SHORT = 65_535

function frame(opcode: number, message: Uint8Array): Buffer {
  const { length } = message
  const extended = length < 126 ? 0 : length <= LONGEST_SHORT ? 2 : 8
  const built = Buffer.alloc(6 + extended + length)
  built[0] = 0x80 | opcode
  if (extended === 0) built[1] = 0x80 | length
  else if (extended === 2) {
    built[1] = 0x80 | 126
    built.writeUInt16BE(length, 2)
  } else {
    built[1] = 0x80 | 127
    built.writeBigUInt64BE(BigInt(length), 2)
  }
  built.set(message, 6 + extended)
  return built
}
