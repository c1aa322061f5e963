import { type Told, splitTold } from '../../domain/notifications/announce.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'
import type { OrganizationTx } from '../transaction.ts'

/**
 * What people were told of a series goes with its occurrences from there on to the meeting that takes them over. Nothing where
 * nobody was told anything of it yet: then each part is announced by itself.
 */
export async function handOverTold(
  tx: OrganizationTx,
  { from, to, recurrenceId }: { from: string; to: string; recurrenceId: LocalTime },
): Promise<void> {
  const { rows } = await tx.query<{ told: Told }>(
    'told-split',
    'SELECT told FROM announcement WHERE organization_id = $1 AND meeting_id = $2 FOR UPDATE',
    [tx.organizationId, from],
  )
  const told = rows[0]?.told
  if (told === undefined) return
  const { head, rest } = splitTold(told, recurrenceId)
  await tx.query(
    'told-hand-over',
    `WITH kept AS (
       UPDATE announcement SET told = $4 WHERE organization_id = $1 AND meeting_id = $2 RETURNING announced_at
     )
     INSERT INTO announcement (organization_id, meeting_id, told, announced_at) SELECT $1, $3, $5, announced_at FROM kept`,
    [tx.organizationId, from, to, JSON.stringify(head), JSON.stringify(rest)],
  )
}
