import { z } from 'zod'
import { createPlansStore } from '../../db/meetings/plans.ts'
import {
  type Planned,
  type PlansDeps,
  type Subject,
  commitPlan,
  previewPlan,
} from '../../domain/meetings/plans/commit-plan.ts'
import type { Verdict } from '../../domain/meetings/plans/preview.ts'
import type { ProposedRepair } from '../../domain/meetings/plans/repairs.ts'
import { ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { spanned } from '../problems.ts'
import { id } from './input.ts'
import {
  bookBody,
  bookedAnswer,
  changeBody,
  changedMeetingAnswer,
  conflictAnswer,
  recurrenceId,
} from './meeting-shapes.ts'
import { mayBook } from './meetings.ts'
import { type Route, route } from './route.ts'

/** More would not be looked at one by one. */
const MAX_CHOICES = 2_000

/** Either a meeting as `POST /meetings` takes it, or a change of one as `PATCH /meetings/:id` takes it. */
export const previewBody = z.union([
  z
    .strictObject({
      meetingId: id,
      scope: z.enum(['this', 'following', 'all']).optional(),
      recurrenceId: recurrenceId.optional(),
      change: changeBody.omit({ version: true }),
    })
    .transform(({ change, ...target }): Subject => ({ kind: 'change', cmd: { ...change, ...target } })),
  bookBody.transform((cmd): Subject => ({ kind: 'book', cmd })),
])

/** `repairs`: none, the suggested ones (also when absent), or of each occurrence the kind that was chosen. */
export const commitBody = z
  .strictObject({
    planId: id,
    repairs: z
      .union([
        z.enum(['none', 'suggested']),
        z
          .record(recurrenceId, z.enum(['other_room', 'other_time', 'skip']))
          .refine((choices) => Object.keys(choices).length <= MAX_CHOICES, 'holds too many'),
      ])
      .default('suggested'),
  })
  .transform(({ planId, repairs }) => {
    return { planId, repairs: typeof repairs === 'string' ? repairs : new Map(Object.entries(repairs)) }
  })

const repairAnswer = z.object({
  kind: z.enum(['other_room', 'other_time', 'skip']),
  roomIds: z.array(z.uuid()).optional(),
  start: z.iso.datetime().optional(),
  end: z.iso.datetime().optional(),
  reasons: z.array(z.string()),
})

const planAnswer = z.object({
  planId: z.uuid(),
  expiresAt: z.iso.datetime(),
  occurrences: z.array(
    z.object({
      recurrenceId: z.string(),
      start: z.iso.datetime(),
      end: z.iso.datetime(),
      verdict: z.enum(['ok', 'conflict']),
      conflicts: z.array(conflictAnswer),
      repair: repairAnswer.optional(),
      alternatives: z.array(repairAnswer).optional(),
    }),
  ),
  summary: z.object({ occurrences: z.int(), ok: z.int(), conflicts: z.int(), repaired: z.int() }),
})

/** A booking or a change tried without doing it, and done as it was tried. */
export function plansRoutes(deps: ApiDeps): Route[] {
  const plans = plansDeps(deps)
  return [
    route({
      method: 'POST',
      path: '/meetings/preview',
      summary:
        'What a booking, or a change of a meeting, would meet: a verdict for each occurrence, and repairs that work',
      body: previewBody,
      answers: planAnswer,
      locate: mayBook,
      handle: async ({ actor, body }) => {
        const planned = await previewPlan(plans, actor, body)
        return planned.ok ? ok({ status: 200, body: planView(planned.value) }) : planned
      },
    }),
    route({
      method: 'POST',
      path: '/meetings/commit',
      summary: 'Do what was previewed, with its repairs; 409 `stale_plan` when that is not possible any more',
      body: commitBody,
      answers: z.union([bookedAnswer, changedMeetingAnswer]),
      locate: mayBook,
      handle: async ({ actor, body }) => {
        const committed = await commitPlan(plans, actor, body)
        if (!committed.ok) return committed
        const { kind, value } = committed.value
        const { etag, meeting, warnings } = value
        const location = `/meetings/${meeting.id}`
        if (kind === 'book') {
          const { allocations } = committed.value.value
          return ok({ status: 201, body: { meeting, allocations, warnings }, etag, location })
        }
        const answer = warnings.length === 0 ? meeting : { ...meeting, warnings }
        return ok({ status: committed.value.value.isNew ? 201 : 200, body: answer, etag, location })
      },
    }),
  ]
}

export function plansDeps(deps: ApiDeps): PlansDeps {
  return { ...deps, ...createPlansStore(deps) }
}

export function planView({ planId, expiresAt, verdicts, suggested }: Planned) {
  return {
    planId,
    expiresAt: formatInstant(expiresAt),
    occurrences: verdicts.map((verdict) => occurrenceOf(verdict, suggested.has(verdict.recurrenceId))),
    summary: planSummary({ verdicts, suggested }),
  }
}

/** How many occurrences there are, and of how many it is true. */
export function planSummary({ verdicts, suggested }: Pick<Planned, 'verdicts' | 'suggested'>) {
  const broken = verdicts.filter(({ conflicts }) => conflicts.length > 0).length
  const occurrences = verdicts.length
  return { occurrences, ok: occurrences - broken, conflicts: broken, repaired: suggested.size }
}

function occurrenceOf({ recurrenceId: of, start, end, conflicts, repairs }: Verdict, isSuggested: boolean) {
  const [first, ...others] = repairs.map(repairOf)
  return {
    recurrenceId: of,
    start: formatInstant(start),
    end: formatInstant(end),
    verdict: conflicts.length === 0 ? ('ok' as const) : ('conflict' as const),
    conflicts: conflicts.map(spanned),
    ...(isSuggested && first && { repair: first, ...(others.length > 0 && { alternatives: others }) }),
  }
}

function repairOf(repair: ProposedRepair): object {
  return repair.kind === 'other_time' ? spanned(repair) : repair
}
