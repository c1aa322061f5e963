import { z } from 'zod'
import { listMeetings, listOccurrences, occurrencesOf } from '../../db/meetings/queries.ts'
import { agendaState } from '../../db/people/agenda.ts'
import { readOnly } from '../../db/transaction.ts'
import type { AgendaEntry } from '../../domain/meetings/meeting-news.ts'
import type { MeetingView, OccurrenceView } from '../../domain/meetings/meeting-view.ts'
import { refuse } from '../../domain/refusals.ts'
import { id, instant } from '../rest/input.ts'
import { meetingKey, occurrenceKey, recurrenceKey, startOf } from '../rest/meetings.ts'
import { windowOf } from '../rest/meeting-shapes.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { DEFAULT_PAGE, connect } from './connection.ts'
import { MeetingConnection, MeetingType, OccurrenceConnection, StatusEnum } from './meetings.ts'
import { Refused, found } from './refused.ts'

export const AgendaEntryType = builder.objectRef<AgendaEntry>('AgendaEntry').implement({
  fields: (t) => ({
    meetingId: t.exposeID('meetingId'),
    recurrenceId: t.exposeString('recurrenceId'),
    title: t.exposeString('title'),
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    status: t.field({ type: StatusEnum, resolve: (entry) => entry.status }),
    meeting: t.field({
      type: MeetingType,
      nullable: true,
      resolve: (entry, _, { load }) => load.meeting.load(entry.meetingId),
    }),
  }),
})

const filter = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  participantId: id.optional(),
  organizerId: id.optional(),
  roomId: id.optional(),
})

builder.queryFields((t) => {
  const window = () => ({
    first: t.arg.int({ required: true, defaultValue: DEFAULT_PAGE }),
    after: t.arg.string(),
    from: t.arg({ type: 'DateTime', description: 'Now, unless given.' }),
    to: t.arg({ type: 'DateTime', description: '90 days after `from`, unless given.' }),
    cancelled: t.arg.boolean({ required: true, defaultValue: false, description: 'The cancelled ones instead.' }),
  })
  const about = () => ({ participantId: t.arg.id(), organizerId: t.arg.id(), roomId: t.arg.id() })
  const statusOf = (cancelled: boolean) => (cancelled ? 'cancelled' : 'live') as 'cancelled' | 'live'
  return {
    meeting: t.field({
      type: MeetingType,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_, args, { load }) => found(load.meeting.load(parsed(id, args.id))),
    }),
    meetings: t.field({
      type: MeetingConnection,
      nullable: true,
      description: 'Meetings and series that have an occurrence in the window, by first start.',
      args: { ...window(), ...about() },
      resolve: (_, { first, after, cancelled, ...args }, { deps, actor }) => {
        const asked = parsed(filter, withoutNulls(args))
        return connect(
          { first, after },
          {
            key: meetingKey,
            keyOf: (meeting: MeetingView) => [startOf(meeting), meeting.id],
            view: (meeting) => meeting,
            read: (page) =>
              listMeetings(deps.pool, actor, {
                ...asked,
                ...windowOf(deps, asked),
                ...page,
                status: statusOf(cancelled),
              }),
          },
        )
      },
    }),
    occurrences: t.field({
      type: OccurrenceConnection,
      nullable: true,
      description: 'Occurrences that overlap the window, by start.',
      args: { ...window(), ...about() },
      resolve: (_, { first, after, cancelled, ...args }, { deps, actor }) => {
        const asked = parsed(filter, withoutNulls(args))
        return connect(
          { first, after },
          {
            key: occurrenceKey,
            keyOf: (occurrence: OccurrenceView) => [startOf(occurrence), occurrence.meetingId, occurrence.recurrenceId],
            view: (occurrence) => occurrence,
            read: (page) =>
              listOccurrences(deps.pool, actor, {
                ...asked,
                ...windowOf(deps, asked),
                ...page,
                status: statusOf(cancelled),
              }),
          },
        )
      },
    }),
    occurrencesOf: t.field({
      type: OccurrenceConnection,
      nullable: true,
      description: 'The occurrences of one meeting in the window.',
      args: { meetingId: t.arg.id({ required: true }), ...window() },
      resolve: (_, { meetingId, first, after, cancelled, ...args }, { deps, actor }) => {
        const span = windowOf(deps, parsed(filter, withoutNulls(args)))
        const of = parsed(id, meetingId)
        return connect(
          { first, after },
          {
            key: z.tuple([recurrenceKey]),
            keyOf: (occurrence: OccurrenceView) => [occurrence.recurrenceId],
            view: (occurrence) => occurrence,
            read: async (page) => {
              const asked = { ...span, status: statusOf(cancelled), limit: page.limit, after: page.after?.[0] }
              const occurrences = await occurrencesOf(deps.pool, actor, of, asked)
              if (occurrences === undefined) throw new Refused(refuse('not_found'))
              return occurrences
            },
          },
        )
      },
    }),
    agenda: t.field({
      type: [AgendaEntryType],
      nullable: true,
      description: 'Seven days of the viewer’s own meetings.',
      resolve: async (_, _args, { deps, actor }) => {
        const state = await readOnly(deps.pool, actor.organizationId, (tx) =>
          agendaState(tx, actor, actor.userId, deps.now(), 'state'),
        )
        if (state === undefined) throw new Refused(refuse('not_found'))
        return (state as { entries: AgendaEntry[] }).entries
      },
    }),
  }
})
