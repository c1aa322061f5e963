import type { Actor } from '../identity/actor.ts'
import { type Verb, can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { PeopleTx } from './ports.ts'
import { type User, userView } from './user.ts'

/** Locks the person: 404 for whom one may not know of, 403 for what one may not do to him. */
export async function openPerson(
  tx: PeopleTx,
  actor: Actor,
  userId: string,
  verb: Verb,
): Promise<Result<User, Refusal>> {
  const user = await tx.load(userId)
  const resource = { kind: 'user', userId } as const
  if (user === undefined || !can(actor, 'read', resource)) return err(refuse('not_found'))
  return can(actor, verb, resource) ? ok(user) : err(refuse('forbidden'))
}

/** He has changed, if only in what is kept beside him: his version moves, and who listens to his time hears of it. */
export async function savePerson(
  tx: PeopleTx,
  actor: Actor,
  { user, now, action, detail }: { user: User; now: Instant; action: string; detail: object },
): Promise<User> {
  const updated = { ...user, version: user.version + 1, updatedAt: now }
  await tx.update(updated)
  await tx.record(actor, {
    events: [{ topic: `person:${user.id}`, type: 'user.updated', data: userView(updated) }],
    audit: { action, subjectId: user.id, detail: { version: updated.version, ...detail } },
  })
  return updated
}
