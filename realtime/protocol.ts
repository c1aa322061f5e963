import { z } from 'zod'
import { TOPIC_KINDS, type TopicKind } from '../domain/news.ts'

/**
 * Every name on the socket.
 * v1: topic.watch, topic.unwatch; news, topic.closed, bye.
 */
export const PROTOCOL_VERSION = 1

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

function topicName() {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
  // `dashboard:<kind>:<scope>`
  return z.string().regex(new RegExp(`^(${TOPIC_KINDS.join('|')}):([a-z]+:)?${uuid}$`), 'is not the name of a topic')
}
