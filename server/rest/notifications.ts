import { z } from 'zod'
import { listMessages } from '../../db/notifications/queries.ts'
import type { StoredMessage } from '../../db/notifications/messages.ts'
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
      summary: 'What was told to whom, newest first; only what was told to you, unless you run the organisation',
      query: z.strictObject({ ...pageQuery, status: z.enum(STATUSES).optional(), meetingId: id.optional() }),
      answers: z.object({ items: z.array(messageAnswer), nextCursor: z.string().nullable() }),
      handle: ({ actor, query }) => {
        const recipient = can(actor, 'read', { kind: 'job' }) ? undefined : actor.userId
        return pageAnswer(query, {
          key: cursorKey,
          keyOf: (message: StoredMessage) => [message.createdAt, message.id],
          view: messageView,
          read: (page) => listMessages(deps.pool, actor.organizationId, { ...query, ...page, recipient }),
        })
      },
    }),
  ]
}

function messageView(message: StoredMessage): z.input<typeof messageAnswer> {
  const { id: messageId, kind, channel, recipient, meetingId, status, lastError, createdAt, handedAt } = message
  return {
    id: messageId,
    kind,
    channel,
    ...(isGuest(recipient) ? { email: recipient } : { userId: recipient }),
    meetingId,
    status,
    error: lastError,
    createdAt: formatInstant(createdAt),
    handedAt: handedAt === null ? null : formatInstant(handedAt),
  }
}
