import { settledKey } from '../../domain/meetings/claims.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'
import type { OrganizationTx } from '../transaction.ts'

/** The rooms that occurrences of a meeting gave back or left early, as long as they have not been claimed anew since. */
export async function settledRooms(tx: OrganizationTx, meetingId: string): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ room_id: string; recurrence_id: LocalTime; starts_at: Instant }>(
    'rooms-settled',
    `SELECT room_id, recurrence_id, starts_at FROM room_use u
     WHERE organization_id = $1 AND meeting_id = $2 AND (released_at IS NOT NULL OR end_reason IN ('early', 'empty'))
       AND NOT EXISTS (SELECT FROM allocation a WHERE a.organization_id = $1 AND a.meeting_id = $2
                         AND a.recurrence_id = u.recurrence_id AND a.resource_id = u.room_id AND a.id <> u.allocation_id)`,
    [tx.organizationId, meetingId],
  )
  return new Set(rows.map((row) => settledKey(row.room_id, { recurrenceId: row.recurrence_id, start: row.starts_at })))
}
