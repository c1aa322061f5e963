import { z } from 'zod'
import { type FoundSuggestions, type SuggestionsWanted, suggestionsFor } from '../../db/availability/suggestions.ts'
import { tooLarge } from '../../domain/availability/suggestions/candidates.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { BOUNDS } from '../../domain/meetings/meeting.ts'
import { parseRule } from '../../domain/recurrence/parse-rule.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { MINUTE_MS } from '../../domain/time/instant.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { freeBusyAnswer, sourcesView } from './availability-shapes.ts'
import { id, instant, line, timezone } from './input.ts'
import { mayBook } from './meetings.ts'
import { recurrencePattern } from './meeting-shapes.ts'
import { type Route, route } from './route.ts'

const MAX_GROUPS = 10
/** A department. */
const MAX_PEOPLE = 200
const MAX_LIMIT = 500

const userIds = z.array(id).max(MAX_PEOPLE)
const group = z.union([
  z.strictObject({ kOf: z.int().min(1).max(MAX_PEOPLE), userIds: userIds.min(1) }),
  z.strictObject({ allOf: userIds.min(1) }),
])
const rooms = z.strictObject({
  anyOf: z.array(id).min(1).max(BOUNDS.rooms).optional(),
  capacity: z.int().min(1).max(10_000).default(1),
  equipment: z.array(line(100)).max(100).default([]),
  floorId: id.optional(),
  count: z.int().min(1).max(BOUNDS.rooms).default(1),
})

export const suggestionsBody = z
  .strictObject({
    durationMinutes: z
      .int()
      .min(1)
      .max(BOUNDS.durationMs / MINUTE_MS),
    window: z.strictObject({ from: instant, to: instant }),
    timezone: timezone.optional(),
    required: userIds.default([]),
    optional: userIds.default([]),
    groups: z.array(group).max(MAX_GROUPS).default([]),
    rooms: rooms.optional(),
    /** True: people are asked at any hour, as if they were always at work. */
    outsideWorkingHours: z.boolean().default(false),
    granularityMinutes: z.int().min(1).max(1_440).default(15),
    limit: z.int().min(1).max(MAX_LIMIT).default(10),
    recurrencePattern: recurrencePattern.nullable().default(null),
  })
  .transform(
    ({ window, required, groups, rooms: asked, recurrencePattern: recurrence, ...rest }): SuggestionsWanted => ({
      ...rest,
      window: { start: window.from, end: window.to },
      required: [...required, ...groups.flatMap((one) => ('allOf' in one ? one.allOf : []))],
      quorums: groups.flatMap((one, i) => ('kOf' in one ? [{ group: i, k: one.kOf, userIds: one.userIds }] : [])),
      rooms: asked ?? null,
      recurrence,
    }),
  )

const share = z.number().min(0).max(1)
const slot = z.object({
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  roomIds: z.array(z.uuid()),
  score: share,
  attendance: z.object({ present: z.array(z.uuid()), absent: z.array(z.uuid()) }),
  reasons: z.array(z.string()),
  parts: z.object({
    attendance: share,
    comfort: share,
    fairness: share,
    fragmentation: share,
    soonness: share,
    roomFit: share,
  }),
})
const blocker = z.object({
  kind: z.enum(['person', 'group', 'rooms', 'recurrence', 'window']),
  userId: z.uuid().optional(),
  group: z.int().optional(),
  roomId: z.uuid().optional(),
  sentence: z.string(),
})
const relaxation = z.object({
  change: z.object({ kind: z.string() }).loose(),
  slots: z.int(),
  sentence: z.string(),
})
export const suggestionsAnswer = z.object({
  slots: z.array(slot),
  total: z.int(),
  blocking: z.array(blocker).optional(),
  relaxations: z.array(relaxation).optional(),
  sources: freeBusyAnswer.shape.sources,
})

export function suggestionsRoutes(deps: ApiDeps): Route[] {
  return [
    route({
      method: 'POST',
      path: '/calendar/suggestions',
      summary:
        'The best slots, each with its reasons; a wider window loses none, but may push one behind `limit`. Where nothing fits: why, and the smallest changes that help',
      body: suggestionsBody,
      answers: suggestionsAnswer,
      locate: mayBook,
      handle: async ({ actor, body }) => {
        const found = await suggestionsView(deps, actor, body)
        return found.ok ? ok({ status: 200, body: found.value }) : found
      },
    }),
  ]
}

/** Refuses with `forbidden` who may book nothing, and with `unknown_reference` whom or what the viewer may not know of. */
export async function suggestionsView(
  deps: ApiDeps,
  actor: Actor,
  wanted: SuggestionsWanted,
): Promise<Result<z.output<typeof suggestionsAnswer>, Refusal>> {
  const refused = (await mayBook(actor)) ?? refusalOf(wanted)
  if (refused !== undefined) return err(refused)
  const named = [...wanted.required, ...wanted.optional, ...wanted.quorums.flatMap((quorum) => quorum.userIds)]
  const isOpen = named.every((userId) => can(actor, 'read', { kind: 'user', userId }))
  const now = deps.now()
  const found = isOpen ? await suggestionsFor(deps.pool, actor, wanted, now) : undefined
  if (found === undefined)
    return err(refuse('unknown_reference', 'A person or room that is named is not in this organisation.'))
  return ok(viewOf(found, sourcesView(found.calendars, now)))
}

function refusalOf({ window, granularityMinutes, recurrence, required, optional, quorums }: SuggestionsWanted) {
  if (window.end <= window.start) {
    const detail = 'must be after from'
    return refuse('invalid_time', `/window/to ${detail}.`, { errors: [{ pointer: '/window/to', detail }] })
  }
  const people = new Set([...required, ...optional, ...quorums.flatMap(({ userIds: ids }) => ids)]).size
  if (people > MAX_PEOPLE) return refuse('too_large', `Suggestions are made for at most ${MAX_PEOPLE} people.`)
  const large = tooLarge(window, granularityMinutes, recurrence !== null)
  if (large !== undefined) return refuse('too_large', large)
  const rule = recurrence && parseRule(recurrence.rrule)
  return rule?.ok === false ? rule.error : undefined
}

function viewOf({ slots, total, explanation }: FoundSuggestions, sources: ReturnType<typeof sourcesView>) {
  return {
    slots: slots.map((one) => ({ ...one, start: formatInstant(one.start), end: formatInstant(one.end) })),
    total,
    ...(explanation && {
      blocking: explanation.blocking,
      relaxations: explanation.relaxations.map(({ change, ...rest }) => ({
        ...rest,
        change: change.kind === 'wider_window' ? { ...change, to: formatInstant(change.to) } : change,
      })),
    }),
    sources,
  }
}
