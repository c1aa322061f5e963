import { z } from 'zod'
import { type HistoryEntry, type Named, meetingHistory } from '../../db/meetings/history.ts'
import type { MeetingView, OccurrenceView } from '../../domain/meetings/meeting-view.ts'
import { type Responded, respond } from '../../domain/meetings/respond.ts'
import { refuse } from '../../domain/refusals.ts'
import { id, version } from '../rest/input.ts'
import { historyEntryView, respondBody } from '../rest/meeting-answers.ts'
import { meetingsDeps } from '../rest/meetings.ts'
import { parsed, parsedIfGiven, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import { DEFAULT_PAGE, connect, connectionOf } from './connection.ts'
import { MeetingType, OccurrenceType } from './meetings.ts'
import { Refused, given } from './refused.ts'

/** What people say to a meeting, and what became of it. */

const AnswerEnum = builder.enumType('InvitationAnswer', { values: ['accepted', 'tentative', 'declined'] as const })

const RespondedType = builder.objectRef<Responded>('Responded').implement({
  description: 'What was answered, as it is then: the meeting as such, or one occurrence.',
  fields: (t) => ({
    meeting: t.field({
      type: MeetingType,
      nullable: true,
      resolve: ({ meeting }) => (isOccurrence(meeting) ? null : meeting),
    }),
    occurrence: t.field({
      type: OccurrenceType,
      nullable: true,
      resolve: ({ meeting }) => (isOccurrence(meeting) ? meeting : null),
    }),
  }),
})

function isOccurrence(view: MeetingView | OccurrenceView): view is OccurrenceView {
  return 'recurrenceId' in view
}

builder.mutationFields((t) => ({
  respond: t.field({
    type: RespondedType,
    nullable: true,
    description: 'Answers an invitation: to the meeting as such, or to one occurrence by its recurrenceId.',
    args: {
      meetingId: t.arg.id({ required: true }),
      response: t.arg({ type: AnswerEnum, required: true }),
      comment: t.arg.string(),
      recurrenceId: t.arg.string(),
      version: t.arg.int({ description: 'The version you have read, if that matters.' }),
    },
    resolve: async (_, args, context, info) => {
      const { meetingId, version: seen, ...said } = args
      const { scope: _scope, ...body } = parsed(respondBody, withoutNulls(said))
      const ifVersion = parsedIfGiven(version, seen)
      const cmd = { ...body, meetingId: parsed(id, meetingId), ifVersion }
      return given(await respond(meetingsDeps(context.deps), actorOf(context, args, info), cmd))
    },
  }),
}))

type EntryView = ReturnType<typeof historyEntryView>

const PersonNamed = builder.objectRef<Named>('PersonNamed').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name', { nullable: true, description: 'Null for who may not see people.' }),
  }),
})

const HistoryEntryType = builder.objectRef<EntryView>('HistoryEntry').implement({
  description: 'What one command made of a meeting.',
  fields: (t) => ({
    id: t.exposeID('id'),
    at: t.expose('at', { type: 'DateTime' }),
    actor: t.expose('actor', { type: PersonNamed }),
    onBehalfOf: t.expose('onBehalfOf', {
      type: PersonNamed,
      nullable: true,
      description: 'In whose name a delegate acted.',
    }),
    action: t.exposeString('action'),
    scope: t.exposeString('scope', { description: 'this, following or all' }),
    recurrenceId: t.exposeString('recurrenceId', { nullable: true }),
    version: t.exposeInt('version', { description: 'Of the meeting after it.' }),
    changes: t.field({
      type: 'JSON',
      description: 'By property: { before, after }; of the description only that it changed.',
      resolve: (entry) => entry.changes,
    }),
  }),
})

const HistoryConnection = connectionOf('HistoryEntry', HistoryEntryType)

builder.queryFields((t) => ({
  meetingHistory: t.field({
    type: HistoryConnection,
    nullable: true,
    description: 'What became of a meeting, the newest first and the booking last.',
    args: {
      meetingId: t.arg.id({ required: true }),
      first: t.arg.int({ required: true, defaultValue: DEFAULT_PAGE }),
      after: t.arg.string(),
    },
    resolve: (_, { meetingId, first, after }, { deps, actor }) => {
      const of = parsed(id, meetingId)
      return connect(
        { first, after },
        {
          key: z.tuple([z.uuid()]),
          keyOf: (entry: HistoryEntry) => [entry.id],
          view: historyEntryView,
          read: async ({ limit, after: last }) => {
            const found = await meetingHistory(deps.pool, actor, of, { limit, before: last?.[0] })
            if (typeof found === 'object') return found
            throw new Refused(refuse(found === 'hidden' ? 'not_found' : 'forbidden'))
          },
        },
      )
    },
  }),
}))
