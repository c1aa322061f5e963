import { z } from 'zod'
import { type ListedMessage, listMessages } from '../../db/notifications/queries.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { isGuest } from '../../domain/notifications/message.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { id, pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

const STATUSES = ['queued', 'sending', 'sent', 'failed', 'unknown', 'dropped'] as const
const cursorKey = z.tuple([z.number(), z.uuid()])

const messageAnswer = z.object({
  id: z.uuid(),
  kind: z.string(),
  channel: z.string(),
  userId: z.uuid().optional(),
  email: z.string().optional(),
  meetingId: z.uuid(),
  status: z.enum(STATUSES),
  error: z.string().nullable(),
  createdAt: z.iso.datetime(),
  handedAt: z.iso.datetime().nullable(),
})

export function notificationsRoutes(deps: ApiDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/notifications/history',
      summary:
        'What was told to whom, newest first; only what was told to you, unless you run the organisation, and not to whom where you may not read the meeting',
      query: z.strictObject({ ...pageQuery, status: z.enum(STATUSES).optional(), meetingId: id.optional() }),
      answers: z.object({ items: z.array(messageAnswer), nextCursor: z.string().nullable() }),
      handle: ({ actor, query }) => {
        const recipient = can(actor, 'read', { kind: 'job' }) ? undefined : actor.userId
        return pageAnswer(query, {
          key: cursorKey,
          keyOf: (message: ListedMessage) => [message.createdAt, message.id],
          view: (message) => messageView(actor, message),
          read: (page) => listMessages(deps.pool, actor, { ...query, ...page, recipient }),
        })
      },
    }),
  ]
}

function messageView(actor: Actor, message: ListedMessage): z.input<typeof messageAnswer> {
  const { id: messageId, kind, channel, recipient, meetingId, status, lastError, createdAt, handedAt } = message
  return {
    id: messageId,
    kind,
    channel,
    ...(mayKnowWho(actor, message) && (isGuest(recipient) ? { email: recipient } : { userId: recipient })),
    meetingId,
    status,
    error: lastError,
    createdAt: formatInstant(createdAt),
    handedAt: handedAt === null ? null : formatInstant(handedAt),
  }
}

/** Who is told of a meeting is who attends it. */
function mayKnowWho(actor: Actor, { recipient, visibility, organizerId, attends }: ListedMessage): boolean {
  const participantIds = attends ? [actor.userId] : []
  const meeting = { kind: 'meeting', visibility, organizerId, participantIds } as const
  return recipient === actor.userId || can(actor, 'read_content', meeting)
}
