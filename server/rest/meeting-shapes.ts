import { z } from 'zod'
import { BOUNDS } from '../../domain/meetings/meeting.ts'
import type { BookMeeting } from '../../domain/meetings/book-meeting.ts'
import type { ChangeMeeting } from '../../domain/meetings/edits/change-command.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { type Instant, type Interval, DAY_MS, plus } from '../../domain/time/instant.ts'
import type { ApiDeps } from '../deps.ts'
import { email, id, instant, line, metadata, text, timeInput, timezone, version } from './input.ts'

/** Meetings on the wire, in and out (CONTRACT.md, Shapes). */

const NAMES_ONE = 'takes either userId or email'

export const participantInput = z
  .strictObject({
    userId: id.optional(),
    email: email.optional(),
    role: z.enum(['required', 'optional', 'chair']).optional(),
  })
  .refine(namesOne, NAMES_ONE)

const localTimes = z.array(z.string().max(15)).max(1_000)
export const recurrencePattern = z.strictObject({
  // Longer than any accepted rule: the rule's own parser says which part is wrong.
  rrule: z.string().max(2_000),
  exdates: localTimes.optional(),
  rdates: localTimes.optional(),
})

const fields = {
  title: line(500),
  description: text(20_000),
  startTime: timeInput,
  endTime: timeInput,
  timezone,
  participants: bounded(participantInput, BOUNDS.participants, 'participants'),
  roomIds: bounded(id, BOUNDS.rooms, 'rooms'),
  recurrencePattern: recurrencePattern.nullable(),
  onConflict: z.enum(['reject', 'skip', 'alternate_room']).default('reject'),
  status: z.enum(['tentative', 'confirmed']),
  visibility: z.enum(['organization', 'participants', 'busy_only']),
  metadata,
  allDay: z.boolean(),
}

const defaults = {
  ...fields,
  description: fields.description.default(''),
  participants: fields.participants.default([]),
  roomIds: fields.roomIds.default([]),
  recurrencePattern: fields.recurrencePattern.default(null),
  status: fields.status.default('confirmed'),
  visibility: fields.visibility.default('organization'),
  metadata: metadata.default({}),
  allDay: fields.allDay.default(false),
}

export const bookBody = z.strictObject(defaults).transform(asCommand)
const { roomIds: _, ...withoutRooms } = defaults
/** `POST /rooms/:id/book`: the same, the room comes from the path. */
export const bookRoomBody = z.strictObject(withoutRooms).transform((body) => asCommand({ ...body, roomIds: [] }))

/** `POST /holds/:id/convert`: time, rooms and people come from the hold. */
export const heldBookBody = z
  .strictObject(withoutRooms)
  .omit({ startTime: true, endTime: true, recurrencePattern: true, onConflict: true })

export const changeBody = z.strictObject({
  ...z.strictObject(fields).partial().shape,
  onConflict: fields.onConflict,
  version: version.optional(),
}) satisfies z.ZodType<Omit<ChangeMeeting, 'meetingId' | 'seen'>>

/** `20261124T100000`: which occurrence. */
export const recurrenceId = z
  .string()
  .regex(/^\d{8}T\d{6}$/, 'takes the local start its rule gives it, as 20261124T100000')

/** Which occurrences a change is about (CONTRACT.md, Scopes). */
export const scopeQuery = z
  .strictObject({
    scope: z.enum(['this', 'following', 'all']).optional(),
    recurrenceId: recurrenceId.optional(),
  })
  .refine(({ scope = 'all', recurrenceId: one }) => (scope === 'all') === (one === undefined), {
    message: 'goes with scope this and following, which need it',
    path: ['recurrenceId'],
  })

/** One more person, for every occurrence or for one. */
export const inviteBody = z
  .strictObject({ ...participantInput.shape, recurrenceId: recurrenceId.optional() })
  .refine(namesOne, NAMES_ONE)

export const restoreBody = z.strictObject({ recurrenceId: recurrenceId.optional() })

