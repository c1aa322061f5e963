import { z } from 'zod'
import { TOPIC_KINDS, type TopicKind } from '../domain/news.ts'

/**
 * Every name on the socket.
 * v1: topic.watch, topic.unwatch; news, topic.closed, bye.
 * v2: room.checkIn, room.extend, room.end, room.release, room.keep, room.walkUp.
 */
export const PROTOCOL_VERSION = 2

export const SOCKET_PATH = '/socket.io/'

/** What the server sends. */
export const NEWS = 'news'
export const TOPIC_CLOSED = 'topic.closed'
export const BYE = 'bye'

/** One entry of a `news` array. Per topic, seqs are consecutive; a `snapshot` carries the state and moves the cursor. */
export interface NewsItem {
  topic: string
  epoch: number
  seq: number
  /** An event type of the product, or `snapshot`. */
  type: string
  /** ISO 8601. */
  at: string
  data: unknown
}

export const SNAPSHOT = 'snapshot'

/** The last word before the server ends a socket. 4401 and 4403 are final, after the others a client reconnects. */
export interface Bye {
  code: ByeCode
  reason: string
  reconnectAfterMs?: number
}

export type ByeCode = 4401 | 4403 | 4408 | 1012

export const SESSION_OVER = 4401
/** The person does not belong to the organisation any more; a lesser right closes topics, not the socket. */
export const RIGHTS_OVER = 4403
export const SLOW_CONSUMER = 4408
export const RESTART = 1012

/** The topic may not be watched any more (gone, or the right to it is); no more news of it comes. */
export interface TopicClosed {
  topic: string
}

/** What a client sends: `emit(name, payload, ack)`. The ack is `{ ok: true, … } | { ok: false, problem }`. */
export const COMMANDS = {
  'topic.watch': z.strictObject({
    topic: topicName(),
    epoch: z.int().min(0).optional(),
    seq: z.int().min(0).optional(),
  }),
  'topic.unwatch': z.strictObject({ topic: topicName() }),
  'room.checkIn': z.strictObject(booking()),
  'room.extend': z.strictObject({ ...booking(), minutes: z.int().min(1).max(480) }),
  'room.end': z.strictObject(booking()),
  'room.release': z.strictObject({ ...booking(), reason: words(200).optional() }),
  'room.keep': z.strictObject(booking()),
  'room.walkUp': z.strictObject({
    roomId: id(),
    minutes: z.int().min(1).max(1_440).optional(),
    title: words(500).optional(),
  }),
}

export type CommandName = keyof typeof COMMANDS
export type Payload<N extends CommandName> = z.output<(typeof COMMANDS)[N]>

/** `replay` brings the missed `events`, `snapshot` the `state`; with `live` nothing was missed. */
export type Watched =
  | { mode: 'live'; epoch: number; seq: number; node: string }
  | { mode: 'replay'; epoch: number; seq: number; events: NewsItem[]; node: string }
  | { mode: 'snapshot'; epoch: number; seq: number; state: object; node: string }

/** `auth` of the handshake. */
export const HANDSHAKE = z.looseObject({ token: z.string().max(8_192) })

export function parseTopic(topic: string): { kind: TopicKind; id: string } {
  const colon = topic.indexOf(':')
  return { kind: topic.slice(0, colon) as TopicKind, id: topic.slice(colon + 1) }
}

/** One booking of a room; without `allocationId` the one that has the room. */
function booking() {
  return { roomId: id(), allocationId: id().optional() }
}

function id() {
  return z.uuid().transform((value) => value.toLowerCase())
}

/** One line that a person wrote. */
function words(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\u0000-\u001f\u007f]*$/u, 'must not hold control characters')
    .refine((value) => value.isWellFormed(), 'must not hold half of a surrogate pair')
}

function topicName() {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
  // `dashboard:<kind>:<scope>`
  return z.string().regex(new RegExp(`^(${TOPIC_KINDS.join('|')}):([a-z]+:)?${uuid}$`), 'is not the name of a topic')
}
