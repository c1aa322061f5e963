import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  type FeedMeeting,
  type OpenedFeed,
  busyOfRoom,
  feedByToken,
  meetingForCalendar,
  meetingsOfPerson,
} from '../../db/calendars/feed-queries.ts'
import { meetingById } from '../../db/meetings/queries.ts'
import { BUSY, type Content, busyCalendar, meetingCalendar } from '../../domain/calendars/meeting-ics.ts'
import { pullWindow } from '../../domain/calendars/pull-window.ts'
import { can } from '../../domain/identity/can.ts'
import { busyPeople } from '../../domain/meetings/claims.ts'
import type { Occurrence } from '../../domain/meetings/meeting.ts'
import { hasOwnSeating, lookOf } from '../../domain/meetings/occurrence-look.ts'
import { occurrenceResource, seriesResource } from '../../domain/meetings/open-meeting.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import type { ApiDeps } from '../deps.ts'
import { idParams } from './input.ts'
import { type Answer, type Route, route } from './route.ts'

const CALENDAR = 'text/calendar; charset=utf-8'

/** `<secret>.ics`. What does not look like one is not looked up. */
const tokenParams = z.strictObject({
  token: z
    .string()
    .regex(/^[A-Za-z0-9_-]{64}\.ics$/)
    .transform((file) => file.slice(0, -'.ics'.length)),
})

/** Calendars as files: for whoever holds a secret address, and one meeting for who may see it. */
export function calendarFilesRoutes(deps: ApiDeps): Route[] {
  return [
    route({
      method: 'GET',
      path: '/calendar/feeds/:token',
      summary: 'The calendar behind a secret address (`<secret>.ics`); titles that not everybody may read are left out',
      public: true,
      params: tokenParams,
      media: CALENDAR,
      answers: z.string(),
      handle: async ({ params, actor: { requestId } }) => {
        const opened = await feedByToken(deps.pool, params.token)
        if (opened === undefined || !isStillAllowed(opened, requestId)) return err(refuse('not_found'))
        return ok(calendarAnswer(await feedText(deps, opened)))
      },
    }),
    route({
      method: 'GET',
      path: '/meetings/:id/ics',
      summary: 'One meeting as a calendar file, as far as you may see it',
      params: idParams,
      media: CALENDAR,
      answers: z.string(),
      handle: async ({ actor, params }) => {
        const seen = await meetingById(deps.pool, actor, params.id)
        const found = seen && (await meetingForCalendar(deps.pool, actor.organizationId, params.id))
        if (seen === undefined || found === undefined) return err(refuse('not_found'))
        // Without the right to its content `view` holds none.
        const { title, room } = seen.view
        const entry = {
          ...found,
          occurrences: found.occurrences.filter((one) => can(actor, 'read', occurrenceResource(found, one))),
          isPartial: !can(actor, 'read', seriesResource(found.meeting, found.participants)),
          summary: title ?? BUSY,
          location: room?.name ?? null,
          contentOf: contentOf(found, (resource) => can(actor, 'read_content', resource)),
        }
        return ok(calendarAnswer(meetingCalendar(title ?? BUSY, [entry])))
      },
    }),
  ]
}

/** The right of who made the address is asked every time, by the role that person has now. */
function isStillAllowed({ organizationId, feed, owner }: OpenedFeed, requestId: string): boolean {
  const actor = { organizationId, userId: feed.userId, role: owner.role, sessionId: feed.id, requestId }
  if (!can(actor, 'read', { kind: 'integration', userId: feed.userId })) return false
  return feed.roomId === null || can(actor, 'read', { kind: 'room', roomId: feed.roomId })
}

async function feedText(
  { pool, now }: ApiDeps,
  { organizationId, feed, owner, roomName }: OpenedFeed,
): Promise<string> {
  const window = pullWindow(now())
  if (feed.roomId !== null) {
    return busyCalendar(roomName ?? BUSY, await busyOfRoom(pool, organizationId, feed.roomId, window))
  }
  const meetings = await meetingsOfPerson(pool, organizationId, feed.userId, window)
  const entries = meetings.map((found) => {
    // A secret address is passed on to calendars elsewhere: what is not for the whole organisation does not go out.
    const contentFor = contentOf(found, ({ visibility }) => visibility === 'organization')
    return { ...expectedOf(found, feed.userId), ...contentFor(undefined), contentOf: contentFor }
  })
  return meetingCalendar(`${owner.firstName} ${owner.lastName}`.trim(), entries)
}

/** What goes out of a meeting, or of an occurrence with something of its own. */
function contentOf(
  { meeting, participants, roomName, roomNames }: FeedMeeting,
  isReadable: (resource: ReturnType<typeof seriesResource>) => boolean,
) {
  const series = { meeting, participants }
  return (occurrence: Occurrence | undefined): Content => {
    const resource = occurrence ? occurrenceResource(series, occurrence) : seriesResource(meeting, participants)
    if (!isReadable(resource)) return { summary: BUSY, location: null }
    const look = occurrence === undefined ? meeting : lookOf(series, occurrence)
    const [own] = occurrence?.override?.roomIds ?? []
    const location = occurrence?.override?.roomIds === undefined ? roomName : own && roomNames.get(own)
    return { summary: look.title, location: location ?? null }
  }
}

/** The occurrences this person is expected at; of a series that is not his, these only. */
function expectedOf({ meeting, participants, occurrences }: FeedMeeting, userId: string) {
  const { organizerId } = meeting
  const isIn = busyPeople({ organizerId, participants }).includes(userId)
  const mine = occurrences.filter((occurrence) => {
    if (!hasOwnSeating(occurrence)) return isIn
    return busyPeople({
      organizerId,
      participants: lookOf({ meeting, participants }, occurrence).participants,
    }).includes(userId)
  })
  return { meeting, occurrences: mine, isPartial: !isIn }
}

function calendarAnswer(text: string): Answer {
  const etag = createHash('sha256').update(text).digest('base64url').slice(0, 27)
  return { status: 200, content: { type: CALENDAR, text }, etag }
}
