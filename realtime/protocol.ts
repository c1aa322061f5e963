import { z } from 'zod'
import { TOPIC_KINDS, type TopicKind } from '../domain/news.ts'
import type { Instant } from '../domain/time/instant.ts'
import { parseInstant } from '../domain/time/iso.ts'

/**
 * Every name on the socket.
 * v1: topic.watch, topic.unwatch; news, topic.closed, bye.
 * v2: room.checkIn, room.extend, room.end, room.release, room.keep, room.walkUp.
 * v3: hold.place, hold.renew, hold.release.
 * v4: availability.watch, drag.start, drag.move, drag.end; drag.
 * v5: availability.changed says of an entry what has changed, not all of it.
 */
export const PROTOCOL_VERSION = 5

export const SOCKET_PATH = '/socket.io/'

/** What the server sends. */
export const NEWS = 'news'
export const TOPIC_CLOSED = 'topic.closed'
export const BYE = 'bye'
/** `{ dragId, verdicts }`: what is dragged over has changed. */
export const DRAG = 'drag'

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
/**
 * Of a topic `availability:<watch id>`: `{ subjects, starts? }`. A subject says what of its entry has changed, and what is absent stands.
 * With `window: { from, to }` its `busy` is all there is between the two and replaces what was there; no block reaches over them.
 * `starts` are all of them.
 */
export const AVAILABILITY_CHANGED = 'availability.changed'

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
  'topic.unwatch': z.strictObject({ topic: z.union([topicName(), standingTopic()]) }),
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
  'hold.place': z.strictObject({
    resourceIds: z.array(id()).min(1).max(50),
    start: instant(),
    end: instant(),
    ttlSeconds: ttlSeconds(),
    /** A hold of one's own that is given back for it. */
    replaces: id().optional(),
  }),
  'hold.renew': z.strictObject({ holdId: id(), ttlSeconds: ttlSeconds() }),
  'hold.release': z.strictObject({ holdId: id() }),
  /** A standing query. Its topic lives as long as the socket: after a reconnect it is asked anew. */
  'availability.watch': z.strictObject({
    subjects: subjects(),
    window: z.strictObject({ from: instant(), to: instant() }),
    granularityMinutes: z.literal([5, 10, 15, 30, 60]),
    durationMinutes: z.int().min(1).max(20_160).optional(),
    rules: z.strictObject({ required: required() }).optional(),
    /** The same as in `rules`, which go before it. */
    required: required(),
  }),
  'drag.start': z.strictObject({
    subjects: subjects(),
    start: instant(),
    end: instant(),
    meetingId: id().optional(),
    recurrenceId: z
      .string()
      .regex(/^\d{8}T\d{6}$/, 'takes the local start its rule gives it, as 20261124T100000')
      .optional(),
  }),
  'drag.move': z.strictObject({ dragId: id(), start: instant(), end: instant() }),
  'drag.end': z.strictObject({ dragId: id() }),
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

/** People and rooms. */
function subjects() {
  const subject = z.union([z.strictObject({ userId: id() }), z.strictObject({ roomId: id() })])
  return z.array(subject).min(1).max(250)
}

/** Whom a start must suit; absent: everybody. */
function required() {
  return z.array(id()).max(250).optional()
}

/** ISO 8601 with an offset. */
function instant() {
  return z
    .string()
    .max(40)
    .transform((value, context): Instant => {
      const at = parseInstant(value)
      if (at !== undefined) return at
      context.addIssue({ code: 'custom', message: 'must be ISO 8601 with an offset, such as 2026-11-24T10:00:00Z' })
      return z.NEVER
    })
}

function ttlSeconds() {
  return z.int().min(1).max(600).default(300)
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

function standingTopic() {
  return z.string().regex(/^availability:[0-9a-f-]{36}$/, 'is not the name of a topic')
}
