import type { z } from 'zod'
import { FREE_BUSY_KINDS } from '../../db/availability/queries.ts'
import {
  type availabilityAnswer,
  availabilityQuery,
  type calendarAnswer,
  calendarQuery,
  type entryAnswer,
  type freeBusyAnswer,
  type overlayAnswer,
  type slotAnswer,
  subjectsQuery,
} from '../rest/availability-shapes.ts'
import { calendarView, freeBusyView, overlayView, slotsView } from '../rest/availability.ts'
import { id } from '../rest/input.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { DEFAULT_PAGE } from './connection.ts'
import { StatusEnum } from './meetings.ts'
import { given } from './refused.ts'

type FreeBusy = z.output<typeof freeBusyAnswer>
type Overlay = z.output<typeof overlayAnswer>
type Slots = z.output<typeof availabilityAnswer>
type Calendar = z.output<typeof calendarAnswer>

export const Source = builder.objectRef<FreeBusy['sources'][number]>('TimeSource').implement({
  description: 'How current one source of an answer is: our meetings, or a calendar that a person has connected.',
  fields: (t) => ({
    kind: t.field({
      type: builder.enumType('TimeSourceKind', { values: ['meetings', 'calendar'] as const }),
      resolve: (source) => source.kind,
    }),
    userId: t.exposeID('userId', { nullable: true }),
    freshAsOf: t.expose('freshAsOf', { type: 'DateTime', nullable: true, description: 'Null: nothing was read yet.' }),
  }),
})

const Span = builder.objectRef<{ start: string; end: string }>('WorkingSpan').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
  }),
})

const BusyStatus = builder.enumType('BusyStatus', { values: FREE_BUSY_KINDS })
const BusyBlock = builder.objectRef<FreeBusy['items'][number]['busy'][number]>('BusyBlock').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    status: t.field({ type: BusyStatus, resolve: (block) => block.status }),
  }),
})

const FreeBusyItem = builder.objectRef<FreeBusy['items'][number]>('FreeBusyItem').implement({
  description: 'When one person or room is taken; a room with its buffers.',
  fields: (t) => ({
    userId: t.exposeID('userId', { nullable: true }),
    roomId: t.exposeID('roomId', { nullable: true }),
    timezone: t.exposeString('timezone', { nullable: true }),
    busy: t.expose('busy', { type: [BusyBlock] }),
  }),
})

const FreeBusyType = builder.objectRef<FreeBusy>('FreeBusy').implement({
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    items: t.expose('items', { type: [FreeBusyItem] }),
    sources: t.expose('sources', { type: [Source] }),
  }),
})

type Entry = z.output<typeof entryAnswer>
const EntryKind = builder.enumType('CalendarEntryKind', {
  values: ['meeting', 'external', 'absence', 'hold', 'blackout'] satisfies Entry['kind'][],
})
const EntryType = builder.objectRef<Entry>('CalendarEntry').implement({
  description: 'Title and meeting only where the viewer may read it.',
  fields: (t) => ({
    id: t.exposeID('id'),
    kind: t.field({ type: EntryKind, resolve: (entry) => entry.kind as 'meeting' }),
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    status: t.field({ type: StatusEnum, resolve: (entry) => entry.status }),
    response: t.exposeString('response', {
      nullable: true,
      description: 'Of a meeting, what this person answered: needs_action, accepted, tentative or declined.',
    }),
    allDay: t.exposeBoolean('allDay'),
    busy: t.exposeBoolean('busy'),
    title: t.exposeString('title', { nullable: true }),
    meetingId: t.exposeID('meetingId', { nullable: true }),
    recurrenceId: t.exposeString('recurrenceId', { nullable: true }),
  }),
})

const OverlayItem = builder.objectRef<Overlay['items'][number]>('OverlayItem').implement({
  fields: (t) => ({
    userId: t.exposeID('userId', { nullable: true }),
    roomId: t.exposeID('roomId', { nullable: true }),
    timezone: t.exposeString('timezone', { nullable: true }),
    working: t.expose('working', { type: [Span], nullable: true, description: 'Of a person.' }),
    items: t.expose('items', { type: [EntryType] }),
  }),
})

const OverlayType = builder.objectRef<Overlay>('Overlay').implement({
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    items: t.expose('items', { type: [OverlayItem] }),
    sources: t.expose('sources', { type: [Source] }),
  }),
})

const CalendarType = builder.objectRef<Calendar>('PersonCalendar').implement({
  fields: (t) => ({
    items: t.expose('items', { type: [EntryType] }),
    nextCursor: t.exposeString('nextCursor', { nullable: true }),
    sources: t.expose('sources', { type: [Source] }),
  }),
})

const SlotType = builder.objectRef<z.output<typeof slotAnswer>>('FreeSlot').implement({
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    attending: t.exposeStringList('attending', {
      nullable: true,
      description: 'Who can come, where not everybody must.',
    }),
  }),
})

const SlotsType = builder.objectRef<Slots>('FreeSlots').implement({
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    items: t.expose('items', { type: [SlotType] }),
    nextCursor: t.exposeString('nextCursor', { nullable: true }),
    sources: t.expose('sources', { type: [Source] }),
  }),
})

builder.queryFields((t) => {
  const window = () => ({
    from: t.arg({ type: 'DateTime', description: 'Now, unless given.' }),
    to: t.arg({ type: 'DateTime', description: '90 days after `from`, unless given.' }),
  })
  const subjects = () => ({ userIds: t.arg.idList(), roomIds: t.arg.idList(), ...window() })
  const page = () => ({ first: t.arg.int({ required: true, defaultValue: DEFAULT_PAGE }), after: t.arg.string() })
  return {
    freeBusy: t.field({
      type: FreeBusyType,
      nullable: true,
      description: 'When people and rooms are taken, and nothing of what it is.',
      args: subjects(),
      resolve: async (_, args, { deps, actor }) =>
        given(await freeBusyView(deps, actor, parsed(subjectsQuery, withoutNulls(args)))),
    }),
    overlay: t.field({
      type: OverlayType,
      nullable: true,
      description: 'Calendars of people and rooms side by side.',
      args: subjects(),
      resolve: async (_, args, { deps, actor }) =>
        given(await overlayView(deps, actor, parsed(subjectsQuery, withoutNulls(args)))),
    }),
    calendarOf: t.field({
      type: CalendarType,
      nullable: true,
      description: 'One person’s calendar by start.',
      args: { userId: t.arg.id({ required: true }), ...window(), ...page() },
      resolve: async (_, { userId, first: limit, after: cursor, ...args }, { deps, actor }) => {
        const asked = parsed(calendarQuery, withoutNulls({ ...args, limit, cursor }))
        return given(await calendarView(deps, actor, parsed(id, userId), asked))
      },
    }),
    availability: t.field({
      type: SlotsType,
      nullable: true,
      description:
        'Starts at which such a meeting could be booked: `userIds` must come, `optionalIds` may, `quorum` in all.',
      args: {
        userIds: t.arg.idList(),
        optionalIds: t.arg.idList(),
        roomIds: t.arg.idList(),
        durationMinutes: t.arg.int({ required: true }),
        granularityMinutes: t.arg.int(),
        quorum: t.arg.int(),
        ...window(),
        ...page(),
      },
      resolve: async (_, { first: limit, after: cursor, ...args }, { deps, actor }) =>
        given(await slotsView(deps, actor, parsed(availabilityQuery, withoutNulls({ ...args, limit, cursor })))),
    }),
  }
})
