import type { Pool } from 'pg'
import type { ExternalEvent } from '../../domain/calendars/external-event.ts'
import type { Feed } from '../../domain/calendars/feed.ts'
import type { Integration } from '../../domain/calendars/integration.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { type OrganizationTx, readOnly } from '../transaction.ts'
import {
  type ExternalEventRow,
  type FeedRow,
  type IntegrationRow,
  externalEventOf,
  feedOf,
  integrationOf,
} from './calendars-rows.ts'
import type { CalendarSecrets } from './secrets.ts'

interface Page<Key> {
  limit: number
  after: Key | undefined
}

/** In the order of their making. */
export function listIntegrations(
  pool: Pool,
  organizationId: string,
  { userId, limit, after }: Page<string> & { userId: string },
): Promise<Integration[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<IntegrationRow>(
      'integrations-list',
      `SELECT * FROM calendar_integration
       WHERE organization_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4`,
      [organizationId, userId, after ?? null, limit],
    )
    return rows.map(integrationOf)
  })
}

export function integrationById(pool: Pool, organizationId: string, id: string): Promise<Integration | undefined> {
  return readOnly(pool, organizationId, async (tx) => {
    const row = await findIntegration(tx, id)
    return row && integrationOf(row)
  })
}

/** All that a pull needs to know; undefined when it was disconnected, or its owner is gone. */
export function feedSource(
  pool: Pool,
  secrets: CalendarSecrets,
  organizationId: string,
  id: string,
): Promise<{ integration: Integration; url: string; timezone: string } | undefined> {
  return readOnly(pool, organizationId, async (tx) => {
    const row = await findIntegration(tx, id)
    if (row === undefined) return undefined
    const { rows } = await tx.query<{ timezone: string }>(
      'feed-owner-zone',
      'SELECT timezone FROM users WHERE organization_id = $1 AND id = $2',
      [organizationId, row.user_id],
    )
    const url = secrets.unsealUrl(organizationId, id, row.sealed_url)
    return rows[0] && { integration: integrationOf(row), url, timezone: rows[0].timezone }
  })
}

async function findIntegration(tx: OrganizationTx, id: string): Promise<IntegrationRow | undefined> {
  const { rows } = await tx.query<IntegrationRow>(
    'integration-by-id',
    'SELECT * FROM calendar_integration WHERE organization_id = $1 AND id = $2',
    [tx.organizationId, id],
  )
  return rows[0]
}

export interface OwnedExternalEvent extends ExternalEvent {
  integrationId: string
  freshAsOf: Instant | null
}

export interface ExternalFilter extends Page<readonly [startsAt: number, id: string]> {
  userId: string
  from: Instant
  to: Instant
  integrationId: string | undefined
}

/** An external event is never longer: bounds the index range in which the start of one that goes on can lie. */
const LONGEST_SECONDS = 401 * 86_400

/** A person's own external events that overlap the window (moments inside it included), by start. */
export function listExternalEvents(
  pool: Pool,
  organizationId: string,
  { userId, from, to, integrationId, limit, after }: ExternalFilter,
): Promise<OwnedExternalEvent[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<ExternalEventRow & { integration_id: string; fresh_as_of: Instant | null }>(
      'external-list',
      `SELECT e.integration_id, e.id, e.uid, e.recurrence_id, e.starts_at, e.ends_at, e.all_day, e.busy, e.status, e.summary,
         i.fresh_as_of
       FROM external_event e
       JOIN calendar_integration i ON i.organization_id = $1 AND i.id = e.integration_id
       WHERE e.organization_id = $1 AND e.user_id = $2
         AND e.starts_at < to_timestamp($4::float8 / 1000) AND e.ends_at >= to_timestamp($3::float8 / 1000)
         AND (e.ends_at > to_timestamp($3::float8 / 1000) OR e.starts_at = e.ends_at)
         AND e.starts_at > to_timestamp($3::float8 / 1000) - make_interval(secs => $5)
         AND ($6::uuid IS NULL OR e.integration_id = $6)
         AND ($7::float8 IS NULL OR (e.starts_at, e.id) > (to_timestamp($7 / 1000), $8::uuid))
       ORDER BY e.starts_at, e.id LIMIT $9`,
      [
        organizationId,
        userId,
        from,
        to,
        LONGEST_SECONDS,
        integrationId ?? null,
        after?.[0] ?? null,
        after?.[1] ?? null,
        limit,
      ],
    )
    return rows.map((row) => ({
      ...externalEventOf(row),
      integrationId: row.integration_id,
      freshAsOf: row.fresh_as_of,
    }))
  })
}

export function listFeeds(
  pool: Pool,
  organizationId: string,
  { userId, limit, after }: Page<string> & { userId: string },
): Promise<Feed[]> {
  return readOnly(pool, organizationId, async (tx) => {
    const { rows } = await tx.query<FeedRow>(
      'feeds-list',
      `SELECT id, user_id, kind, room_id, created_at FROM calendar_feed
       WHERE organization_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4`,
      [organizationId, userId, after ?? null, limit],
    )
    return rows.map(feedOf)
  })
}
