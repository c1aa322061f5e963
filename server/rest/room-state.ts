import { z } from 'zod'
import { roomStateOf } from '../../db/rooms/room-state.ts'
import { createRoomUseStore } from '../../db/rooms/room-use-tx.ts'
import { readOnly } from '../../db/transaction.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Verb, can } from '../../domain/identity/can.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { extendRoom } from '../../domain/rooms/extend-room.ts'
import { endInRoom, releaseRoom } from '../../domain/rooms/leave-room.ts'
import type { RoomUseDeps } from '../../domain/rooms/ports.ts'
import { type RoomStateView, ROOM_STATUSES } from '../../domain/rooms/room-state.ts'
import { checkIn, keepRoom } from '../../domain/rooms/use-room.ts'
import { walkUp } from '../../domain/rooms/walk-up.ts'
import type { ApiDeps } from '../deps.ts'
import { id, idParams, line } from './input.ts'
import { type Answer, type Route, route } from './route.ts'

const bookingAnswer = z.object({
  allocationId: z.uuid(),
  meetingId: z.uuid(),
  recurrenceId: z.string(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  title: z.string().optional(),
  organizer: z.string().optional(),
  checkIn: z.enum(['none', 'later', 'open', 'done']),
  checkInOpensAt: z.iso.datetime().nullable(),
  checkedInAt: z.iso.datetime().nullable(),
  releaseAt: z.iso.datetime().nullable(),
  warnedAt: z.iso.datetime().nullable(),
  keptAt: z.iso.datetime().nullable(),
})

export const roomStateAnswer = z.object({
  roomId: z.uuid(),
  status: z.enum(ROOM_STATUSES),
  current: bookingAnswer.nullable(),
  next: bookingAnswer.nullable(),
  freeUntil: z.iso.datetime().nullable(),
  occupancy: z.object({ present: z.boolean(), count: z.int().nullable(), at: z.iso.datetime() }).nullable(),
  staleSince: z.iso.datetime().nullable(),
})

/** The longest a meeting is made longer at a time. */
export const MAX_EXTENSION_MINUTES = 480
export const MAX_WALK_UP_MINUTES = 1_440

const which = { allocationId: id.optional() }

/** What a room is doing, and what the people in front of it do with it. */
export function roomStateRoutes(deps: ApiDeps): Route[] {
  const rooms: RoomUseDeps = { ...deps, ...createRoomUseStore(deps) }
  const seen = (actor: Actor, { id: roomId }: { id: string }, verb: Verb = 'read') => locate(deps, actor, roomId, verb)

  return [
    route({
      method: 'GET',
      path: '/rooms/:id/state',
      summary: 'What the room is doing now, and what comes next',
      panels: true,
      params: idParams,
      answers: roomStateAnswer,
      locate: seen,
      handle: async ({ actor, params }) => {
        const now = deps.now()
        const state = await readOnly(deps.pool, actor.organizationId, (tx) => roomStateOf(tx, actor, params.id, now))
        return state === undefined ? err(refuse('not_found')) : ok({ status: 200, body: state })
      },
    }),
    use('checkin', 'Check in: somebody is here. The booking that has the room, or the one named', which, checkIn),
    use(
      'extend',
      'Make the meeting that is on longer, into free time only',
      { minutes: minutes(MAX_EXTENSION_MINUTES) },
      extendRoom,
    ),
    use('end', 'End the meeting in this room: what is left of its time is free at once', which, endInRoom),
    use(
      'release',
      'Give the room back for this occurrence; the meeting goes on without it',
      { ...which, reason: line(200).optional() },
      releaseRoom,
    ),
    use('keep', 'Say no to a release that was announced; once per booking', which, keepRoom),
    route({
      method: 'POST',
      path: '/rooms/:id/walkup',
      summary: 'Take the free room from now on, checked in at once; as long as asked, as free, as the room allows',
      panels: true,
      params: idParams,
      body: z.strictObject({ minutes: minutes(MAX_WALK_UP_MINUTES).optional(), title: line(500).optional() }),
      answers: roomStateAnswer,
      locate: (actor, params) => seen(actor, params, 'walk_up'),
      handle: async ({ actor, params, body }) => {
        const walked = await walkUp(rooms, actor, { roomId: params.id, ...body })
        if (!walked.ok) return walked
        const { meetingId, state } = walked.value
        return ok({ status: 201, body: state, location: `/meetings/${meetingId}` })
      },
    }),
  ]

  /** One command on a booking of the room. */
  function use<Shape extends z.ZodRawShape>(
    name: string,
    summary: string,
    body: Shape,
    command: (
      deps: RoomUseDeps,
      actor: Actor,
      cmd: { roomId: string } & z.output<z.ZodObject<Shape>>,
    ) => Promise<Result<RoomStateView, Refusal>>,
  ): Route {
    return route({
      method: 'POST',
      path: `/rooms/:id/${name}`,
      summary,
      panels: true,
      params: idParams,
      body: z.strictObject(body),
      answers: roomStateAnswer,
      locate: seen,
      handle: async ({ actor, params, body: given }): Promise<Result<Answer, Refusal>> => {
        const done = await command(rooms, actor, { ...(given as z.output<z.ZodObject<Shape>>), roomId: params.id })
        return done.ok ? ok({ status: 200, body: done.value }) : done
      },
    })
  }
}

export function minutes(max: number) {
  return z.int().min(1).max(max)
}

async function locate(deps: ApiDeps, actor: Actor, roomId: string, verb: Verb): Promise<Refusal | undefined> {
  const now = deps.now()
  const state = await readOnly(deps.pool, actor.organizationId, (tx) => roomStateOf(tx, actor, roomId, now))
  if (state === undefined) return refuse('not_found')
  return can(actor, verb, { kind: 'room', roomId }) ? undefined : refuse('forbidden')
}
