import { z } from 'zod'
import { type OwnedExternalEvent, listExternalEvents } from '../../db/calendars/queries.ts'
import { listOccurrences } from '../../db/meetings/queries.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import type { OccurrenceView } from '../../domain/meetings/meeting-view.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { formatInstant, parseInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { calendarEventAnswer } from './calendar-shapes.ts'
import { id, pageQuery } from './input.ts'
import { pageOf, windowOf, windowQuery } from './meeting-shapes.ts'
import { pageAnswer } from './page.ts'
import { type Route, route } from './route.ts'

/** By start; of what starts together external events first, then by id. */
type Key = [start: number, source: 'external' | 'meeting', id: string, recurrenceId: string]
const eventKey: z.ZodType<Key> = z.tuple([
  z.int().min(0),
  z.enum(['external', 'meeting']),
  z.uuid(),
  z.string().max(20),
])

const eventsQuery = z.strictObject({ ...windowQuery, ...pageQuery, integrationId: id.optional() })

interface Item {
  key: Key
  view: z.output<typeof calendarEventAnswer>
}

/** Own meetings and own external events in one list. Nobody else's external events are anywhere in it. */
export function calendarEventsRoute(deps: ApiDeps): Route {
  return route({
    method: 'GET',
    path: '/calendar/events',
    summary: 'Your meetings and the events of the calendars you have connected, in one list by start',
    query: eventsQuery,
    answers: pageOf(calendarEventAnswer),
    handle: ({ actor, query }) => {
      const now = deps.now()
      const window = windowOf(deps, query)
      return pageAnswer<Item, Key>(query, {
        key: eventKey,
        keyOf: (item) => item.key,
        view: (item) => item.view,
        read: async ({ limit, after }) => {
          const { integrationId } = query
          const [external, meetings] = await Promise.all([
            readExternal(deps, actor, { ...window, integrationId, limit, after }),
            integrationId === undefined ? readMeetings(deps, actor, { ...window, limit, after, now }) : [],
          ])
          return [...external, ...meetings].sort(byKey).slice(0, limit)
        },
      })
    },
  })
}

interface Reading {
  from: Instant
  to: Instant
  limit: number
  after: Key | undefined
}

async function readExternal(
  { pool }: ApiDeps,
  actor: Actor,
  { after, ...reading }: Reading & { integrationId: string | undefined },
): Promise<Item[]> {
  const { organizationId, userId } = actor
  if (!can(actor, 'read', { kind: 'integration', userId })) return []
  const from = after && ([after[0], after[1] === 'external' ? after[2] : LAST_ID] as const)
  const events = await listExternalEvents(pool, organizationId, { ...reading, userId, after: from })
  return events.map((event) => ({ key: [event.start, 'external', event.id, ''], view: externalView(event) }))
}

async function readMeetings(
  { pool }: ApiDeps,
  actor: Actor,
  { after, now, ...reading }: Reading & { now: Instant },
): Promise<Item[]> {
  const from = after && ([after[0], ...(after[1] === 'meeting' ? [after[2], after[3]] : [FIRST_ID, ''])] as const)
  const filter = { ...reading, status: 'live', participantId: actor.userId } as const
  const occurrences = await listOccurrences(pool, actor, {
    ...filter,
    after: from as [number, string, string] | undefined,
  })
  return occurrences.map((occurrence) => ({
    key: [parseInstant(occurrence.startTime)!, 'meeting', occurrence.meetingId, occurrence.recurrenceId],
    view: meetingItem(occurrence, actor, now),
  }))
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

function byKey(a: Item, b: Item): number {
  for (let i = 0; i < a.key.length; i++) {
    if (a.key[i]! < b.key[i]!) return -1
    if (a.key[i]! > b.key[i]!) return 1
  }
  return 0
}

function externalView(event: OwnedExternalEvent): Item['view'] {
  const { id, integrationId, uid, recurrenceId, allDay, busy, status, summary, freshAsOf } = event
  return {
    source: 'external',
    origin: { integrationId, provider: 'ics', uid, recurrenceId },
    id,
    title: summary,
    start: formatInstant(event.start),
    end: formatInstant(event.end),
    allDay,
    busy,
    status,
    freshAsOf: freshAsOf === null ? null : formatInstant(freshAsOf),
  }
}

function meetingItem(occurrence: OccurrenceView, { userId }: Actor, now: Instant): Item['view'] {
  const { meetingId, recurrenceId, title, startTime, endTime, status, allDay, organizer, participants } = occurrence
  // What he organizes has his time, whatever he answered.
  const isDeclined =
    organizer?.id !== userId && participants.some((p) => p.userId === userId && p.response === 'declined')
  return {
    source: 'meeting',
    origin: { meetingId, recurrenceId },
    id: `${meetingId}:${recurrenceId}`,
    title,
    start: startTime,
    end: endTime,
    allDay,
    busy: !isDeclined,
    status,
    freshAsOf: formatInstant(now),
  }
}
