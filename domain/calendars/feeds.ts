import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Feed } from './feed.ts'
import type { CalendarsDeps } from './ports.ts'

export type CreateFeed = { kind: 'person' } | { kind: 'room'; roomId: string }

/** One for each device and service that reads along. */
export const MAX_FEEDS = 50

/**
 * Makes a secret address. The secret itself is derived from the id by the door and is no part of what is kept here. Refuses with
 * `forbidden`, `unknown_reference` or `too_large`.
 */
export async function createFeed(deps: CalendarsDeps, actor: Actor, cmd: CreateFeed): Promise<Result<Feed, Refusal>> {
  if (!can(actor, 'create', { kind: 'integration', userId: actor.userId })) return err(refuse('forbidden'))
  const now = deps.now()
  const roomId = cmd.kind === 'room' ? cmd.roomId : null
  return deps.transact(actor, now, async (tx) => {
    const owner = await tx.lockOwner(actor.userId)
    if (owner === undefined) return err(refuse('forbidden'))
    if (owner.feeds >= MAX_FEEDS) return err(refuse('too_large', `A person has at most ${MAX_FEEDS} secret addresses.`))
    if (roomId !== null && !(can(actor, 'read', { kind: 'room', roomId }) && (await tx.hasRoom(roomId)))) {
      const errors = [{ pointer: '/roomId', detail: 'There is no such room.' }]
      return err(refuse('unknown_reference', undefined, { errors }))
    }
    const feed: Feed = { id: deps.newId(), userId: actor.userId, kind: cmd.kind, roomId, createdAt: now }
    await tx.insertFeed(feed)
    await tx.record(actor, {
      events: [],
      audit: { action: 'feed.create', subjectId: feed.id, detail: { kind: feed.kind } },
    })
    return ok(feed)
  })
}

/** Its address answers nothing from then on. Refuses with `not_found`. */
export async function deleteFeed(deps: CalendarsDeps, actor: Actor, feedId: string): Promise<Result<null, Refusal>> {
  return deps.transact(actor, deps.now(), async (tx) => {
    const feed = await tx.loadFeed(feedId)
    if (feed === undefined || !can(actor, 'cancel', { kind: 'integration', userId: feed.userId })) {
      return err(refuse('not_found'))
    }
    await tx.deleteFeed(feedId)
    await tx.record(actor, { events: [], audit: { action: 'feed.delete', subjectId: feedId } })
    return ok(null)
  })
}
