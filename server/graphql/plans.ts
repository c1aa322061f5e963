import { type Committed, type Planned, commitPlan, previewPlan } from '../../domain/meetings/plans/commit-plan.ts'
import type { Verdict } from '../../domain/meetings/plans/preview.ts'
import type { ProposedRepair } from '../../domain/meetings/plans/repairs.ts'
import { refuse } from '../../domain/refusals.ts'
import { ok } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import { mayBook } from '../rest/meetings.ts'
import { commitBody, planSummary, plansDeps, previewBody } from '../rest/plans.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import {
  BookMeetingInput,
  BookResult,
  ChangeMeetingInput,
  ConflictType,
  ScopeEnum,
  bookResultOf,
} from './meeting-commands.ts'
import { Refused, given } from './refused.ts'

/** A booking or a change tried without doing it, and done as it was tried. */

const RepairKindEnum = builder.enumType('RepairKind', { values: ['other_room', 'other_time', 'skip'] as const })

const RepairType = builder.objectRef<ProposedRepair>('Repair').implement({
  description: 'What would work instead for one occurrence.',
  fields: (t) => ({
    kind: t.expose('kind', { type: RepairKindEnum }),
    roomIds: t.idList({
      nullable: true,
      description: 'Of other_room: all the rooms it has then.',
      resolve: (repair) => (repair.kind === 'other_room' ? repair.roomIds : null),
    }),
    start: t.field({ type: 'DateTime', nullable: true, resolve: (repair) => timeOf(repair, 'start') }),
    end: t.field({ type: 'DateTime', nullable: true, resolve: (repair) => timeOf(repair, 'end') }),
    reasons: t.exposeStringList('reasons'),
  }),
})

function timeOf(repair: ProposedRepair, edge: 'start' | 'end'): string | null {
  return repair.kind === 'other_time' ? formatInstant(repair[edge]) : null
}

/** A verdict, and whether its first repair is among those that were found to work together. */
interface PlannedVerdict {
  verdict: Verdict
  isSuggested: boolean
}

const VerdictEnum = builder.enumType('Verdict', { values: ['ok', 'conflict'] as const })

const PlannedOccurrenceType = builder.objectRef<PlannedVerdict>('PlannedOccurrence').implement({
  fields: (t) => ({
    recurrenceId: t.string({ resolve: ({ verdict }) => verdict.recurrenceId }),
    start: t.field({ type: 'DateTime', resolve: ({ verdict }) => formatInstant(verdict.start) }),
    end: t.field({ type: 'DateTime', resolve: ({ verdict }) => formatInstant(verdict.end) }),
    verdict: t.field({
      type: VerdictEnum,
      resolve: ({ verdict }) => (verdict.conflicts.length === 0 ? 'ok' : 'conflict'),
    }),
    conflicts: t.field({ type: [ConflictType], resolve: ({ verdict }) => verdict.conflicts }),
    repair: t.field({
      type: RepairType,
      nullable: true,
      description: 'The suggested one.',
      resolve: ({ verdict, isSuggested }) => (isSuggested ? verdict.repairs[0] : null),
    }),
    alternatives: t.field({
      type: [RepairType],
      resolve: ({ verdict, isSuggested }) => (isSuggested ? verdict.repairs.slice(1) : []),
    }),
  }),
})

const PlanSummaryType = builder.objectRef<ReturnType<typeof planSummary>>('PlanSummary').implement({
  description: 'How many occurrences there are, and of how many it is true.',
  fields: (t) => ({
    occurrences: t.exposeInt('occurrences'),
    ok: t.exposeInt('ok'),
    conflicts: t.exposeInt('conflicts'),
    repaired: t.exposeInt('repaired'),
  }),
})

const PlanType = builder.objectRef<Planned>('MeetingPlan').implement({
  description: 'What a booking or a change would meet; kept for commitMeeting until expiresAt.',
  fields: (t) => ({
    planId: t.exposeID('planId'),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => formatInstant(expiresAt) }),
    occurrences: t.field({
      type: [PlannedOccurrenceType],
      resolve: ({ verdicts, suggested }) =>
        verdicts.map((verdict) => ({ verdict, isSuggested: suggested.has(verdict.recurrenceId) })),
    }),
    summary: t.field({ type: PlanSummaryType, resolve: planSummary }),
  }),
})

const PlannedChangeInput = builder.inputType('PlannedChangeInput', {
  fields: (t) => ({
    meetingId: t.id({ required: true }),
    scope: t.field({ type: ScopeEnum, description: 'all, unless given' }),
    recurrenceId: t.string(),
    change: t.field({ type: ChangeMeetingInput, required: true }),
  }),
})

const RepairsEnum = builder.enumType('PlanRepairs', { values: ['none', 'suggested'] as const })

const RepairChoiceInput = builder.inputType('RepairChoiceInput', {
  fields: (t) => ({
    recurrenceId: t.string({ required: true }),
    kind: t.field({ type: RepairKindEnum, required: true }),
  }),
})

builder.mutationFields((t) => ({
  previewMeeting: t.field({
    type: PlanType,
    nullable: true,
    description:
      'What a booking, or a change of a meeting, would meet: a verdict for each occurrence, and repairs that work. Takes either.',
    args: { book: t.arg({ type: BookMeetingInput }), change: t.arg({ type: PlannedChangeInput }) },
    resolve: async (_, args, context, info) => {
      const forbidden = args.change ? undefined : await mayBook(context.actor)
      if (forbidden !== undefined) throw new Refused(forbidden)
      const subject = parsed(previewBody, subjectOf(args))
      return given(await previewPlan(plansDeps(context.deps), actorOf(context, args, info), subject))
    },
  }),
  commitMeeting: t.field({
    type: BookResult,
    nullable: true,
    description:
      'Does what was previewed, with its repairs; StalePlan when that is not possible any more. Of a change, the meeting as it is then.',
    args: {
      planId: t.arg.id({ required: true }),
      repairs: t.arg({ type: RepairsEnum, description: 'suggested, unless given' }),
      choices: t.arg({ type: [RepairChoiceInput], description: 'In place of `repairs`: these, and no others.' }),
    },
    resolve: async (_, args, context, info) => {
      const cmd = parsed(commitBody, withoutNulls({ planId: args.planId, repairs: repairsOf(args) }))
      const committed = await commitPlan(plansDeps(context.deps), actorOf(context, args, info), cmd)
      return bookResultOf(committed.ok ? ok(bookedOf(committed.value)) : committed)
    },
  }),
}))

function subjectOf({ book, change }: { book?: object | null | undefined; change?: object | null | undefined }) {
  if ((book ?? undefined) === undefined) return change ? withoutNulls(change) : {}
  if (!change) return book
  throw new Refused(refuse('invalid_input', 'Takes either book or change.'))
}

interface Repairing {
  repairs?: 'none' | 'suggested' | null | undefined
  choices?: readonly { recurrenceId: string; kind: string }[] | null | undefined
}

function repairsOf({ repairs, choices }: Repairing) {
  if (!choices) return repairs
  const chosen = new Map(choices.map(({ recurrenceId, kind }) => [recurrenceId, kind]))
  if (chosen.size === choices.length && !repairs) return Object.fromEntries(chosen)
  throw new Refused(refuse('invalid_input', 'Takes either repairs or choices, one for each occurrence.'))
}

/** A change claims what it needs without saying it. */
function bookedOf({ kind, value }: Committed) {
  return kind === 'book' ? value : { ...value, allocations: [] }
}
