import { z } from 'zod'
import { freeRooms } from '../../db/rooms/free-rooms.ts'
import { roomById } from '../../db/rooms/queries.ts'
import { findRoom } from '../../db/rooms/rooms-tx.ts'
import { type ScheduleItem, roomSchedule } from '../../db/rooms/schedule.ts'
import { readOnly } from '../../db/transaction.ts'
import { refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { roomView, ruleViolation } from '../../domain/rooms/room.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { id, idParams, pageQuery } from './input.ts'
import { book, mayBook, meetingsDeps } from './meetings.ts'
import { bookRoomBody, bookedAnswer, spanQuery, windowOf, windowQuery } from './meeting-shapes.ts'
import { pageAnswer } from './page.ts'
import { equipmentQuery, roomAnswer } from './rooms.ts'
import { type Route, route } from './route.ts'

const MAX_AVAILABLE = 500

/** What can be asked of rooms as places to meet. */
export function roomBookingsRoutes(deps: ApiDeps): Route[] {
  const meetings = meetingsDeps(deps)
  return [
    route({
      method: 'GET',
      path: '/rooms/available',
      summary: 'Rooms that this viewer could book for a span now, best fit first',
      query: z.strictObject({
        ...spanQuery,
        capacity: z.coerce.number().int().min(1).max(10_000).default(1),
        equipment: equipmentQuery.default([]),
        floorId: id.optional(),
      }),
      answers: z.object({ items: z.array(roomAnswer), nextCursor: z.null() }),
      handle: async ({ actor, query: { startTime: start, endTime: end, ...need } }) => {
        if (end <= start) return err(refuse('invalid_time', 'endTime must be after startTime.'))
        const items = await readOnly(deps.pool, actor.organizationId, async (tx) => {
          const free = await freeRooms(tx, { ...need, except: [] }, [{ start, end }], MAX_AVAILABLE)
          const now = deps.now()
          const fitting = free.filter((room) => !ruleViolation(room.bookingRules, { start, end, now, isRecurring: false }))
          const rooms = await Promise.all(fitting.map((room) => findRoom(tx, room.id)))
          return rooms.flatMap((room) => (room === undefined ? [] : [roomView(room)]))
        })
        return ok({ status: 200, body: { items, nextCursor: null } })
      },
    }),
    route({
      method: 'POST',
      path: '/rooms/:id/book',
      summary: 'Book a meeting in this room',
      params: idParams,
      body: bookRoomBody,
      answers: bookedAnswer,
      locate: async (actor, params) => {
        const room = await roomById(deps.pool, actor.organizationId, params.id)
        return room === undefined ? refuse('not_found') : mayBook(actor)
      },
      handle: async ({ actor, params, body }) => {
        const booked = await book(meetings, actor, { ...body, roomIds: [params.id] })
        const isUnknownRoom = !booked.ok && booked.error.errors?.[0]?.pointer === '/roomIds/0'
        return isUnknownRoom ? err(refuse('not_found')) : booked
      },
    }),
    route({
      method: 'GET',
      path: '/rooms/:id/schedule',
      summary: 'The bookings of a room in a window',
      params: idParams,
      query: z.strictObject({ ...windowQuery, ...pageQuery }),
      locate: async (actor, params) => {
        const room = await roomById(deps.pool, actor.organizationId, params.id)
        return room === undefined ? refuse('not_found') : undefined
      },
      handle: async ({ actor, params, query }) => {
        if ((await roomById(deps.pool, actor.organizationId, params.id)) === undefined) return err(refuse('not_found'))
        return pageAnswer(query, {
          key: z.tuple([z.number(), z.uuid()]),
          keyOf: (item: ScheduleItem) => [parseInstant(item.start) ?? NaN, item.allocationId],
          view: (item) => item,
          read: (page) =>
            readOnly(deps.pool, actor.organizationId, (tx) =>
              roomSchedule(tx, actor, params.id, { ...windowOf(deps, query), ...page }),
            ),
        })
      },
    }),
  ]
}
