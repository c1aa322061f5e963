import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Integration } from './integration.ts'
import type { CalendarsDeps } from './ports.ts'

export interface ConnectCalendar {
  provider: 'ics'
  /** As it is asked for: http or https. */
  url: string
  host: string
  name: string | undefined
}

/** A person has a handful of calendars; each costs a request every quarter of an hour. */
export const MAX_INTEGRATIONS = 20

/** Connects a calendar of the actor's and makes its first pull due. Refuses with `forbidden`, `invalid_input` or `too_large`. */
export async function connectCalendar(
  deps: CalendarsDeps,
  actor: Actor,
  { provider, url, host, name }: ConnectCalendar,
): Promise<Result<Integration, Refusal>> {
  if (!can(actor, 'create', { kind: 'integration', userId: actor.userId })) return err(refuse('forbidden'))
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const owner = await tx.lockOwner(actor.userId)
    if (owner === undefined) return err(refuse('forbidden'))
    if (owner.integrations >= MAX_INTEGRATIONS) {
      return err(refuse('too_large', `A person connects at most ${MAX_INTEGRATIONS} calendars.`))
    }
    const integration: Integration = {
      id: deps.newId(),
      userId: actor.userId,
      provider,
      name: name ?? host,
      host,
      createdAt: now,
      lastAttemptAt: null,
      lastSuccessAt: null,
      nextAttemptAt: now,
      freshAsOf: null,
      failures: 0,
      error: null,
      events: 0,
      poison: [],
      etag: null,
      lastModified: null,
      contentHash: null,
      coveredUntil: null,
      notBefore: null,
    }
    if (!(await tx.insertIntegration(integration, url))) {
      return err(refuse('invalid_input', 'You have connected this calendar before.'))
    }
    await tx.putPull(integration.id, now)
    await tx.record(actor, { events: [], audit: { action: 'calendar.connect', subjectId: integration.id } })
    return ok(integration)
  })
}
