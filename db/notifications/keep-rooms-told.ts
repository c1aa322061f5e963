import { type Told, withRooms } from '../../domain/notifications/announce.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'
import type { OrganizationTx } from '../transaction.ts'

/** What people were told of an occurrence says these rooms. Nothing where nobody was told anything of the meeting yet. */
export async function keepRoomsTold(
  tx: OrganizationTx,
  { meetingId, recurrenceId, roomIds }: { meetingId: string; recurrenceId: LocalTime; roomIds: readonly string[] },
): Promise<void> {
  const { rows } = await tx.query<{ told: Told }>(
    'told-of-one',
    'SELECT told FROM announcement WHERE organization_id = $1 AND meeting_id = $2 FOR UPDATE',
    [tx.organizationId, meetingId],
  )
  const told = rows[0]?.told
  if (told === undefined) return
  await tx.query('told-rooms', 'UPDATE announcement SET told = $3 WHERE organization_id = $1 AND meeting_id = $2', [
    tx.organizationId,
    meetingId,
    JSON.stringify(withRooms(told, recurrenceId, roomIds)),
  ])
}
