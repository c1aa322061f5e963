import type { Socket } from 'socket.io'

/**
 * The parts of engine.io and ws below a socket that have no public name: what is unsent, and the end without a
 * handshake. Everything else goes through the public API.
 */
interface EngineSocket {
  writeBuffer: { data?: string | Buffer }[]
  transport: { socket: WebSocketPeer; on: (event: 'drain', listener: () => void) => void }
}

interface WebSocketPeer {
  bufferedAmount: number
  terminate: () => void
  once: (event: 'close', listener: () => void) => void
}

/**
 * An event of the main namespace whose one argument is JSON already, so that what many are told is encoded once (Socket.IO
 * protocol 5: packet type 2). It keeps its place among what is emitted.
 */
export function emitEncoded(socket: Socket, event: string, json: string): void {
  socket.conn.write(`2["${event}",${json}]`)
}

/** Bytes the kernel has not taken yet: queued packets (one byte per character) and the one being written. */
export function unsentBytes(socket: Socket): number {
  const { writeBuffer, transport } = engine(socket)
  let bytes = transport.socket.bufferedAmount
  for (const packet of writeBuffer) bytes += packet.data?.length ?? 0
  return bytes
}

/** Forgets what was not begun to be written, so that a last word can still get through. */
export function dropUnsent(socket: Socket): void {
  engine(socket).writeBuffer.length = 0
}

/** Each time everything handed to the kernel was taken. */
export function onDrained(socket: Socket, listener: () => void): void {
  engine(socket).transport.on('drain', listener)
}

/** When the connection is really over; engine.io calls it closed when it has asked the peer to close. */
export function onGone(socket: Socket, listener: () => void): void {
  engine(socket).transport.socket.once('close', listener)
}

/** Ends the connection without waiting for a peer that does not read. */
export function terminate(socket: Socket): void {
  engine(socket).transport.socket.terminate()
}

function engine(socket: Socket): EngineSocket {
  return socket.conn as unknown as EngineSocket
}
