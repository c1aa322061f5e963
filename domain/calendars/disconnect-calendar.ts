import type { Actor } from '../identity/actor.ts'
import { can } from '../identity/can.ts'
import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import type { CalendarsDeps } from './ports.ts'

/** Forgets a calendar with its events; a pull that is under way finds nothing to write to. Refuses with `not_found`. */
export async function disconnectCalendar(
  deps: CalendarsDeps,
  actor: Actor,
  integrationId: string,
): Promise<Result<null, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const integration = await tx.loadIntegration(integrationId)
    if (integration === undefined || !can(actor, 'cancel', { kind: 'integration', userId: integration.userId })) {
      return err(refuse('not_found'))
    }
    await tx.deleteIntegration(integrationId)
    const data = { integrationId, added: 0, changed: 0, removed: integration.events, freshAsOf: null }
    await tx.record(actor, {
      events: [{ topic: `person:${integration.userId}`, type: 'calendar.synced', data }],
      audit: { action: 'calendar.disconnect', subjectId: integrationId },
    })
    return ok(null)
  })
}
