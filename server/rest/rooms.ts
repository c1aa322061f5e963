import { z } from 'zod'
import { listRooms, roomById } from '../../db/rooms/queries.ts'
import { createRoomsStore } from '../../db/rooms/rooms-tx.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { createRoom } from '../../domain/rooms/create-room.ts'
import type { RoomsDeps } from '../../domain/rooms/ports.ts'
import { type BookingRules, type Room, MAX_CHECK_IN_OPENS_MINUTES, roomView } from '../../domain/rooms/room.ts'
import { updateRoom } from '../../domain/rooms/update-room.ts'
import { plainEtag } from '../../domain/versions.ts'
import type { ApiDeps } from '../deps.ts'
import { changesOf } from './changes.ts'
import { id, idParams, line, listed, pageQuery, version } from './input.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'

/** Of the last room of a page. */
const nameKey = z.tuple([z.string()])

const minutes = (max: number) => z.int().min(0).max(max)
const bookingRules = z
  .strictObject({
    bufferBeforeMinutes: minutes(120),
    bufferAfterMinutes: minutes(120),
    // A meeting lasts at most 14 days.
    maxDurationMinutes: z.int().min(1).max(20_160),
    horizonDays: z.int().min(1).max(3_660),
    minNoticeMinutes: minutes(525_600),
    allowRecurring: z.boolean(),
    checkInRequired: z.boolean(),
    checkInOpensMinutes: minutes(MAX_CHECK_IN_OPENS_MINUTES),
    graceMinutes: minutes(120),
    warnMinutes: minutes(60),
    emptyMinutes: z.int().min(1).max(240),
    walkUpMinutes: z.int().min(5).max(1_440),
  })
  .partial() satisfies z.ZodType<BookingRules>

const names = z.array(line(100)).max(100)
const writable = {
  name: line(200),
  capacity: z.int().min(1).max(10_000),
  location: line(500).nullable(),
  floorId: id.nullable(),
  equipment: names,
  amenities: names,
  bookingRules,
}
export const roomAnswer = z.object({
  id: z.uuid(),
  ...writable,
  floorId: z.uuid().nullable(),
  isActive: z.boolean(),
  version,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export const createBody = z.strictObject({
  ...writable,
  location: writable.location.default(null),
  floorId: writable.floorId.default(null),
  equipment: names.default([]),
  amenities: names.default([]),
  bookingRules: bookingRules.default({}),
})
export const updateBody = z.strictObject({ ...writable, isActive: z.boolean(), version }).partial()

/** Rooms that have all of these. */
export const equipmentQuery = listed.transform((parts) => parts.map((part) => part.trim())).pipe(names)

export const listQuery = z.strictObject({
  ...pageQuery,
  floorId: id.optional(),
  capacity: z.coerce.number().int().min(1).max(10_000).optional(),
  equipment: equipmentQuery.optional(),
  active: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
})

export function roomsRoutes(deps: ApiDeps): Route[] {
  const rooms: RoomsDeps = { ...deps, ...createRoomsStore(deps) }
  return [
    route({
      method: 'GET',
      path: '/rooms',
      summary: 'Rooms in the order of names; `capacity` is the least, `equipment` all that must be there',
      panels: true,
      query: listQuery,
      answers: z.object({ items: z.array(roomAnswer), nextCursor: z.string().nullable() }),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: nameKey,
          keyOf: (room: Room) => [room.name],
          view: roomView,
          read: ({ limit, after }) =>
            listRooms(deps.pool, actor.organizationId, { ...query, ...onlyOwn(actor), limit, after: after?.[0] }),
        }),
    }),
    route({
      method: 'POST',
      path: '/rooms',
      summary: 'Add a room; equipment it names comes into being with it',
      body: createBody,
      answers: roomAnswer,
      locate: async (actor) => (can(actor, 'create', { kind: 'room' }) ? undefined : refuse('forbidden')),
      handle: async ({ actor, body }) => {
        const created = await createRoom(rooms, actor, body)
        return created.ok ? ok(roomCreated(created.value)) : created
      },
    }),
    route({
      method: 'GET',
      path: '/rooms/:id',
      summary: 'One room',
      panels: true,
      params: idParams,
      answers: roomAnswer,
      handle: async ({ actor, params }) => {
        const room = await visibleRoom(deps, actor, params.id)
        return room === undefined ? err(refuse('not_found')) : ok(roomFound(room))
      },
    }),
    route({
      method: 'PUT',
      path: '/rooms/:id',
      summary: 'Change a room: any subset of the fields, with If-Match or `version`; new buffers hold for new bookings',
      params: idParams,
      body: updateBody,
      answers: roomAnswer,
      locate: (actor, params) => locateRoom(deps, actor, params.id),
      handle: async ({ actor, params, body, ifVersion }) => {
        const updated = await updateRoom(rooms, actor, { id: params.id, ...changesOf(body, ifVersion) })
        return updated.ok ? ok(roomFound(updated.value)) : updated
      },
    }),
  ]
}

function roomFound(room: Room): Answer {
  return { status: 200, body: roomView(room), etag: plainEtag(room) }
}

function roomCreated(room: Room): Answer {
  return { status: 201, body: roomView(room), etag: plainEtag(room), location: `/rooms/${room.id}` }
}

async function locateRoom(deps: ApiDeps, actor: Actor, roomId: string): Promise<Refusal | undefined> {
  if ((await visibleRoom(deps, actor, roomId)) === undefined) return refuse('not_found')
  return can(actor, 'update', { kind: 'room' }) ? undefined : refuse('forbidden')
}

/** undefined: there is none, or this actor may not know of it. */
export async function visibleRoom(deps: ApiDeps, actor: Actor, roomId: string): Promise<Room | undefined> {
  if (!can(actor, 'read', { kind: 'room', roomId })) return undefined
  return roomById(deps.pool, actor.organizationId, roomId)
}

/** Who may not know of rooms in general knows of one. */
export function onlyOwn(actor: Actor): { ids?: string[] } {
  return can(actor, 'read', { kind: 'room' }) ? {} : { ids: actor.roomId === undefined ? [] : [actor.roomId] }
}
