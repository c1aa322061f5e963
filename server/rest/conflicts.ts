import { z } from 'zod'
import { maySee } from '../../db/availability/queries.ts'
import { conflictsIn } from '../../db/meetings/conflicts.ts'
import { readOnly } from '../../db/transaction.ts'
import type { Actor } from '../../domain/identity/actor.ts'
import { BOUNDS } from '../../domain/meetings/meeting.ts'
import { type Conflict, type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import type { ApiDeps } from '../deps.ts'
import { id, listed } from './input.ts'
import { spanOf, spanQuery } from './meeting-shapes.ts'

/** As many as a meeting can name; the same twice is once. */
const ids = listed
  .transform((parts) => parts.filter((part) => part !== ''))
  .pipe(z.array(id).max(BOUNDS.participants))
  .transform((given) => [...new Set(given)])
  .default([])

export const conflictsQuery = z.strictObject({ ...spanQuery, roomIds: ids, participantIds: ids })

/** What would be in the way of these rooms and people. Refuses with `not_found` where one is unknown, or the viewer may not know of him. */
export async function conflictsFor(
  deps: ApiDeps,
  actor: Actor,
  { roomIds, participantIds: userIds, ...query }: z.output<typeof conflictsQuery>,
): Promise<Result<Conflict[], Refusal>> {
  const asked = { roomIds, userIds }
  if (!maySee(actor, asked)) return err(refuse('not_found'))
  const span = spanOf(query)
  if (!span.ok) return span
  const viewer = { userId: actor.userId, now: deps.now() }
  const conflicts = await readOnly(deps.pool, actor.organizationId, (tx) => conflictsIn(tx, asked, span.value, viewer))
  return conflicts === undefined ? err(refuse('not_found')) : ok(conflicts)
}
