import { bookMeeting, type Booked } from '../../domain/meetings/book-meeting.ts'
import { cancelMeeting } from '../../domain/meetings/edits/cancel-meeting.ts'
import type { Changed } from '../../domain/meetings/edits/change-command.ts'
import { changeMeeting } from '../../domain/meetings/edits/change-meeting.ts'
import type { OccurrenceView } from '../../domain/meetings/meeting-view.ts'
import { type Conflict, type Refusal, type RefusalCode, type Suggestion, REFUSALS } from '../../domain/refusals.ts'
import type { Result } from '../../domain/result.ts'
import { formatInstant } from '../../domain/time/iso.ts'
import type { ScopeInput } from '../../domain/meetings/edits/edit-scope.ts'
import { restoreMeeting } from '../../domain/meetings/edits/restore-meeting.ts'
import { id, line, version } from '../rest/input.ts'
import { ANY_VERSION, mayBook, meetingsDeps } from '../rest/meetings.ts'
import { bookBody, changeBody, participantInput, restoreBody, scopeQuery } from '../rest/meeting-shapes.ts'
import { parsed, parsedIfGiven, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import { MeetingType, OccurrenceType, ParticipantRoleEnum, StatusEnum, VisibilityEnum } from './meetings.ts'
import { Refused, given } from './refused.ts'

export const ConflictType = builder.objectRef<Conflict>('Conflict').implement({
  description: 'What stands in the way of one resource at one time.',
  fields: (t) => ({
    resourceId: t.exposeID('resourceId'),
    recurrenceId: t.exposeString('recurrenceId', { nullable: true }),
    start: t.field({ type: 'DateTime', resolve: ({ start }) => formatInstant(start) }),
    end: t.field({ type: 'DateTime', resolve: ({ end }) => formatInstant(end) }),
    kind: t.exposeString('kind', { description: 'booking, hold, blackout, rule or external' }),
    detail: t.exposeString('detail', { nullable: true, description: 'Which rule, or why it is shut.' }),
  }),
})

const SuggestionType = builder.objectRef<Suggestion>('Suggestion').implement({
  description: 'A proposal that would work now.',
  fields: (t) => ({
    start: t.field({ type: 'DateTime', resolve: ({ start }) => formatInstant(start) }),
    end: t.field({ type: 'DateTime', resolve: ({ end }) => formatInstant(end) }),
    roomIds: t.exposeIDList('roomIds'),
    score: t.exposeFloat('score'),
    reasons: t.exposeStringList('reasons'),
  }),
})

const AllocationType = builder.objectRef<Booked['allocations'][number]>('Allocation').implement({
  fields: (t) => ({
    allocationId: t.exposeID('allocationId'),
    resourceId: t.exposeID('resourceId'),
    recurrenceId: t.exposeString('recurrenceId'),
  }),
})

const BookedType = builder.objectRef<Booked>('Booked').implement({
  isTypeOf: (value) => 'meeting' in (value as object),
  fields: (t) => ({
    meeting: t.expose('meeting', { type: MeetingType }),
    occurrence: t.field({
      type: OccurrenceType,
      nullable: true,
      description: 'What a plan with scope THIS was about.',
      resolve: ({ meeting }) => ('recurrenceId' in meeting ? (meeting as OccurrenceView) : null),
    }),
    allocations: t.expose('allocations', { type: [AllocationType] }),
    warnings: t.exposeStringList('warnings', { description: 'What was done otherwise than asked.' }),
  }),
})

/** Which refusals of a booking are results; the others are errors. */
const RESULTS: Partial<Record<RefusalCode, string>> = {
  slot_conflict: 'SlotConflict',
  rule_violation: 'RuleViolation',
  capacity: 'RuleViolation',
  stale: 'StalePlan',
  stale_plan: 'StalePlan',
  forbidden: 'NotAllowed',
}

const REFUSAL_TYPES = ['SlotConflict', 'RuleViolation', 'StalePlan', 'NotAllowed'].map((name) =>
  builder.objectRef<Refusal>(name).implement({
    isTypeOf: (value) => RESULTS[(value as Refusal).code] === name,
    fields: (t) => ({
      code: t.exposeString('code'),
      detail: t.string({ resolve: ({ code, detail }) => detail ?? REFUSALS[code] }),
      conflicts: t.field({ type: [ConflictType], resolve: ({ conflicts = [] }) => conflicts }),
      suggestions: t.field({ type: [SuggestionType], resolve: ({ suggestions = [] }) => suggestions }),
    }),
  }),
)

export const BookResult = builder.unionType('BookResult', { types: [BookedType, ...REFUSAL_TYPES] })

/** The booking, or the refusal where it is a result. */
export function bookResultOf(booked: Result<Booked, Refusal>): Booked | Refusal {
  if (booked.ok) return booked.value
  if (RESULTS[booked.error.code] !== undefined) return booked.error
  throw new Refused(booked.error)
}

const ChangedType = builder.objectRef<Changed>('ChangedMeeting').implement({
  fields: (t) => ({
    meeting: t.expose('meeting', {
      type: MeetingType,
      description: 'After a split the new meeting. Of one occurrence, the meeting as that occurrence looks.',
    }),
    occurrence: t.field({
      type: OccurrenceType,
      nullable: true,
      description: 'What scope THIS was about.',
      resolve: ({ meeting }) => ('recurrenceId' in meeting ? meeting : null),
    }),
    warnings: t.exposeStringList('warnings'),
  }),
})

export const ParticipantInput = builder.inputType('ParticipantInput', {
  description: 'Takes either userId or email.',
  fields: (t) => ({ userId: t.id(), email: t.string(), role: t.field({ type: ParticipantRoleEnum }) }),
})
export const RecurrenceInput = builder.inputType('RecurrencePatternInput', {
  fields: (t) => ({ rrule: t.string({ required: true }), exdates: t.stringList(), rdates: t.stringList() }),
})
const OnConflict = builder.enumType('OnConflict', { values: ['reject', 'skip', 'alternate_room'] as const })

export const ScopeEnum = builder.enumType('Scope', {
  description: 'Which occurrences. `this` and `following` take a recurrenceId.',
  values: ['this', 'following', 'all'] as const,
})

export const BookMeetingInput = builder.inputType('BookMeetingInput', {
  fields: (t) => ({
    title: t.string({ required: true }),
    description: t.string(),
    startTime: t.field({ type: 'MeetingTime', required: true }),
    endTime: t.field({ type: 'MeetingTime', required: true }),
    timezone: t.string({ required: true, description: 'IANA name.' }),
    participants: t.field({ type: [ParticipantInput] }),
    roomIds: t.idList(),
    recurrencePattern: t.field({ type: RecurrenceInput }),
    onConflict: t.field({ type: OnConflict }),
    status: t.field({ type: StatusEnum, description: 'tentative or confirmed' }),
    visibility: t.field({ type: VisibilityEnum }),
    metadata: t.field({ type: 'JSON' }),
    allDay: t.boolean(),
  }),
})

export const ChangeMeetingInput = builder.inputType('ChangeMeetingInput', {
  description: 'What is absent stays.',
  fields: (t) => ({
    title: t.string(),
    description: t.string(),
    startTime: t.field({ type: 'MeetingTime' }),
    endTime: t.field({ type: 'MeetingTime' }),
    timezone: t.string(),
    participants: t.field({ type: [ParticipantInput] }),
    roomIds: t.idList(),
    recurrencePattern: t.field({ type: RecurrenceInput, description: 'null makes it a single meeting.' }),
    onConflict: t.field({ type: OnConflict }),
    status: t.field({ type: StatusEnum, description: 'tentative or confirmed' }),
    visibility: t.field({ type: VisibilityEnum }),
    metadata: t.field({ type: 'JSON' }),
    allDay: t.boolean(),
  }),
})

builder.mutationFields((t) => ({
  bookMeeting: t.field({
    type: BookResult,
    nullable: true,
    args: { input: t.arg({ type: BookMeetingInput, required: true }) },
    resolve: async (_, args, context, info) => {
      const forbidden = await mayBook(context.actor)
      if (forbidden !== undefined) return forbidden
      const cmd = parsed(bookBody, args.input)
      return bookResultOf(await bookMeeting(meetingsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
  changeMeeting: t.field({
    type: ChangedType,
    nullable: true,
    description: 'Changes a meeting: one occurrence, one and all that follow (a new meeting), or all.',
    args: {
      id: t.arg.id({ required: true }),
      scope: t.arg({ type: ScopeEnum, description: 'all, unless given' }),
      recurrenceId: t.arg.string(),
      version: t.arg.int({ required: true, description: 'The version you have read.' }),
      input: t.arg({ type: ChangeMeetingInput, required: true }),
    },
    resolve: async (_, args, context, info) => {
      const seen = { ifVersion: undefined, version: parsed(version, args.version) }
      const { version: _version, ...change } = parsed(changeBody, args.input)
      const cmd = { ...change, ...scopeOf(args), meetingId: parsed(id, args.id), seen }
      return given(await changeMeeting(meetingsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
  cancelMeeting: t.field({
    type: ChangedType,
    nullable: true,
    description: 'Cancels a meeting, one occurrence, or one and all that follow; it stays readable.',
    args: {
      id: t.arg.id({ required: true }),
      scope: t.arg({ type: ScopeEnum, description: 'all, unless given' }),
      recurrenceId: t.arg.string(),
      version: t.arg.int(),
      reason: t.arg.string(),
    },
    resolve: async (_, args, context, info) => {
      const ifVersion = parsedIfGiven(version, args.version)
      const reason = parsedIfGiven(line(500), args.reason)
      const cmd = { meetingId: parsed(id, args.id), ifVersion, reason, ...scopeOf(args) }
      return given(await cancelMeeting(meetingsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
  restoreMeeting: t.field({
    type: ChangedType,
    nullable: true,
    description: 'Brings back a cancelled meeting, or one cancelled occurrence, with its rooms if they are still free.',
    args: { id: t.arg.id({ required: true }), recurrenceId: t.arg.string(), version: t.arg.int() },
    resolve: async (_, args, context, info) => {
      const ifVersion = parsedIfGiven(version, args.version)
      const { recurrenceId } = parsed(restoreBody, withoutNulls({ recurrenceId: args.recurrenceId }))
      const cmd = { meetingId: parsed(id, args.id), ifVersion, recurrenceId }
      return given(await restoreMeeting(meetingsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
  inviteParticipant: t.field({
    type: ChangedType,
    nullable: true,
    description: 'Invites one more person to every occurrence, or to one.',
    args: {
      meetingId: t.arg.id({ required: true }),
      recurrenceId: t.arg.string(),
      version: t.arg.int({ description: 'The version you have read, if that matters.' }),
      participant: t.arg({ type: ParticipantInput, required: true }),
    },
    resolve: async (_, args, context, info) => {
      const read = parsedIfGiven(version, args.version)
      const seen = read === undefined ? ANY_VERSION : { ifVersion: undefined, version: read }
      const invite = parsed(participantInput, args.participant)
      const { recurrenceId = null } = args
      const scope = recurrenceId === null ? {} : scopeOf({ scope: 'this', recurrenceId })
      const cmd = { meetingId: parsed(id, args.meetingId), seen, invite, onConflict: 'reject', ...scope } as const
      return given(await changeMeeting(meetingsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
}))

function scopeOf({
  scope,
  recurrenceId,
}: {
  scope?: string | null | undefined
  recurrenceId?: string | null | undefined
}): ScopeInput {
  return parsed(scopeQuery, withoutNulls({ scope, recurrenceId }))
}
