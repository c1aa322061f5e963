import type { Ids } from '../../domain/deps.ts'
import type { Message, MessageStatus } from '../../domain/notifications/message.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { putDue } from '../jobs/due.ts'
import type { OrganizationTx } from '../transaction.ts'

/** The kind of job that hands mail in; its subject is the message's id. */
export const MAIL_JOB = 'mail'

export interface StoredMessage extends Message {
  id: string
  status: MessageStatus
  createdAt: Instant
  handedAt: Instant | null
  lastError: string | null
}

/**
 * Keeps messages, and puts what is to be handed in on the list, in the transaction of what they tell. What was told once is
 * left out. Answers the new ones.
 */
export async function putMessages(
  tx: OrganizationTx,
  ids: Ids,
  messages: readonly Message[],
  now: Instant,
): Promise<Message[]> {
  if (messages.length === 0) return []
  const { rows } = await tx.query<{ id: string; event_key: string; recipient: string; channel: string }>(
    'messages-put',
    PUT,
    [
      tx.organizationId,
      messages.map(() => ids.newId()),
      messages.map((message) => message.eventKey),
      messages.map((message) => message.recipient),
      messages.map((message) => message.channel),
      messages.map((message) => message.kind),
      messages.map((message) => message.meetingId),
      messages.map((message) => JSON.stringify(message.content)),
      now,
    ],
  )
  const mail = rows.filter((row) => row.channel === 'email')
  await putDue(
    tx,
    mail.map((row) => ({ kind: MAIL_JOB, subject: row.id, dueAt: now })),
  )
  const fresh = new Set(rows.map((row) => `${row.event_key} ${row.recipient} ${row.channel}`))
  return messages.filter((message) => fresh.has(`${message.eventKey} ${message.recipient} ${message.channel}`))
}

/** Locks the message. */
export async function lockMessage(tx: OrganizationTx, id: string): Promise<StoredMessage | undefined> {
  const { rows } = await tx.query<StoredMessage>(
    'message-lock',
    `SELECT ${COLUMNS} FROM message WHERE organization_id = $1 AND id = $2 FOR UPDATE`,
    [tx.organizationId, id],
  )
  return rows[0]
}

export async function setMessageStatus(
  tx: OrganizationTx,
  id: string,
  { status, handedAt, error }: { status: MessageStatus; handedAt?: Instant; error?: string },
): Promise<void> {
  await tx.query(
    'message-status',
    `UPDATE message SET status = $3, last_error = $4, handed_at = coalesce(to_timestamp($5::float8 / 1000), handed_at)
     WHERE organization_id = $1 AND id = $2`,
    [tx.organizationId, id, status, error ?? null, handedAt ?? null],
  )
}

/** When this recipient's last mails were handed in, newest first, since then; at most `limit`. */
export async function handedSince(
  tx: OrganizationTx,
  { recipient, since, limit }: { recipient: string; since: Instant; limit: number },
): Promise<Instant[]> {
  const { rows } = await tx.query<{ handed_at: Instant }>(
    'messages-handed',
    `SELECT handed_at FROM message WHERE organization_id = $1 AND recipient = $2 AND channel = 'email'
       AND handed_at > to_timestamp($3::float8 / 1000) AND status IN ('sending', 'sent', 'unknown')
     ORDER BY handed_at DESC LIMIT $4`,
    [tx.organizationId, recipient, since, limit],
  )
  return rows.map((row) => row.handed_at)
}

/** Until the end of the transaction: what is counted of this recipient stays so. */
export async function lockRecipient(tx: OrganizationTx, recipient: string): Promise<void> {
  await tx.query('message-recipient-lock', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `message ${tx.organizationId} ${recipient}`,
  ])
}

export const COLUMNS = `id, event_key AS "eventKey", recipient, channel, kind, meeting_id AS "meetingId", content, status,
  created_at AS "createdAt", handed_at AS "handedAt", last_error AS "lastError"`

const PUT = `
  INSERT INTO message (organization_id, id, event_key, recipient, channel, kind, meeting_id, content, status, created_at)
  SELECT $1, m.id, m.event_key, m.recipient, m.channel, m.kind, m.meeting_id, m.content::jsonb,
         CASE m.channel WHEN 'inbox' THEN 'sent' ELSE 'queued' END, to_timestamp($9::float8 / 1000)
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[])
    AS m (id, event_key, recipient, channel, kind, meeting_id, content)
  ORDER BY m.event_key, m.recipient, m.channel
  ON CONFLICT (organization_id, event_key, recipient, channel) DO NOTHING
  RETURNING id, event_key, recipient, channel`
