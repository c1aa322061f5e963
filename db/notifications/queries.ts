import type { Pool } from 'pg'
import type { Actor } from '../../domain/identity/actor.ts'
import type { Visibility } from '../../domain/identity/can.ts'
import type { MessageStatus } from '../../domain/notifications/message.ts'
import { readOnly } from '../transaction.ts'
import { COLUMNS, type StoredMessage } from './messages.ts'

export interface MessageFilter {
  /** Only to this user, for who may see no others'. */
  recipient?: string | undefined
  status?: MessageStatus | undefined
  meetingId?: string | undefined
  limit: number
  after?: readonly [createdAt: number, id: string] | undefined
}

export interface ListedMessage extends StoredMessage {
  /** Of its meeting. */
  visibility: Visibility
  organizerId: string
  /** Of whom asks: he is invited. */
  attends: boolean
}

/** What people were told, newest first. */
export function listMessages(
  pool: Pool,
  { organizationId, userId }: Pick<Actor, 'organizationId' | 'userId'>,
  filter: MessageFilter,
): Promise<ListedMessage[]> {
  const { recipient, status, meetingId, limit, after } = filter
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<ListedMessage>(
      'messages-list',
      `SELECT listed.*, m.visibility, m.organizer_id AS "organizerId", EXISTS (
         SELECT FROM participant p WHERE p.organization_id = $1 AND p.meeting_id = m.id AND p.user_id = $8) AS attends
       FROM (
         SELECT ${COLUMNS} FROM message
         WHERE organization_id = $1 AND ($2::text IS NULL OR recipient = $2) AND ($3::text IS NULL OR status = $3)
           AND ($4::uuid IS NULL OR meeting_id = $4)
           AND ($5::float8 IS NULL OR (created_at, id) < (to_timestamp($5 / 1000), $6::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $7
       ) listed JOIN meeting m ON m.organization_id = $1 AND m.id = listed."meetingId"
       ORDER BY listed."createdAt" DESC, listed.id DESC`,
      [organizationId, recipient ?? null, status ?? null, meetingId ?? null, ...(after ?? [null, null]), limit, userId],
    )
    return rows
  })
}
