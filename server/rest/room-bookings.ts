import { z } from 'zod'
import { freeRoomIds } from '../../db/rooms/free-rooms.ts'
import { roomsById } from '../../db/rooms/queries.ts'
import { type ScheduleItem, roomExists, roomSchedule } from '../../db/rooms/schedule.ts'
import { readAtOnce, readOnly } from '../../db/transaction.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { BOUNDS } from '../../domain/meetings/meeting.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { roomView, ruleViolation } from '../../domain/rooms/room.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { id, idParams, pageQuery } from './input.ts'
import { book, mayBook, meetingsDeps } from './meetings.ts'
import {
  bookRoomBody,
  bookedAnswer,
  pageOf,
  scheduleItemAnswer,
  spanOf,
  spanQuery,
  windowOf,
  windowQuery,
} from './meeting-shapes.ts'
import { pageAnswer } from './page.ts'
import { equipmentQuery, onlyOwn, roomAnswer, visibleRoom } from './rooms.ts'
import { type Route, route } from './route.ts'

const MAX_AVAILABLE = 500
/** Start and id of an allocation. */
const scheduleKey = z.tuple([z.int().min(0), z.uuid()])

/** What can be asked of rooms as places to meet. */
export function roomBookingsRoutes(deps: ApiDeps): Route[] {
  const meetings = meetingsDeps(deps)
  const locate = async (actor: Actor, { id: roomId }: { id: string }): Promise<Refusal | undefined> =>
    (await visibleRoom(deps, actor, roomId)) === undefined ? refuse('not_found') : undefined
  return [
    route({
      method: 'GET',
      path: '/rooms/available',
      summary: 'Rooms that are free for a span and whose rules would take it now, best fit first',
      panels: true,
      query: z.strictObject({
        ...spanQuery,
        capacity: z.coerce.number().int().min(1).max(10_000).default(1),
        equipment: equipmentQuery.default([]),
        floorId: id.optional(),
      }),
      answers: z.object({ items: z.array(roomAnswer), nextCursor: z.null() }),
      handle: async ({ actor, query }) => {
        const span = spanOf(query)
        if (!span.ok) return span
        const { start, end } = span.value
        if (end - start > BOUNDS.durationMs) return err(refuse('too_large', 'A meeting lasts at most 14 days.'))
        const among = onlyOwn(actor).ids
        const need = { capacity: query.capacity, equipment: query.equipment, floorId: query.floorId, except: [], among }
        const now = deps.now()
        const request = { start, end, now, isRecurring: false }
        const rooms = await readOnly(deps.pool, actor.organizationId, async (tx) => {
          const ids = await freeRoomIds(tx, need, [span.value], MAX_AVAILABLE, { userId: actor.userId, now })
          const free = await tx.last(() => roomsById(tx, ids))
          return free.filter((room) => ruleViolation(room.bookingRules, request) === undefined)
        })
        return ok({ status: 200, body: { items: rooms.map(roomView), nextCursor: null } })
      },
    }),
    route({
      method: 'POST',
      path: '/rooms/:id/book',
      summary: 'Book a meeting in this room',
      params: idParams,
      body: bookRoomBody,
      answers: bookedAnswer,
      locate: async (actor, params) => (await locate(actor, params)) ?? mayBook(actor),
      handle: async ({ actor, params, body }) => {
        if (!can(actor, 'read', { kind: 'room', roomId: params.id })) return err(refuse('not_found'))
        const booked = await book(meetings, actor, { ...body, roomIds: [params.id] })
        // Whatever else is wrong, a room that is not there comes first. Booked ones were found on the way.
        const hidden = booked.ok ? undefined : await locate(actor, params)
        return hidden === undefined ? booked : err(hidden)
      },
    }),
    route({
      method: 'GET',
      path: '/rooms/:id/schedule',
      summary: 'The bookings and holds of a room in a window',
      panels: true,
      params: idParams,
      query: z.strictObject({ ...windowQuery, ...pageQuery }),
      answers: pageOf(scheduleItemAnswer),
      locate,
      handle: async ({ actor, params, query }) => {
        let isThere = false
        const answer = await pageAnswer(query, {
          key: scheduleKey,
          keyOf: (item: ScheduleItem) => [parseInstant(item.start) ?? NaN, item.allocationId],
          view: (item) => item,
          read: (page) =>
            readAtOnce(deps.pool, actor.organizationId, async (tx) => {
              const window = { ...windowOf(deps, query), ...page, now: deps.now() }
              const [room, items] = await Promise.all([
                roomExists(tx, params.id),
                roomSchedule(tx, actor, params.id, window),
              ])
              isThere = room !== undefined && can(actor, 'read', { kind: 'room', roomId: params.id })
              return items
            }),
        })
        if (!answer.ok) return err((await locate(actor, params)) ?? answer.error)
        return isThere ? answer : err(refuse('not_found'))
      },
    }),
  ]
}
