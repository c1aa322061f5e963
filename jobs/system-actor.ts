import type { Actor } from '../domain/identity/actor.ts'
import { INSTALLATION } from './job.ts'

/** Who does what time does. It has no session and no row; the record names it by the id of nobody. */
export function systemActor(organizationId: string, kind: string): Actor {
  return { organizationId, userId: INSTALLATION, role: 'owner', sessionId: INSTALLATION, requestId: `job:${kind}` }
}
