import { z } from 'zod'
import { dashboardOf } from '../../db/rooms/dashboard.ts'
import { type FloorStateView, type RoomWithState, floorStateOf } from '../../db/rooms/room-state.ts'
import { createRoomUseStore } from '../../db/rooms/room-use-tx.ts'
import { readOnly } from '../../db/transaction.ts'
import { extendRoom } from '../../domain/rooms/extend-room.ts'
import { endInRoom, releaseRoom } from '../../domain/rooms/leave-room.ts'
import type { DashboardFloor, DashboardView, RoomCounts } from '../../domain/rooms/dashboard.ts'
import type { RoomUseDeps } from '../../domain/rooms/ports.ts'
import { type RoomBookingView, type RoomStateView, type Sight, ROOM_STATUSES } from '../../domain/rooms/room-state.ts'
import { checkIn, keepRoom } from '../../domain/rooms/use-room.ts'
import { type WalkedUp, walkUp } from '../../domain/rooms/walk-up.ts'
import { id, line } from '../rest/input.ts'
import { MAX_EXTENSION_MINUTES, MAX_WALK_UP_MINUTES, minutes } from '../rest/room-state.ts'
import { parsed, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import type { GraphContext } from './graph-context.ts'
import { found, given } from './refused.ts'
import { RoomType } from './rooms.ts'

const StatusEnum = builder.enumType('RoomStatus', { values: ROOM_STATUSES })
const CheckInEnum = builder.enumType('CheckIn', {
  description: 'none: the room asks for no check-in.',
  values: ['none', 'later', 'open', 'done'] satisfies RoomBookingView['checkIn'][],
})

const RoomBooking = builder.objectRef<RoomBookingView>('RoomBooking').implement({
  description: 'Title and organizer only where the viewer may read them; never in a subscription.',
  fields: (t) => ({
    allocationId: t.exposeID('allocationId'),
    meetingId: t.exposeID('meetingId'),
    recurrenceId: t.exposeString('recurrenceId'),
    start: t.expose('start', { type: 'DateTime' }),
    end: t.expose('end', { type: 'DateTime' }),
    title: t.exposeString('title', { nullable: true }),
    organizer: t.exposeString('organizer', { nullable: true }),
    checkIn: t.expose('checkIn', { type: CheckInEnum }),
    checkInOpensAt: t.expose('checkInOpensAt', { type: 'DateTime', nullable: true }),
    checkedInAt: t.expose('checkedInAt', { type: 'DateTime', nullable: true }),
    releaseAt: t.expose('releaseAt', { type: 'DateTime', nullable: true }),
    warnedAt: t.expose('warnedAt', { type: 'DateTime', nullable: true }),
    keptAt: t.expose('keptAt', { type: 'DateTime', nullable: true }),
  }),
})

const Occupancy = builder.objectRef<NonNullable<RoomStateView['occupancy']>>('Occupancy').implement({
  fields: (t) => ({
    present: t.exposeBoolean('present'),
    count: t.exposeInt('count', { nullable: true }),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

export const RoomStateType = builder.objectRef<RoomStateView>('RoomState').implement({
  description: 'What a room is doing now, and what comes next.',
  fields: (t) => ({
    roomId: t.exposeID('roomId'),
    status: t.expose('status', { type: StatusEnum }),
    current: t.expose('current', { type: RoomBooking, nullable: true }),
    next: t.expose('next', { type: RoomBooking, nullable: true }),
    freeUntil: t.expose('freeUntil', { type: 'DateTime', nullable: true }),
    occupancy: t.expose('occupancy', { type: Occupancy, nullable: true }),
    staleSince: t.expose('staleSince', { type: 'DateTime', nullable: true }),
  }),
})

const RoomWithStateType = builder.objectRef<RoomWithState>('RoomWithState').implement({
  fields: (t) => ({
    room: t.expose('room', { type: RoomType }),
    state: t.expose('state', { type: RoomStateType }),
  }),
})

export const FloorStateType = builder.objectRef<FloorStateView>('FloorState').implement({
  fields: (t) => ({
    floorId: t.exposeID('floorId'),
    rooms: t.expose('rooms', { type: [RoomWithStateType] }),
  }),
})

const COUNTS = [
  ...['rooms', 'free', 'reserved', 'checkedIn', 'overrun', 'blocked', 'occupied'],
  ...['noShowsToday', 'recoveredMinutesToday', 'bookingsToday'],
] as (keyof RoomCounts)[]

const Counts = builder.interfaceRef<RoomCounts>('RoomCounts').implement({
  fields: (t) => Object.fromEntries(COUNTS.map((name) => [name, t.int({ resolve: (counts) => counts[name] })])),
})
const Totals = builder.objectRef<RoomCounts>('DashboardTotals').implement({ interfaces: [Counts] })
const DashboardFloorType = builder.objectRef<DashboardFloor>('DashboardFloor').implement({
  interfaces: [Counts],
  fields: (t) => ({
    floorId: t.exposeID('floorId'),
    name: t.exposeString('name'),
    level: t.exposeInt('level'),
    building: t.exposeString('building'),
  }),
})

export const DashboardType = builder.objectRef<DashboardView>('Dashboard').implement({
  description: 'Booked against occupied, now and today. Counts only.',
  fields: (t) => ({
    floors: t.expose('floors', { type: [DashboardFloorType] }),
    totals: t.expose('totals', { type: Totals }),
  }),
})

export const DashboardKind = builder.enumType('DashboardKind', { values: ['ROOMS'] as const })

builder.objectField(RoomType, 'state', (t) =>
  t.field({
    type: RoomStateType,
    nullable: true,
    resolve: (room, _, { load }) => load.roomState.load(room.id),
  }),
)

builder.queryFields((t) => ({
  roomState: t.field({
    type: [RoomStateType],
    nullable: true,
    description: 'In the order of the ids; at most 100 rooms.',
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_, args, { load }) =>
      Promise.all(parsed(roomIds, args.ids).map((roomId) => found(load.roomState.load(roomId)))),
  }),
  floorState: t.field({
    type: FloorStateType,
    nullable: true,
    args: { floorId: t.arg.id({ required: true }) },
    resolve: (_, args, context) => found(readFloor(context, parsed(id, args.floorId))),
  }),
  dashboard: t.field({
    type: DashboardType,
    nullable: true,
    args: {
      kind: t.arg({ type: DashboardKind, required: true }),
      scope: t.arg.id({ required: true, description: 'The id of the organisation.' }),
    },
    resolve: (_, args, context) => found(readDashboard(context, parsed(id, args.scope))),
  }),
}))

/** A wall shows dozens. */
export const roomIds = z.array(id).min(1).max(100)

export async function readFloor(
  { deps, actor }: GraphContext,
  floorId: string,
  sight?: Sight,
): Promise<FloorStateView | null> {
  const now = deps.now()
  return (await readOnly(deps.pool, actor.organizationId, (tx) => floorStateOf(tx, actor, floorId, now, sight))) ?? null
}

export async function readDashboard({ deps, actor }: GraphContext, scope: string): Promise<DashboardView | null> {
  const now = deps.now()
  return (await readOnly(deps.pool, actor.organizationId, (tx) => dashboardOf(tx, actor, scope, now))) ?? null
}

const WalkedUpType = builder.objectRef<WalkedUp>('WalkedUp').implement({
  fields: (t) => ({
    meetingId: t.exposeID('meetingId'),
    state: t.expose('state', { type: RoomStateType }),
  }),
})

const which = z.strictObject({ roomId: id, allocationId: id.optional() })

builder.mutationFields((t) => {
  const booking = () => ({
    roomId: t.arg.id({ required: true }),
    allocationId: t.arg.id({ description: 'The booking meant; else the one that has the room.' }),
  })
  const simple = (description: string, command: typeof checkIn) =>
    t.field({
      type: RoomStateType,
      nullable: true,
      description,
      args: booking(),
      resolve: async (_, args, context, info) => {
        const cmd = parsed(which, withoutNulls(args))
        return given(await command(useDeps(context), actorOf(context, args, info), cmd))
      },
    })
  return {
    checkIn: simple('Somebody is here.', checkIn),
    endInRoom: simple('The meeting in this room is over: what is left of its time is free at once.', endInRoom),
    keepRoom: simple('No to a release that was announced; once per booking.', keepRoom),
    extendRoom: t.field({
      type: RoomStateType,
      nullable: true,
      description: 'Makes the meeting that is on longer, into free time only.',
      args: { roomId: t.arg.id({ required: true }), minutes: t.arg.int({ required: true }) },
      resolve: async (_, args, context, info) => {
        const cmd = parsed(z.strictObject({ roomId: id, minutes: minutes(MAX_EXTENSION_MINUTES) }), args)
        return given(await extendRoom(useDeps(context), actorOf(context, args, info), cmd))
      },
    }),
    releaseRoom: t.field({
      type: RoomStateType,
      nullable: true,
      description: 'Gives the room back for this occurrence; the meeting goes on without it.',
      args: { ...booking(), reason: t.arg.string() },
      resolve: async (_, args, context, info) => {
        const cmd = parsed(which.extend({ reason: line(200).optional() }), withoutNulls(args))
        return given(await releaseRoom(useDeps(context), actorOf(context, args, info), cmd))
      },
    }),
    walkUp: t.field({
      type: WalkedUpType,
      nullable: true,
      description: 'Takes the free room from now on, checked in at once.',
      args: { roomId: t.arg.id({ required: true }), minutes: t.arg.int(), title: t.arg.string() },
      resolve: async (_, args, context, info) => {
        const shape = { roomId: id, minutes: minutes(MAX_WALK_UP_MINUTES).optional(), title: line(500).optional() }
        const cmd = parsed(z.strictObject(shape), withoutNulls(args))
        return given(await walkUp(useDeps(context), actorOf(context, args, info), cmd))
      },
    }),
  }
})

function useDeps({ deps }: GraphContext): RoomUseDeps {
  return { ...deps, ...createRoomUseStore(deps) }
}
