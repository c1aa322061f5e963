import { z } from 'zod'
import { createMeetingsStore } from '../../db/meetings/meetings-tx.ts'
import { listMeetings, listOccurrences, meetingById, occurrencesOf } from '../../db/meetings/queries.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Verb, can } from '../../domain/identity/can.ts'
import { type BookMeeting, bookMeeting } from '../../domain/meetings/book-meeting.ts'
import { cancelMeeting } from '../../domain/meetings/edits/cancel-meeting.ts'
import type { Changed } from '../../domain/meetings/edits/change-command.ts'
import { changeMeeting } from '../../domain/meetings/edits/change-meeting.ts'
import type { MeetingView, OccurrenceView } from '../../domain/meetings/meeting-view.ts'
import { etagOf } from '../../domain/meetings/meeting-view.ts'
import type { MeetingsDeps } from '../../domain/meetings/ports.ts'
import { restoreMeeting } from '../../domain/meetings/edits/restore-meeting.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { spanned } from '../problems.ts'
import { conflictsFor, conflictsQuery } from './conflicts.ts'
import { id, idParams, line, pageQuery } from './input.ts'
import {
  bookBody,
  bookedAnswer,
  changeBody,
  changedMeetingAnswer,
  conflictAnswer,
  inviteBody,
  meetingAnswer,
  occurrenceAnswer,
  pageOf,
  restoreBody,
  scopeQuery,
  windowOf,
  windowQuery,
} from './meeting-shapes.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'

/** The sort key of an occurrence: start, meeting, recurrence id; of a meeting the first two. */
const startKey = z.int().min(0)
export const recurrenceKey = z.string().max(20)
const ownOccurrenceKey = z.tuple([recurrenceKey])
export const occurrenceKey = z.tuple([startKey, z.uuid(), recurrenceKey])
export const meetingKey = z.tuple([startKey, z.uuid()])

const listQuery = z.strictObject({
  ...windowQuery,
  ...pageQuery,
  expand: z.literal('series').optional(),
  status: z.literal('cancelled').optional(),
  participantId: id.optional(),
  organizerId: id.optional(),
  roomId: id.optional(),
})

/** Where naming one is up to the writer. */
export const ANY_VERSION = { ifVersion: '*', version: undefined } as const

export function meetingsRoutes(deps: ApiDeps): Route[] {
  const meetings = meetingsDeps(deps)
  const locate = (verb: Verb) => (actor: Actor, params: { id: string }) => locateMeeting(deps, actor, params.id, verb)
  return [
    route({
      method: 'POST',
      path: '/meetings',
      summary: 'Book a meeting, single or recurring, with people and rooms',
      body: bookBody,
      answers: bookedAnswer,
      locate: mayBook,
      handle: ({ actor, body }) => book(meetings, actor, body),
    }),
    route({
      method: 'GET',
      path: '/meetings',
      summary: 'Occurrences that overlap the window; with `expand=series` meetings as such',
      query: listQuery,
      answers: pageOf(z.union([occurrenceAnswer, meetingAnswer])),
      handle: ({ actor, query }) => listAnswer(deps, actor, query),
    }),
    route({
      method: 'GET',
      path: '/meetings/conflicts',
      summary: 'What would be in the way of these rooms and people in a span',
      query: conflictsQuery,
      answers: z.object({ conflicts: z.array(conflictAnswer) }),
      handle: async ({ actor, query }) => {
        const found = await conflictsFor(deps, actor, query)
        return found.ok ? ok({ status: 200, body: { conflicts: found.value.map(spanned) } }) : found
      },
    }),
    route({
      method: 'GET',
      path: '/meetings/:id',
      summary: 'One meeting',
      params: idParams,
      answers: meetingAnswer,
      handle: async ({ actor, params }) => {
        const seen = await meetingById(deps.pool, actor, params.id)
        return seen === undefined
          ? err(refuse('not_found'))
          : ok({ status: 200, body: seen.view, etag: etagOf(seen.meeting) })
      },
    }),
    route({
      method: 'PUT',
      path: '/meetings/:id',
      summary: 'Change a meeting; on a series all its occurrences. Needs If-Match or `version`',
      params: idParams,
      body: changeBody,
      answers: changedMeetingAnswer,
      locate: locate('update'),
      handle: async ({ actor, params, body: { version, ...change }, ifVersion }) => {
        const cmd = { ...change, meetingId: params.id, seen: { ifVersion, version } }
        return changedAnswer(await changeMeeting(meetings, actor, cmd))
      },
    }),
    route({
      method: 'PATCH',
      path: '/meetings/:id',
      summary: 'Change one occurrence, one and all that follow (a new meeting, 201), or all; If-Match is optional',
      params: idParams,
      query: scopeQuery,
      body: changeBody,
      answers: changedMeetingAnswer,
      locate: locate('update'),
      handle: async ({ actor, params, query, body: { version, ...change }, ifVersion }) => {
        const seen = ifVersion === undefined && version === undefined ? ANY_VERSION : { ifVersion, version }
        const changed = await changeMeeting(meetings, actor, { ...change, ...query, meetingId: params.id, seen })
        return changedAnswer(changed, changed.ok && changed.value.isNew ? 201 : 200)
      },
    }),
    route({
      method: 'DELETE',
      path: '/meetings/:id',
      summary: 'Cancel a meeting, one occurrence, or one and all that follow; it stays readable. Again: 204',
      params: idParams,
      query: scopeQuery,
      locate: locate('cancel'),
      handle: async ({ actor, params, query, ifVersion }) => {
        const cancelled = await cancelMeeting(meetings, actor, { ...query, meetingId: params.id, ifVersion })
        const isDone = cancelled.ok || cancelled.error.code === 'illegal_transition'
        return isDone ? ok({ status: 204 }) : cancelled
      },
    }),
    route({
      method: 'POST',
      path: '/meetings/:id/cancel',
      summary: 'Cancel a meeting and get it back as it is then',
      params: idParams,
      body: z.strictObject({ reason: line(500).optional() }),
      answers: meetingAnswer,
      locate: locate('cancel'),
      handle: async ({ actor, params, body, ifVersion }) =>
        changedAnswer(await cancelMeeting(meetings, actor, { meetingId: params.id, ifVersion, reason: body.reason })),
    }),
    route({
      method: 'POST',
      path: '/meetings/:id/restore',
      summary: 'Bring back a cancelled meeting, or one cancelled occurrence, with its rooms if they are still free',
      params: idParams,
      body: restoreBody,
      answers: changedMeetingAnswer,
      locate: locate('cancel'),
      handle: async ({ actor, params, body, ifVersion }) =>
        changedAnswer(await restoreMeeting(meetings, actor, { ...body, meetingId: params.id, ifVersion })),
    }),
    route({
      method: 'POST',
      path: '/meetings/:id/participants',
      summary: 'Invite one more person to every occurrence, or to one',
      params: idParams,
      body: inviteBody,
      answers: changedMeetingAnswer,
      locate: locate('update'),
      handle: async ({ actor, params, body: { recurrenceId, ...invite }, ifVersion }) => {
        const seen = ifVersion === undefined ? ANY_VERSION : { ifVersion, version: undefined }
        const scope = recurrenceId === undefined ? {} : ({ scope: 'this', recurrenceId } as const)
        const cmd = { meetingId: params.id, seen, invite, onConflict: 'reject', ...scope } as const
        return changedAnswer(await changeMeeting(meetings, actor, cmd), 201)
      },
    }),
    route({
      method: 'GET',
      path: '/meetings/:id/occurrences',
      summary: 'The occurrences of one meeting in a window',
      params: idParams,
      query: z.strictObject({ ...windowQuery, ...pageQuery, status: z.literal('cancelled').optional() }),
      answers: pageOf(occurrenceAnswer),
      locate: locate('read'),
      handle: async ({ actor, params, query }) => {
        const status = query.status ?? ('live' as const)
        let isHidden = false
        const answer = await pageAnswer(query, {
          key: ownOccurrenceKey,
          keyOf: (occurrence: OccurrenceView) => [occurrence.recurrenceId],
          view: (occurrence) => occurrence,
          read: async ({ limit, after }) => {
            const window = { ...windowOf(deps, query), status, limit, after: after?.[0] }
            const found = await occurrencesOf(deps.pool, actor, params.id, window)
            isHidden = found === undefined
            return found ?? []
          },
        })
        return isHidden ? err(refuse('not_found')) : answer
      },
    }),
  ]
}

