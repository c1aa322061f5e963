import { type Instant, DAY_MS } from '../../domain/time/instant.ts'
import { REMINDER_GRACE_MS } from '../../domain/notifications/message.ts'
import { MAX_REMINDER_MS } from '../../domain/notifications/preferences.ts'
import type { OrganizationTx } from '../transaction.ts'

/** A day more than anybody can ask for. */
const LOOK_AHEAD_MS = MAX_REMINDER_MS + DAY_MS
/** At a time; the next look finds the rest. */
const MAX_FOUND = 1_000

/** Meetings that begin within days and have no row that would remind of them. */
export async function findUnreminded(tx: OrganizationTx, now: Instant): Promise<string[]> {
  return idsOf(
    tx,
    'unreminded',
    `SELECT DISTINCT o.meeting_id AS id FROM occurrence o
     WHERE o.organization_id = $1 AND o.starts_at > to_timestamp($2::float8 / 1000) AND o.starts_at < to_timestamp($3::float8 / 1000)
       AND o.status NOT IN ('cancelled', 'conflicted') AND ${HAS_NO_ROW('reminder', 'o.meeting_id::text')}
     LIMIT ${MAX_FOUND}`,
    [now - REMINDER_GRACE_MS, now + LOOK_AHEAD_MS],
  )
}

/** Meetings of this person that begin within days. */
export async function upcomingMeetingsOf(tx: OrganizationTx, userId: string, now: Instant): Promise<string[]> {
  return idsOf(
    tx,
    'upcoming-of-person',
    `SELECT DISTINCT meeting_id AS id FROM allocation
     WHERE organization_id = $1 AND resource_id = $2 AND meeting_id IS NOT NULL AND starts_at > to_timestamp($3::float8 / 1000)
       AND starts_at < to_timestamp($4::float8 / 1000)
     LIMIT ${MAX_FOUND}`,
    [userId, now, now + LOOK_AHEAD_MS],
  )
}

/** Series that are materialised to less than that, and have no row that would extend them. */
export async function findUnextended(tx: OrganizationTx, until: Instant): Promise<string[]> {
  return idsOf(
    tx,
    'unextended',
    `SELECT m.id FROM meeting m
     WHERE m.organization_id = $1 AND m.rrule IS NOT NULL AND m.status <> 'cancelled'
       AND m.materialised_until < to_timestamp($2::float8 / 1000) AND ${HAS_NO_ROW('horizon', 'm.id::text')}
     LIMIT ${MAX_FOUND}`,
    [until],
  )
}

function HAS_NO_ROW(kind: string, subject: string): string {
  return `NOT EXISTS (SELECT FROM due WHERE due.organization_id = $1 AND due.kind = '${kind}' AND due.subject = ${subject})`
}

async function idsOf(tx: OrganizationTx, name: string, text: string, values: unknown[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(name, text, [tx.organizationId, ...values])
  return rows.map((row) => row.id)
}
