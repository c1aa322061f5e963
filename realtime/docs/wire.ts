import * as decoding from 'lib0/decoding'

/** The y-websocket wire: y-protocols 1 (sync 0, awareness 1, auth 2, queryAwareness 3), and 100, acks for who asked for them. */

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const QUERY_AWARENESS = 3
const ACK = 100

const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
const PERMISSION_DENIED = 0

/** Final: the stock provider stops for good on 4400-4499. */
export const SESSION_OVER = 4401
export const NO_RIGHT = 4403
export const SLOW_CONSUMER = 4508
export const RESTART = 1012
export const BUSY = 1013
/** RFC 6455, 7.4.1: what was sent does not parse. */
export const MALFORMED = 1007

export type Incoming =
  | { type: 'step1'; stateVector: Uint8Array }
  | { type: 'step2' | 'update'; update: Uint8Array }
  | { type: 'awareness'; update: Uint8Array }
  | { type: 'queryAwareness' }
  /** Of another protocol: passed over, as y-websocket does. */
  | { type: 'unknown' }

/** In the order in which they come true. */
export const ACK_KINDS = ['relayed', 'logged', 'stored'] as const
export type AckKind = (typeof ACK_KINDS)[number]

/** Throws when it is cut off. What it answers shares the message's memory. */
export function readMessage(message: Uint8Array): Incoming {
  const decoder = decoding.createDecoder(message)
  switch (decoding.readVarUint(decoder)) {
    case SYNC:
      return readSync(decoder)
    case AWARENESS:
      return { type: 'awareness', update: decoding.readVarUint8Array(decoder) }
    case QUERY_AWARENESS:
      return { type: 'queryAwareness' }
    default:
      return { type: 'unknown' }
  }
}

export function step1Frame(stateVector: Uint8Array): Buffer {
  return frame([SYNC, STEP_1], stateVector)
}

export function step2Frame(update: Uint8Array): Buffer {
  return frame([SYNC, STEP_2], update)
}

export function updateFrame(update: Uint8Array): Buffer {
  return frame([SYNC, UPDATE], update)
}

export function awarenessFrame(update: Uint8Array): Buffer {
  return frame([AWARENESS], update)
}

export function permissionDeniedFrame(reason: string): Buffer {
  return frame([AUTH, PERMISSION_DENIED], Buffer.from(reason))
}

export function ackFrame(kind: AckKind, upto: number): Buffer {
  return frame([ACK], Buffer.from(JSON.stringify({ kind, upto })))
}

/** Says nothing. A stock client that hears nothing for 30 s believes the connection dead. */
export const KEEPALIVE_FRAME = frame([AWARENESS], new Uint8Array([0]))

function readSync(decoder: decoding.Decoder): Incoming {
  const step = decoding.readVarUint(decoder)
  const bytes = decoding.readVarUint8Array(decoder)
  switch (step) {
    case STEP_1:
      return { type: 'step1', stateVector: bytes }
    case STEP_2:
      return { type: 'step2', update: bytes }
    case UPDATE:
      return { type: 'update', update: bytes }
    default:
      throw new Error(`there is no sync message ${step}`)
  }
}

/**
 * A whole WebSocket frame (RFC 6455, 5.2: final, binary, not masked) of a message that ends in bytes with their length, so that
 * the frames of a turn are made once and written together.
 */
function frame(head: readonly number[], bytes: Uint8Array): Buffer {
  const length = head.length + varUintSize(bytes.length) + bytes.length
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const built = Buffer.allocUnsafe(2 + extended + length)
  built[0] = 0x82
  if (extended === 0) built[1] = length
  else if (extended === 2) {
    built[1] = 126
    built.writeUInt16BE(length, 2)
  } else {
    built[1] = 127
    built.writeBigUInt64BE(BigInt(length), 2)
  }
  let at = 2 + extended
  // Each is below 128, and so its own varUint.
  for (const number of head) built[at++] = number
  for (let rest = bytes.length; ; rest >>>= 7) {
    built[at++] = rest < 0x80 ? rest : 0x80 | (rest & 0x7f)
    if (rest < 0x80) break
  }
  built.set(bytes, at)
  return built
}

function varUintSize(number: number): number {
  let size = 1
  for (let rest = number; rest >= 0x80; rest >>>= 7) size += 1
  return size
}
