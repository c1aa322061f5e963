import { z } from 'zod'
import type { Entry } from '../../db/availability/entries.ts'
import type { CalendarFreshness } from '../../db/availability/people-time.ts'
import { FREE_BUSY_KINDS } from '../../db/availability/queries.ts'
import { BOUNDS } from '../../domain/meetings/meeting.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { type Instant, type Interval, DAY_MS, MINUTE_MS } from '../../domain/time/instant.ts'
import { id, listed, pageQuery } from './input.ts'
import { pageOf, windowQuery } from './meeting-shapes.ts'

/** Availability on the wire, in and out. */

/** People in one question: a department. Their ids fill half of what Node takes as a request's head. */
const MAX_PEOPLE = 200
/** Days of all people and rooms together: 200 of them over a quarter. What is read and answered grows with it. */
const MAX_SUBJECT_DAYS = 20_000
/** More than any person's horizon. */
const MAX_DAYS = 750

/** The same twice is once. */
function idsQuery(most: number, what: string) {
  return listed
    .pipe(z.array(id))
    .transform((ids) => [...new Set(ids)])
    .refine((ids) => ids.length <= most, { message: `names at most ${most} ${what}`, params: { code: 'too_large' } })
}

const userIds = idsQuery(MAX_PEOPLE, 'people').default([])
const roomIds = idsQuery(BOUNDS.rooms, 'rooms').default([])

export const subjectsQuery = z
  .strictObject({ userIds, roomIds, ...windowQuery })
  .refine((asked) => asked.userIds.length + asked.roomIds.length > 0, 'needs userIds or roomIds')

export const calendarQuery = z.strictObject({ ...windowQuery, ...pageQuery })

export const availabilityQuery = z
  .strictObject({
    userIds,
    optionalIds: idsQuery(MAX_PEOPLE, 'people').default([]),
    roomIds,
    durationMinutes: z.coerce
      .number()
      .int()
      .min(1)
      .max(BOUNDS.durationMs / MINUTE_MS),
    granularityMinutes: z.coerce.number().int().min(1).max(1_440).default(15),
    quorum: z.coerce.number().int().min(1).max(MAX_PEOPLE).optional(),
    ...windowQuery,
    ...pageQuery,
  })
  .transform((asked) => {
    const required = new Set(asked.userIds)
    return { ...asked, optionalIds: asked.optionalIds.filter((one) => !required.has(one)) }
  })
  .refine(
    (asked) => asked.userIds.length + asked.optionalIds.length + asked.roomIds.length > 0,
    'needs userIds, optionalIds or roomIds',
  )
  .refine((asked) => asked.userIds.length + asked.optionalIds.length <= MAX_PEOPLE, {
    message: `names at most ${MAX_PEOPLE} people`,
    params: { code: 'too_large' },
  })

const instant = z.iso.datetime()
const span = { start: instant, end: instant }
const source = z.object({
  kind: z.enum(['meetings', 'calendar']),
  userId: z.uuid().optional(),
  freshAsOf: instant.nullable(),
})
const sources = z.array(source)
const subject = { userId: z.uuid().optional(), roomId: z.uuid().optional(), timezone: z.string().optional() }
export const entryAnswer = z.object({
  id: z.uuid(),
  kind: z.enum(['meeting', 'external', 'absence', 'hold', 'blackout']),
  ...span,
  status: z.enum(['tentative', 'pending', 'confirmed', 'cancelled', 'conflicted']),
  response: z.enum(['needs_action', 'accepted', 'tentative', 'declined']).optional(),
  allDay: z.boolean(),
  busy: z.boolean(),
  meetingId: z.uuid().optional(),
  recurrenceId: z.string().optional(),
  title: z.string().optional(),
})

const block = z.object({ ...span, status: z.enum(FREE_BUSY_KINDS) })
export const freeBusyAnswer = z.object({
  from: instant,
  to: instant,
  items: z.array(z.object({ ...subject, busy: z.array(block) })),
  sources,
})

const overlayItem = z.object({ ...subject, working: z.array(z.object(span)).optional(), items: z.array(entryAnswer) })
export const overlayAnswer = z.object({ from: instant, to: instant, items: z.array(overlayItem), sources })

export const calendarAnswer = z.object({ ...pageOf(entryAnswer).shape, items: z.array(entryAnswer), sources })

export const slotAnswer = z.object({ ...span, attending: z.array(z.uuid()).optional() })
export const availabilityAnswer = z.object({
  ...pageOf(slotAnswer).shape,
  items: z.array(slotAnswer),
  from: instant,
  to: instant,
  sources,
})

/** The first refusal that such a window earns, for so many people and rooms. */
export function windowRefusal({ start, end }: Interval, subjects: number): Refusal | undefined {
  if (end <= start) {
    return refuse('invalid_time', '/query/to must be after from.', {
      errors: [{ pointer: '/query/to', detail: 'must be after from' }],
    })
  }
  const days = (end - start) / DAY_MS
  if (days > MAX_DAYS) return refuse('too_large', `A window is at most ${MAX_DAYS} days long.`)
  if (days * subjects <= MAX_SUBJECT_DAYS) return undefined
  return refuse('too_large', `Days times people and rooms are at most ${MAX_SUBJECT_DAYS}.`)
}

/** How fresh what was answered is: our own meetings are as of the reading. */
export function sourcesView(calendars: readonly CalendarFreshness[], now: Instant): z.output<typeof sources> {
  return [
    { kind: 'meetings', freshAsOf: formatInstant(now) },
    ...calendars.map(({ userId, freshAsOf }) => ({
      kind: 'calendar' as const,
      userId,
      freshAsOf: freshAsOf === null ? null : formatInstant(freshAsOf),
    })),
  ]
}

export function entryView({ id: entryId, kind, start, end, status, response, allDay, busy, content }: Entry) {
  return {
    id: entryId,
    kind,
    ...spanView({ start, end }),
    status,
    ...(response !== undefined && { response }),
    allDay,
    busy,
    ...content,
  }
}

export function spanView({ start, end }: Interval) {
  return { start: formatInstant(start), end: formatInstant(end) }
}
