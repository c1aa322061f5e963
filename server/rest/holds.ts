import { z } from 'zod'
import { createHoldsStore } from '../../db/holds/holds-tx.ts'
import { ownHolds } from '../../db/holds/queries.ts'
import { readOnly } from '../../db/transaction.ts'
import { convertHold } from '../../domain/holds/convert-hold.ts'
import { type OwnHoldView, HOLD_BOUNDS, holdEtag } from '../../domain/holds/hold.ts'
import { releaseHold, renewHold } from '../../domain/holds/own-hold.ts'
import { placeHold } from '../../domain/holds/place-hold.ts'
import type { HoldsDeps } from '../../domain/holds/ports.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { can } from '../../domain/identity/can.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { err, ok } from '../../domain/result.ts'
import { type Instant, SECOND_MS } from '../../domain/time/instant.ts'
import { parseInstant } from '../../domain/time/iso.ts'
import type { ApiDeps } from '../deps.ts'
import { id, idParams, instant, pageQuery } from './input.ts'
import { bookedAnswer, heldBookBody } from './meeting-shapes.ts'
import { pageAnswer } from './page.ts'
import { type Answer, type Route, route } from './route.ts'

const MAX_TTL_SECONDS = HOLD_BOUNDS.ttlMs / SECOND_MS
const ttlSeconds = z
  .int()
  .min(1)
  .max(MAX_TTL_SECONDS)
  .default(HOLD_BOUNDS.defaultTtlMs / SECOND_MS)

/** `ttlSeconds` is 300 when absent. */
export const placeBody = z
  .strictObject({
    resourceIds: z.array(id).min(1).max(HOLD_BOUNDS.resources),
    start: instant,
    end: instant,
    ttlSeconds,
    replaces: id.optional(),
  })
  .transform(({ ttlSeconds: seconds, ...rest }) => ({ ...rest, ttlMs: seconds * SECOND_MS }))

export const renewBody = z.strictObject({ ttlSeconds }).transform((body) => ({ ttlMs: body.ttlSeconds * SECOND_MS }))

const holdAnswer = z.object({
  id: z.uuid(),
  resourceIds: z.array(z.uuid()),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  renewalsLeft: z.int(),
})

/** Claims of a slot for minutes, before it is booked. A hold is its owner's alone: to others its id is like none. */
export function holdsRoutes(deps: ApiDeps): Route[] {
  const holds = holdsDeps(deps)
  const all = (actor: Actor) => readOnly(deps.pool, actor.organizationId, (tx) => ownHolds(tx, actor, deps.now()))
  const find = async (actor: Actor, params: { id: string }) =>
    (await all(actor)).find(({ id: one }) => one === params.id)
  const locate = async (actor: Actor, params: { id: string }): Promise<Refusal | undefined> =>
    (await find(actor, params)) === undefined ? refuse('not_found') : mayHold(actor)
  return [
    route({
      method: 'POST',
      path: '/holds',
      summary: 'Hold rooms and people for up to ten minutes; everybody who looks at them sees it',
      body: placeBody,
      answers: holdAnswer,
      locate: mayHold,
      handle: async ({ actor, body }) => {
        const placed = await placeHold(holds, actor, body)
        if (!placed.ok) return placed
        return ok({ ...holdAnswered(placed.value), status: 201, location: `/holds/${placed.value.id}` })
      },
    }),
    route({
      method: 'GET',
      path: '/holds',
      summary: 'One’s own holds, the first to end first',
      query: z.strictObject(pageQuery),
      answers: z.object({ items: z.array(holdAnswer), nextCursor: z.string().nullable() }),
      handle: ({ actor, query }) =>
        pageAnswer(query, {
          key: z.tuple([z.int(), z.uuid()]),
          keyOf: (hold: OwnHoldView) => [untilOf(hold), hold.id],
          view: (hold) => hold,
          read: async ({ limit, after }) => {
            const own = await all(actor)
            return own.filter((hold) => after === undefined || comesAfter(hold, after)).slice(0, limit)
          },
        }),
    }),
    route({
      method: 'GET',
      path: '/holds/:id',
      summary: 'One of one’s own holds, as long as it holds',
      params: idParams,
      answers: holdAnswer,
      locate: async (actor, params) => ((await find(actor, params)) === undefined ? refuse('not_found') : undefined),
      handle: async ({ actor, params }) => {
        const hold = await find(actor, params)
        return hold === undefined ? err(refuse('not_found')) : ok(holdAnswered(hold))
      },
    }),
    route({
      method: 'POST',
      path: '/holds/:id/renew',
      summary: 'Make a hold last longer, at most twice',
      params: idParams,
      body: renewBody,
      answers: holdAnswer,
      locate,
      handle: async ({ actor, params, body }) => {
        const renewed = await renewHold(holds, actor, { holdId: params.id, ...body })
        return renewed.ok ? ok(holdAnswered(renewed.value)) : renewed
      },
    }),
    route({
      method: 'POST',
      path: '/holds/:id/convert',
      summary:
        'Book what is held: its span, its rooms, its people beside those named. Refused, the hold stays as it is',
      params: idParams,
      body: heldBookBody,
      answers: bookedAnswer,
      locate,
      handle: async ({ actor, params, body }) => {
        const booked = await convertHold(holds, actor, { ...body, holdId: params.id })
        if (!booked.ok) return booked
        const { etag, ...answer } = booked.value
        return ok({ status: 201, body: answer, etag, location: `/meetings/${answer.meeting.id}` })
      },
    }),
    route({
      method: 'DELETE',
      path: '/holds/:id',
      summary: 'Give a hold back',
      params: idParams,
      locate,
      handle: async ({ actor, params, ifVersion }) => {
        const released = await releaseHold(holds, actor, { holdId: params.id, ifVersion })
        return released.ok ? ok({ status: 204 }) : released
      },
    }),
  ]
}

export function holdsDeps(deps: ApiDeps): HoldsDeps {
  return { ...deps, ...createHoldsStore(deps) }
}

function holdAnswered(hold: OwnHoldView): Answer {
  return { status: 200, body: hold, etag: holdEtag(hold) }
}

function comesAfter(hold: OwnHoldView, [until, holdId]: [number, string]): boolean {
  return untilOf(hold) === until ? hold.id > holdId : untilOf(hold) > until
}

function untilOf({ expiresAt }: OwnHoldView): Instant {
  return parseInstant(expiresAt) as Instant
}

/** 403 before 422 for who may not hold at all. */
async function mayHold(actor: Actor): Promise<Refusal | undefined> {
  return can(actor, 'create', { kind: 'hold', userId: actor.userId }) ? undefined : refuse('forbidden')
}