export const meetingAnswer = z.object({
  id: z.uuid(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  startTime: z.iso.datetime(),
  endTime: z.iso.datetime(),
  timezone: z.string(),
  allDay: z.boolean(),
  isRecurring: z.boolean(),
  splitFrom: z.object({ meetingId: z.uuid(), recurrenceId: z.string() }).nullable(),
  recurrencePattern: z
    .object({ rrule: z.string(), exdates: z.array(z.string()), rdates: z.array(z.string()) })
    .nullable(),
  recurrenceText: z.string().nullable(),
  organizer: z.object({ id: z.uuid(), firstName: z.string(), lastName: z.string() }).nullable(),
  participants: z.array(
    z.object({
      userId: z.uuid().optional(),
      email: z.string().optional(),
      role: z.enum(['required', 'optional', 'chair']),
      response: z.enum(['needs_action', 'accepted', 'tentative', 'declined']),
      comment: z.string().optional(),
    }),
  ),
  room: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  roomIds: z.array(z.uuid()),
  status: z.enum(['tentative', 'pending', 'confirmed', 'cancelled']),
  visibility: fields.visibility,
  metadata: z.record(z.string(), z.json()),
  version,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const occurrenceAnswer = z.object({
  ...meetingAnswer.shape,
  meetingId: z.uuid(),
  recurrenceId: z.string(),
  isException: z.boolean(),
  status: z.enum(['tentative', 'pending', 'confirmed', 'cancelled', 'conflicted']),
})

/** After a change: beside the entity, what was done otherwise than asked. Of one occurrence, the occurrence. */
export const changedMeetingAnswer = z.object({
  ...meetingAnswer.shape,
  ...z.object(occurrenceAnswer.shape).pick({ meetingId: true, recurrenceId: true, isException: true }).partial().shape,
  status: occurrenceAnswer.shape.status,
  warnings: z.array(z.string()).optional(),
})

export const conflictAnswer = z.object({
  resourceId: z.uuid(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  kind: z.enum(['booking', 'hold', 'blackout', 'rule', 'external']),
  detail: z.string().optional(),
})

export const scheduleItemAnswer = z.object({
  allocationId: z.uuid(),
  meetingId: z.uuid().optional(),
  recurrenceId: z.string().optional(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  kind: z.enum(['booking', 'hold']),
  status: z.enum(['tentative', 'pending', 'confirmed', 'cancelled', 'conflicted', 'held']),
  title: z.string().optional(),
  holdId: z.uuid().optional(),
  expiresAt: z.iso.datetime().optional(),
})

export function pageOf(item: z.ZodType) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

export const bookedAnswer = z.object({
  meeting: meetingAnswer,
  allocations: z.array(z.object({ allocationId: z.uuid(), resourceId: z.uuid(), recurrenceId: z.string() })),
  warnings: z.array(z.string()),
})

export const windowQuery = { from: instant.optional(), to: instant.optional() }
export const spanQuery = { startTime: instant, endTime: instant }

const DEFAULT_WINDOW_MS = 90 * DAY_MS

/** Refuses a span that ends before it begins. */
export function spanOf(query: { startTime: Instant; endTime: Instant }): Result<Interval, Refusal> {
  if (query.endTime > query.startTime) return ok({ start: query.startTime, end: query.endTime })
  const detail = 'must be after startTime'
  return err(refuse('invalid_time', `/query/endTime ${detail}.`, { errors: [{ pointer: '/query/endTime', detail }] }))
}

/** `from` is now and `to` 90 days later, unless given. */
export function windowOf(deps: Pick<ApiDeps, 'now'>, query: { from?: Instant | undefined; to?: Instant | undefined }) {
  const from = query.from ?? deps.now()
  return { from, to: query.to ?? plus(from, DEFAULT_WINDOW_MS) }
}

function asCommand({
  startTime,
  endTime,
  recurrencePattern: recurrence,
  ...rest
}: z.output<z.ZodObject<typeof defaults>>): BookMeeting {
  return { ...rest, start: startTime, end: endTime, recurrence }
}

function namesOne(value: { userId?: string | undefined; email?: string | undefined }): boolean {
  return (value.userId === undefined) !== (value.email === undefined)
}

function bounded<T extends z.ZodType>(item: T, most: number, what: string) {
  return z.array(item).refine((list) => list.length <= most, {
    message: `must hold at most ${most} ${what}`,
    params: { code: 'too_large' },
  })
}
