import { z } from 'zod'
import { type HistoryEntry, meetingHistory } from '../../db/meetings/history.ts'
import { meetingById } from '../../db/meetings/queries.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { resourceOf } from '../../domain/meetings/open-meeting.ts'
import { MAX_COMMENT, respond } from '../../domain/meetings/respond.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { idParams, pageQuery, text } from './input.ts'
import { meetingAnswer, occurrenceAnswer, pageOf, recurrenceId } from './meeting-shapes.ts'
import { meetingsDeps } from './meetings.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'

export const respondBody = z
  .strictObject({
    response: z.enum(['accepted', 'tentative', 'declined']),
    comment: text(MAX_COMMENT).optional(),
    recurrenceId: recurrenceId.optional(),
    scope: z.enum(['this', 'all']).optional(),
  })
  .refine(({ scope, recurrenceId: one }) => scope === undefined || (scope === 'this') === (one !== undefined), {
    message: 'goes with scope this, and not with scope all',
    path: ['recurrenceId'],
  })

const named = z.object({ id: z.uuid(), name: z.string().nullable() })
const entryAnswer = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  actor: named,
  onBehalfOf: named.nullable(),
  action: z.string(),
  scope: z.enum(['this', 'following', 'all']),
  recurrenceId: z.string().nullable(),
  version: z.int(),
  changes: z.record(z.string(), z.object({ before: z.json().optional(), after: z.json().optional() })),
})

/** What people say to a meeting, and what became of it. */
export function meetingAnswersRoutes(deps: ApiDeps): Route[] {
  const meetings = meetingsDeps(deps)
  return [
    route({
      method: 'POST',
      path: '/meetings/:id/rsvp',
      summary: 'Answer an invitation: to the meeting as such, or to one occurrence by its recurrenceId',
      params: idParams,
      body: respondBody,
      answers: z.union([occurrenceAnswer, meetingAnswer]),
      locate: (actor, { id }) => locateInvitation(deps, actor, id),
      handle: async ({ actor, params, body: { scope: _, ...said }, ifVersion }) => {
        const responded = await respond(meetings, actor, { ...said, meetingId: params.id, ifVersion })
        if (!responded.ok) return responded
        const { meeting, etag } = responded.value
        return ok({ status: 200, body: meeting, etag })
      },
    }),
    route({
      method: 'GET',
      path: '/meetings/:id/history',
      summary:
        'What became of a meeting, the newest first and the booking last: who did it, in whose name, before and after',
      params: idParams,
      query: z.strictObject(pageQuery),
      answers: pageOf(entryAnswer),
      handle: ({ actor, params, query }) => historyAnswer(deps, actor, params.id, query),
    }),
  ]
}

async function historyAnswer(
  deps: ApiDeps,
  actor: Actor,
  meetingId: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<Result<Answer, Refusal>> {
  let refusal: Refusal | undefined
  const answer = await pageAnswer(query, {
    key: z.tuple([z.uuid()]),
    keyOf: (entry: HistoryEntry) => [entry.id],
    view: historyEntryView,
    read: async ({ limit, after }) => {
      const found = await meetingHistory(deps.pool, actor, meetingId, { limit, before: after?.[0] })
      if (typeof found === 'object') return found
      refusal = refuse(found === 'hidden' ? 'not_found' : 'forbidden')
      return []
    },
  })
  return refusal === undefined ? answer : err(refusal)
}

export function historyEntryView(entry: HistoryEntry) {
  return { ...entry, at: formatInstant(entry.at) }
}

async function locateInvitation(deps: ApiDeps, actor: Actor, meetingId: string): Promise<Refusal | undefined> {
  const seen = await meetingById(deps.pool, actor, meetingId)
  if (seen === undefined) return refuse('not_found')
  return can(actor, 'respond', resourceOf(seen.meeting, seen.participants)) ? undefined : refuse('forbidden')
}
