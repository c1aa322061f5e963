import { z } from 'zod'
import { id, line } from './input.ts'

/** Longer than any honest secret address. */
const MAX_URL = 2_000

/** By provider, each with what it takes to reach it. */
export const integrateBody = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('ics'),
    url: z.string().trim().min(1).max(MAX_URL),
    name: line(100).optional(),
  }),
])

export const feedBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person') }),
  z.strictObject({ kind: z.literal('room'), roomId: id }),
])

const instant = z.iso.datetime()
const status = z.enum(['ok', 'stale', 'failing', 'never'])

export const integrationAnswer = z.object({
  id: z.uuid(),
  provider: z.literal('ics'),
  name: z.string(),
  host: z.string(),
  status,
  freshAsOf: instant.nullable(),
  createdAt: instant,
})

export const healthAnswer = z.object({
  status,
  lastSuccessAt: instant.nullable(),
  lastAttemptAt: instant.nullable(),
  nextAttemptAt: instant,
  freshAsOf: instant.nullable(),
  lagSeconds: z.int().nullable(),
  lastError: z.object({ code: z.string(), detail: z.string().optional() }).nullable(),
  events: z.int(),
  poison: z.array(z.object({ uid: z.string().optional(), line: z.int().optional(), reason: z.string() })),
})

export const feedAnswer = z.object({
  id: z.uuid(),
  kind: z.enum(['person', 'room']),
  roomId: z.uuid().nullable(),
  createdAt: instant,
})

const shared = {
  id: z.string(),
  title: z.string().nullable(),
  start: instant,
  end: instant,
  allDay: z.boolean(),
  busy: z.boolean(),
  status: z.enum(['tentative', 'pending', 'confirmed', 'cancelled', 'conflicted']),
  freshAsOf: instant.nullable(),
}

export const calendarEventAnswer = z.discriminatedUnion('source', [
  z.object({
    source: z.literal('meeting'),
    origin: z.object({ meetingId: z.uuid(), recurrenceId: z.string() }),
    ...shared,
  }),
  z.object({
    source: z.literal('external'),
    origin: z.object({
      integrationId: z.uuid(),
      provider: z.literal('ics'),
      uid: z.string(),
      recurrenceId: z.string(),
    }),
    ...shared,
  }),
])
