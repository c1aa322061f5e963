import { z } from 'zod'
import { type Building, type Floor, listBuildings, listFloors, listRooms } from '../../db/rooms/queries.ts'
import { createRoomsStore } from '../../db/rooms/rooms-tx.ts'
import { can } from '../../domain/identity/can.ts'
import { refuse } from '../../domain/refusals.ts'
import { createRoom } from '../../domain/rooms/create-room.ts'
import type { RoomsDeps } from '../../domain/rooms/ports.ts'
import { type BookingRules, type Room, type RoomView, roomView } from '../../domain/rooms/room.ts'
import { updateRoom } from '../../domain/rooms/update-room.ts'
import { changesOf } from '../rest/changes.ts'
import { id, version } from '../rest/input.ts'
import { createBody, listQuery, updateBody } from '../rest/rooms.ts'
import { parsed, parsedIfGiven, withoutNulls } from './arguments.ts'
import { builder } from './builder.ts'
import { actorOf } from './commands.ts'
import { DEFAULT_PAGE, MAX_PAGE, connect, connectionOf } from './connection.ts'
import type { GraphContext } from './graph-context.ts'
import { Refused, found, given } from './refused.ts'

const BuildingType = builder.objectRef<Building>('Building').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    address: t.exposeString('address', { nullable: true }),
    timezone: t.exposeString('timezone'),
  }),
})

export const FloorType = builder.objectRef<Floor>('Floor').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    level: t.exposeInt('level'),
    building: t.field({
      type: BuildingType,
      nullable: true,
      resolve: (floor, _, { load }) => load.building.load(floor.buildingId),
    }),
  }),
})

const RULES = [
  'bufferBeforeMinutes',
  'bufferAfterMinutes',
  'maxDurationMinutes',
  'horizonDays',
  'minNoticeMinutes',
] as const

const BookingRulesType = builder.objectRef<BookingRules>('BookingRules').implement({
  description: 'What a room asks of bookings; null asks nothing.',
  fields: (t) => ({
    ...Object.fromEntries(RULES.map((name) => [name, t.int({ nullable: true, resolve: (rules) => rules[name] })])),
    allowRecurring: t.boolean({ nullable: true, resolve: (rules) => rules.allowRecurring }),
  }),
})

export const RoomType = builder.objectRef<RoomView>('Room').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    capacity: t.exposeInt('capacity'),
    location: t.exposeString('location', { nullable: true }),
    floor: t.field({
      type: FloorType,
      nullable: true,
      resolve: (room, _, { load }) => (room.floorId === null ? null : load.floor.load(room.floorId)),
    }),
    equipment: t.exposeStringList('equipment'),
    amenities: t.exposeStringList('amenities'),
    isActive: t.exposeBoolean('isActive'),
    bookingRules: t.expose('bookingRules', { type: BookingRulesType }),
    version: t.exposeInt('version'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

const RoomConnection = connectionOf('Room', RoomType)

// REST has these as texts of the query.
const filter = z
  .strictObject({ ...listQuery.shape, active: z.boolean().optional() })
  .omit({ limit: true, cursor: true })

builder.queryFields((t) => ({
  room: t.field({
    type: RoomType,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, args, { load }) => found(load.room.load(parsed(id, args.id))),
  }),
  rooms: t.field({
    type: RoomConnection,
    nullable: true,
    description: 'Rooms in the order of names; `capacity` is the least, `equipment` all that must be there.',
    args: {
      first: t.arg.int({ required: true, defaultValue: DEFAULT_PAGE }),
      after: t.arg.string(),
      floorId: t.arg.id(),
      capacity: t.arg.int(),
      equipment: t.arg.stringList(),
      active: t.arg.boolean(),
    },
    resolve: (_, { first, after, ...args }, { deps, actor }) => {
      if (!can(actor, 'read', { kind: 'room' })) throw new Refused(refuse('forbidden'))
      const asked = parsed(filter, withoutNulls(args))
      return connect(
        { first, after },
        {
          key: z.tuple([z.string()]),
          keyOf: (room: Room) => [room.name],
          view: roomView,
          read: (page) =>
            listRooms(deps.pool, actor.organizationId, { ...asked, limit: page.limit, after: page.after?.[0] }),
        },
      )
    },
  }),
  floors: t.field({
    type: [FloorType],
    nullable: true,
    description: 'Floors by building, from the ground up; at most 500.',
    args: { buildingId: t.arg.id() },
    resolve: (_, args, { deps, actor }) => {
      const buildingId = parsedIfGiven(id, args.buildingId)
      return listFloors(deps.pool, actor.organizationId, { buildingId, limit: MAX_PAGE })
    },
  }),
  buildings: t.field({
    type: [BuildingType],
    nullable: true,
    description: 'Buildings in the order of names; at most 500.',
    resolve: (_, _args, { deps, actor }) => listBuildings(deps.pool, actor.organizationId, { limit: MAX_PAGE }),
  }),
}))

const BookingRulesInput = builder.inputType('BookingRulesInput', {
  fields: (t) => ({
    ...Object.fromEntries(RULES.map((name) => [name, t.int()])),
    allowRecurring: t.boolean(),
  }),
})

const CreateRoomInput = builder.inputType('CreateRoomInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    capacity: t.int({ required: true }),
    location: t.string(),
    floorId: t.id(),
    equipment: t.stringList(),
    amenities: t.stringList(),
    bookingRules: t.field({ type: BookingRulesInput }),
  }),
})

const UpdateRoomInput = builder.inputType('UpdateRoomInput', {
  description: 'What is absent stays; `bookingRules` is replaced whole.',
  fields: (t) => ({
    name: t.string(),
    capacity: t.int(),
    location: t.string(),
    floorId: t.id(),
    equipment: t.stringList(),
    amenities: t.stringList(),
    bookingRules: t.field({ type: BookingRulesInput }),
    isActive: t.boolean(),
  }),
})

builder.mutationFields((t) => ({
  createRoom: t.field({
    type: RoomType,
    nullable: true,
    args: { input: t.arg({ type: CreateRoomInput, required: true }) },
    resolve: async (_, args, context, info) => {
      if (!can(context.actor, 'create', { kind: 'room' })) throw new Refused(refuse('forbidden'))
      const cmd = parsed(createBody, args.input)
      return roomView(given(await createRoom(roomsDeps(context), actorOf(context, args, info), cmd)))
    },
  }),
  updateRoom: t.field({
    type: RoomType,
    nullable: true,
    args: {
      id: t.arg.id({ required: true }),
      version: t.arg.int({ required: true, description: 'The version you have read.' }),
      input: t.arg({ type: UpdateRoomInput, required: true }),
    },
    resolve: async (_, args, context, info) => {
      const cmd = {
        id: parsed(id, args.id),
        ...changesOf(parsed(updateBody, { ...args.input, version: parsed(version, args.version) }), undefined),
      }
      return roomView(given(await updateRoom(roomsDeps(context), actorOf(context, args, info), cmd)))
    },
  }),
}))

function roomsDeps({ deps }: GraphContext): RoomsDeps {
  return { ...deps, ...createRoomsStore(deps) }
}
