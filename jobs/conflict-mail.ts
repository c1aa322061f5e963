import { holdMeetings } from '../db/notifications/meeting-facts.ts'
import { putMessages } from '../db/notifications/messages.ts'
import { transact } from '../db/transaction.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { conflictMessages } from '../domain/notifications/tell-conflicts.ts'
import { ok } from '../domain/result.ts'
import type { Instant } from '../domain/time/instant.ts'
import type { JobDeps } from './deps.ts'

/** Tells the organizer which occurrences stand without their rooms, each once however often this is asked: a crash before it loses nothing. */
export async function tellConflicts(deps: JobDeps, actor: Actor, meetingId: string, now: Instant): Promise<void> {
  await transact(deps.pool, actor, { now, onNews: deps.onNews }, async (tx) => {
    const aggregate = (await holdMeetings(tx, [meetingId])).get(meetingId)
    if (aggregate === undefined) return ok(undefined)
    const { marks, mailOf } = conflictMessages(aggregate, now)
    const fresh = await putMessages(tx, deps, marks, now)
    await putMessages(tx, deps, mailOf(fresh), now)
    return ok(undefined)
  })
}
