import { z } from 'zod'
import { type OwnSession, listSessions } from '../../db/identity/queries.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { endSession } from '../../domain/identity/end-session.ts'
import { ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { AuthDeps } from './auth.ts'
import { idParams, pageQuery } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

const sessionAnswer = z.object({
  id: z.uuid(),
  current: z.boolean(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  userAgent: z.string().nullable(),
})

/** Where one is signed in, and the end of that. */
export function sessionsRoutes(deps: AuthDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/auth/sessions',
      summary: 'One’s own sessions, the youngest first; `lastSeenAt` is that of the last refresh',
      query: z.strictObject(pageQuery),
      answers: z.object({ items: z.array(sessionAnswer), nextCursor: z.string().nullable() }),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: z.tuple([z.uuid()]),
          keyOf: (session: OwnSession) => [session.id],
          view: (session) => sessionView(actor, session),
          read: ({ limit, after }) => {
            const { organizationId, userId } = actor
            return listSessions(deps.pool, { organizationId, userId, now: deps.now(), limit, after: after?.[0] })
          },
        }),
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions/:id',
      summary: 'End one of one’s own sessions, on every node within a second. Again: 204',
      params: idParams,
      handle: async ({ actor, params }) => {
        const ended = await endSession(deps.identity, actor, params.id)
        return ended.ok ? ok({ status: 204 }) : ended
      },
    }),
  ]
}

function sessionView({ sessionId }: Actor, { id, createdAt, lastSeenAt, expiresAt, userAgent }: OwnSession): object {
  return {
    id,
    current: id === sessionId,
    createdAt: formatInstant(createdAt),
    lastSeenAt: formatInstant(lastSeenAt),
    expiresAt: formatInstant(expiresAt),
    userAgent,
  }
}
