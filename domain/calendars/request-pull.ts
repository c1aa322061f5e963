import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { CalendarsDeps } from './ports.ts'
import { soonestPull } from './schedule-pull.ts'

export interface RequestedPull {
  id: string
  nextAttemptAt: Instant
}

/**
 * Asks for a pull of one calendar, or of all the actor has, as soon as is decent: a source is not asked twice within half a minute
 * by anybody's impatience, nor before the time it named itself. Refuses with `not_found`.
 */
export async function requestPull(
  deps: CalendarsDeps,
  actor: Actor,
  { integrationId }: { integrationId?: string | undefined },
): Promise<Result<RequestedPull[], Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const own = await tx.integrationsOf(actor.userId)
    const asked = integrationId === undefined ? own : own.filter(({ id }) => id === integrationId)
    const may = can(actor, 'update', { kind: 'integration', userId: actor.userId })
    if (!may || (integrationId !== undefined && asked.length === 0)) return err(refuse('not_found'))
    const requested: RequestedPull[] = []
    for (const integration of asked) {
      const nextAttemptAt = Math.min(soonestPull(now, integration), integration.nextAttemptAt) as Instant
      await tx.updateIntegration({ ...integration, nextAttemptAt })
      await tx.putPull(integration.id, nextAttemptAt)
      requested.push({ id: integration.id, nextAttemptAt })
    }
    return ok(requested)
  })
}
