import type { Meeting } from '../../domain/meetings/meeting.ts'
import type { MeetingView, OccurrenceView } from '../../domain/meetings/meeting-view.ts'
import { builder } from './builder.ts'
import { connectionOf } from './connection.ts'
import { UserType } from './people.ts'
import { RoomType } from './rooms.ts'

const STATUSES = ['tentative', 'pending', 'confirmed', 'cancelled', 'conflicted'] as const
export const StatusEnum = builder.enumType('MeetingStatus', {
  description: 'Only an occurrence can be conflicted.',
  values: STATUSES,
})
export const VisibilityEnum = builder.enumType('Visibility', {
  values: ['organization', 'participants', 'busy_only'] satisfies Meeting['visibility'][],
})
export const ParticipantRoleEnum = builder.enumType('ParticipantRole', {
  values: ['required', 'optional', 'chair'] as const,
})
const ResponseEnum = builder.enumType('ParticipantResponse', {
  values: ['needs_action', 'accepted', 'tentative', 'declined'] as const,
})

type ParticipantView = MeetingView['participants'][number]

const Participant = builder.objectRef<ParticipantView>('Participant').implement({
  description: 'A person of the organisation, or a guest known by e-mail only.',
  fields: (t) => ({
    userId: t.exposeID('userId', { nullable: true }),
    email: t.exposeString('email', { nullable: true }),
    role: t.field({ type: ParticipantRoleEnum, resolve: (participant) => participant.role as 'required' }),
    response: t.field({ type: ResponseEnum, resolve: (participant) => participant.response as 'accepted' }),
    comment: t.exposeString('comment', { nullable: true, description: 'What he said with his answer.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      resolve: ({ userId }, _, { load }) => (userId === undefined ? null : load.user.load(userId)),
    }),
  }),
})

const Organizer = builder.objectRef<NonNullable<MeetingView['organizer']>>('Organizer').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    firstName: t.exposeString('firstName'),
    lastName: t.exposeString('lastName'),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Null for who may not see other people.',
      resolve: (organizer, _, { load }) => load.user.load(organizer.id),
    }),
  }),
})

const Recurrence = builder.objectRef<NonNullable<MeetingView['recurrencePattern']>>('RecurrencePattern').implement({
  fields: (t) => ({
    rrule: t.exposeString('rrule', { description: 'RFC 5545.' }),
    exdates: t.exposeStringList('exdates', { description: 'Local starts, basic form.' }),
    rdates: t.exposeStringList('rdates'),
  }),
})

/** What a meeting and each of its occurrences have in common. Content is null or empty for who may only know that the time is taken. */
const Details = builder.interfaceRef<MeetingView>('MeetingDetails').implement({
  fields: (t) => ({
    title: t.exposeString('title', { nullable: true }),
    description: t.exposeString('description', { nullable: true }),
    startTime: t.expose('startTime', { type: 'DateTime' }),
    endTime: t.expose('endTime', { type: 'DateTime' }),
    timezone: t.exposeString('timezone'),
    allDay: t.exposeBoolean('allDay', { description: 'From midnight to midnight where it is.' }),
    isRecurring: t.exposeBoolean('isRecurring'),
    recurrencePattern: t.expose('recurrencePattern', { type: Recurrence, nullable: true }),
    recurrenceText: t.exposeString('recurrenceText', { nullable: true, description: 'The rule in English words.' }),
    organizer: t.expose('organizer', { type: Organizer, nullable: true }),
    participants: t.expose('participants', { type: [Participant] }),
    room: t.field({
      type: RoomType,
      nullable: true,
      description: 'The first of its rooms.',
      resolve: ({ roomIds: [roomId] }, _, { load }) => (roomId === undefined ? null : load.room.load(roomId)),
    }),
    rooms: t.field({
      type: [RoomType],
      resolve: async ({ roomIds }, _, { load }) =>
        (await Promise.all(roomIds.map((roomId) => load.room.load(roomId)))).flatMap((room) => room ?? []),
    }),
    roomIds: t.exposeIDList('roomIds'),
    status: t.field({ type: StatusEnum, resolve: (meeting) => meeting.status }),
    visibility: t.field({ type: VisibilityEnum, resolve: (meeting) => meeting.visibility as Meeting['visibility'] }),
    metadata: t.field({ type: 'JSON', resolve: (meeting) => meeting.metadata }),
    version: t.exposeInt('version'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

const OccurrenceRef = builder.objectRef<NonNullable<MeetingView['splitFrom']>>('OccurrenceRef').implement({
  fields: (t) => ({ meetingId: t.exposeID('meetingId'), recurrenceId: t.exposeString('recurrenceId') }),
})

export const MeetingType = builder.objectRef<MeetingView>('Meeting').implement({
  description: 'A single meeting or a series.',
  interfaces: [Details],
  fields: (t) => ({
    id: t.exposeID('id'),
    splitFrom: t.expose('splitFrom', {
      type: OccurrenceRef,
      nullable: true,
      description: 'The occurrence of another series with which this one began.',
    }),
  }),
})

export const OccurrenceType = builder.objectRef<OccurrenceView>('Occurrence').implement({
  description: 'One instance of a meeting, addressed for ever by meetingId and recurrenceId.',
  interfaces: [Details],
  fields: (t) => ({
    meetingId: t.exposeID('meetingId'),
    recurrenceId: t.exposeString('recurrenceId', { description: 'The local start its rule gives it, basic form.' }),
    isException: t.exposeBoolean('isException', { description: 'It differs from its series.' }),
  }),
})

export const MeetingConnection = connectionOf('Meeting', MeetingType)
export const OccurrenceConnection = connectionOf('Occurrence', OccurrenceType)