/** The command and its 201, for both paths that book. */
export async function book(meetings: MeetingsDeps, actor: Actor, cmd: BookMeeting): Promise<Result<Answer, Refusal>> {
  const booked = await bookMeeting(meetings, actor, cmd)
  if (!booked.ok) return booked
  const { etag, ...body } = booked.value
  return ok({ status: 201, body, etag, location: `/meetings/${body.meeting.id}` })
}

export function meetingsDeps(deps: ApiDeps): MeetingsDeps {
  return { ...deps, ...createMeetingsStore(deps.pool, deps, deps.onNews) }
}

/** 403 before 422 for who may not book at all. */
export async function mayBook(actor: Actor): Promise<Refusal | undefined> {
  const mine = { kind: 'meeting', visibility: 'organization', organizerId: actor.userId, participantIds: [] } as const
  return can(actor, 'create', mine) ? undefined : refuse('forbidden')
}

function listAnswer(deps: ApiDeps, actor: Actor, query: z.output<typeof listQuery>): Promise<Result<Answer, Refusal>> {
  const { participantId, organizerId, roomId, status = 'live' as const } = query
  const filter = { ...windowOf(deps, query), participantId, organizerId, roomId, status }
  if (query.expand === 'series') {
    return pageAnswer(query, {
      key: meetingKey,
      keyOf: (meeting: MeetingView) => [startOf(meeting), meeting.id],
      view: (meeting) => meeting,
      read: ({ limit, after }) => listMeetings(deps.pool, actor, { ...filter, limit, after }),
    })
  }
  return pageAnswer(query, {
    key: occurrenceKey,
    keyOf: (occurrence: OccurrenceView) => [startOf(occurrence), occurrence.meetingId, occurrence.recurrenceId],
    view: (occurrence) => occurrence,
    read: ({ limit, after }) => listOccurrences(deps.pool, actor, { ...filter, limit, after }),
  })
}

export function startOf({ startTime }: { startTime: string }): number {
  return parseInstant(startTime) ?? NaN
}

function changedAnswer(changed: Result<Changed, Refusal>, status: 200 | 201 = 200): Result<Answer, Refusal> {
  if (!changed.ok) return changed
  const { meeting, etag, warnings } = changed.value
  const body = warnings.length === 0 ? meeting : { ...meeting, warnings }
  return ok({ status, body, etag, ...(status === 201 && { location: `/meetings/${meeting.id}` }) })
}

async function locateMeeting(deps: ApiDeps, actor: Actor, meetingId: string, verb: Verb): Promise<Refusal | undefined> {
  const seen = await meetingById(deps.pool, actor, meetingId)
  if (seen === undefined) return refuse('not_found')
  const { visibility, organizerId } = seen.meeting
  return can(actor, verb, { kind: 'meeting', visibility, organizerId, participantIds: [] }) || verb === 'read'
    ? undefined
    : refuse('forbidden')
}
