import type { Refusal } from '../domain/refusals.ts'
import { type Result, ok } from '../domain/result.ts'
import { SECOND_MS } from '../domain/time/instant.ts'
import type { Message } from './message.ts'
import type { Payload } from './protocol.ts'
import { actorOf } from './room-commands.ts'

type Answered = Promise<Result<{ answer: object }, Refusal>>

/** `hold.place` and `hold.renew` are acked with the hold as its owner sees it. */
export const HOLD_HANDLERS = {
  'hold.place': async ({ deps, connection }: Message, payload: Payload<'hold.place'>): Answered => {
    const { ttlSeconds, ...cmd } = payload
    const placed = await deps.holds.place(actorOf(deps, connection.actor), { ...cmd, ttlMs: ttlSeconds * SECOND_MS })
    return placed.ok ? ok({ answer: { hold: placed.value } }) : placed
  },
  'hold.renew': async ({ deps, connection }: Message, payload: Payload<'hold.renew'>): Answered => {
    const { holdId, ttlSeconds } = payload
    const cmd = { holdId, ttlMs: ttlSeconds * SECOND_MS }
    const renewed = await deps.holds.renew(actorOf(deps, connection.actor), cmd)
    return renewed.ok ? ok({ answer: { hold: renewed.value } }) : renewed
  },
  'hold.release': async ({ deps, connection }: Message, payload: Payload<'hold.release'>): Answered => {
    const released = await deps.holds.release(actorOf(deps, connection.actor), payload)
    return released.ok ? ok({ answer: {} }) : released
  },
}
