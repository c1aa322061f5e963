import type { Pool } from 'pg'
import { z } from 'zod'
import { roleOfPrincipal } from '../db/identity/delegation.ts'
import type { Actor } from '../domain/identity/actor.ts'
import { lowerRole } from '../domain/identity/lower-role.ts'
import type { Principal } from '../domain/identity/ports.ts'
import { type Refusal, refuse } from '../domain/refusals.ts'
import { type Result, err, ok } from '../domain/result.ts'

/** Names the person in whose name a delegate acts. */
export const ON_BEHALF_OF = 'on-behalf-of'

const userId = z.uuid().toLowerCase()
const NO_DELEGATE = refuse('forbidden', 'You are not a delegate of the person in On-Behalf-Of.')

/** Whose token it is, or the person he acts for. */
type Acting = Pick<Actor, 'organizationId' | 'userId' | 'role' | 'sessionId' | 'roomId' | 'delegateId'>

/**
 * Who acts: the owner of the token, or with `On-Behalf-Of` the person it names, with the lower of both roles. `forbidden` when he
 * is not a delegate of that person; asked of the store at every request.
 */
export async function actingFor(
  pool: Pool,
  { organizationId, userId: ownId, role: ownRole, sessionId, roomId }: Principal,
  header: string | undefined,
): Promise<Result<Acting, Refusal>> {
  if (header === undefined) return ok({ organizationId, userId: ownId, role: ownRole, sessionId, roomId })
  const parsed = userId.safeParse(header.trim())
  if (!parsed.success) return err(NO_DELEGATE)
  const principalId = parsed.data
  const role = await roleOfPrincipal(pool, organizationId, { principalId, delegateId: ownId })
  if (role === undefined) return err(NO_DELEGATE)
  return ok({ organizationId, userId: principalId, role: lowerRole(ownRole, role), sessionId, delegateId: ownId })
}
