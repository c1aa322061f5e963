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

/** Locks the messages. What is gone is missing. */
export async function lockMessages(tx: OrganizationTx, ids: readonly string[]): Promise<StoredMessage[]> {
  const { rows } = await tx.query<StoredMessage>(
    'messages-lock',
    `SELECT ${COLUMNS} FROM message WHERE organization_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`,
    [tx.organizationId, ids],
  )
  return rows
}

export interface Fate {
  id: string
  status: MessageStatus
  handedAt?: Instant
  error?: string
}

/** What is `queued` again must still be ours: who found it `sending` meanwhile has called it `unknown`, for good. */
export async function setMessageStatuses(tx: OrganizationTx, fates: readonly Fate[]): Promise<void> {
  if (fates.length === 0) return
  await tx.query(
    'message-statuses',
    `UPDATE message SET status = f.status, last_error = f.error,
       handed_at = coalesce(to_timestamp(f.handed_at / 1000), message.handed_at)
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::float8[]) AS f (id, status, error, handed_at)
     WHERE organization_id = $1 AND message.id = f.id AND (f.status <> 'queued' OR message.status = 'sending')`,
    [
      tx.organizationId,
      fates.map(({ id }) => id),
      fates.map(({ status }) => status),
      fates.map(({ error }) => error ?? null),
      fates.map(({ handedAt }) => handedAt ?? null),
    ],
  )
}

/** When each recipient's last mails were handed in, newest first, since then; at most `limit` of each. Who had none is missing. */
export async function handedSince(
  tx: OrganizationTx,
  { recipients, since, limit }: { recipients: readonly string[]; since: Instant; limit: number },
): Promise<Map<string, Instant[]>> {
  const { rows } = await tx.query<{ recipient: string; handed_at: Instant }>(
    'messages-handed',
    `SELECT r.recipient, handed.handed_at FROM unnest($2::text[]) AS r (recipient) CROSS JOIN LATERAL (
       SELECT handed_at FROM message WHERE organization_id = $1 AND recipient = r.recipient AND channel = 'email'
         AND handed_at > to_timestamp($3::float8 / 1000) AND status IN ('sending', 'sent', 'unknown')
       ORDER BY handed_at DESC LIMIT $4
     ) handed ORDER BY r.recipient, handed.handed_at DESC`,
    [tx.organizationId, recipients, since, limit],
  )
  const lately = new Map<string, Instant[]>()
  for (const { recipient, handed_at } of rows) lately.set(recipient, [...(lately.get(recipient) ?? []), handed_at])
  return lately
}

/** Until the end of the transaction: what is counted of these recipients stays so. One order for all who lock several. */
export async function lockRecipients(tx: OrganizationTx, recipients: readonly string[]): Promise<void> {
  await tx.query(
    'message-recipients-lock',
    'SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS r (name) ORDER BY 1) keys',
    [recipients.map((recipient) => `message ${tx.organizationId} ${recipient}`)],
  )
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
