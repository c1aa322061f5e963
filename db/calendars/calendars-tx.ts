import type { Pool } from 'pg'
import type { CalendarsDeps, CalendarsTx } from '../../domain/calendars/ports.ts'
import type { Integration } from '../../domain/calendars/integration.ts'
import type { ExternalEvent } from '../../domain/calendars/external-event.ts'
import type { Clock, Ids } from '../../domain/deps.ts'
import type { Instant } from '../../domain/time/instant.ts'
import { putDue } from '../jobs/due.ts'
import { record } from '../outbox.ts'
import { type OrganizationTx, transact } from '../transaction.ts'
import { isUniqueViolation } from '../unique-violation.ts'
import {
  type ExternalEventRow,
  type FeedRow,
  type IntegrationRow,
  externalEventOf,
  feedOf,
  integrationOf,
} from './calendars-rows.ts'
import * as sql from './calendars-sql.ts'
import { type CalendarSecrets, hashToken } from './secrets.ts'

interface StoreDeps extends Clock, Ids {
  pool: Pool
  onNews: () => void
  secrets: CalendarSecrets
}

/** The kind of the job that pulls feeds (jobs/feeds.ts); its subject is the integration's id. */
export const FEED_JOB = 'feed'

/** Rows that one statement carries: what PostgreSQL takes in a few milliseconds. */
const PIECE = 5_000

export function createCalendarsStore(deps: StoreDeps): Pick<CalendarsDeps, 'transact'> {
  return {
    transact: (actor, now, work) =>
      transact(deps.pool, actor, { now, onNews: deps.onNews }, (tx) => work(calendarsTx(deps, tx, now))),
  }
}

function calendarsTx({ secrets, newId }: StoreDeps, tx: OrganizationTx, now: Instant): CalendarsTx {
  const { organizationId } = tx
  return {
    async lockOwner(userId) {
      const { rows } = await tx.query<{ integrations: number; feeds: number }>('calendar-owner', sql.LOCK_OWNER, [
        organizationId,
        userId,
      ])
      return rows[0]
    },
    async insertIntegration(integration, url) {
      try {
        await tx.query('integration-insert', sql.INSERT_INTEGRATION, [
          ...integrationValues(organizationId, integration),
          integration.userId,
          integration.provider,
          integration.name,
          integration.host,
          secrets.sealUrl(organizationId, integration.id, url),
          secrets.digestUrl(organizationId, url),
          integration.createdAt,
        ])
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    },
    async loadIntegration(id) {
      const { rows } = await tx.query<IntegrationRow>('integration-lock', sql.LOCK_INTEGRATION, [organizationId, id])
      return rows[0] && integrationOf(rows[0])
    },
    async integrationsOf(userId) {
      const { rows } = await tx.query<IntegrationRow>('integrations-lock', sql.LOCK_INTEGRATIONS, [
        organizationId,
        userId,
      ])
      return rows.map(integrationOf)
    },
    async updateIntegration(integration) {
      await tx.query('integration-update', sql.UPDATE_INTEGRATION, integrationValues(organizationId, integration))
    },
    async deleteIntegration(id) {
      await tx.query('integration-delete', sql.DELETE_INTEGRATION, [organizationId, id])
    },
    async eventsOf(integrationId) {
      const { rows } = await tx.query<ExternalEventRow>('external-events', sql.EVENTS_OF, [
        organizationId,
        integrationId,
      ])
      return rows.map(externalEventOf)
    },
    async writeEvents({ id, userId }, upserts, deletes) {
      for (let from = 0; from < deletes.length; from += PIECE) {
        await tx.query('external-delete', sql.DELETE_EVENTS, [organizationId, id, deletes.slice(from, from + PIECE)])
      }
      for (let from = 0; from < upserts.length; from += PIECE) {
        const piece = eventColumns(upserts.slice(from, from + PIECE))
        await tx.query('external-upsert', sql.UPSERT_EVENTS, [organizationId, id, userId, ...piece])
      }
    },
    async knownMeetings(ids) {
      if (ids.length === 0) return new Set()
      const { rows } = await tx.query<{ id: string }>('meetings-known', sql.KNOWN_MEETINGS, [organizationId, ids])
      return new Set(rows.map(({ id }) => id))
    },
    putPull: (integrationId, dueAt) => putDue(tx, [{ kind: FEED_JOB, subject: integrationId, dueAt }]),
    async hasRoom(id) {
      const found = await tx.query('feed-room-exists', sql.ROOM_EXISTS, [organizationId, id])
      return found.rowCount === 1
    },
    async insertFeed(feed) {
      const { id, userId, kind, roomId, createdAt } = feed
      const hash = hashToken(secrets.feedToken(organizationId, id))
      await tx.query('feed-insert', sql.INSERT_FEED, [organizationId, id, userId, kind, roomId, hash, createdAt])
    },
    async loadFeed(id) {
      const { rows } = await tx.query<FeedRow>('feed-lock', sql.LOCK_FEED, [organizationId, id])
      return rows[0] && feedOf(rows[0])
    },
    async deleteFeed(id) {
      await tx.query('feed-delete', sql.DELETE_FEED, [organizationId, id])
    },
    record: (actor, entry) => record(tx, { ...entry, actor, now, id: newId() }),
  }
}

function integrationValues(organizationId: string, integration: Integration): unknown[] {
  return [
    organizationId,
    integration.id,
    integration.lastAttemptAt,
    integration.lastSuccessAt,
    integration.nextAttemptAt,
    integration.freshAsOf,
    integration.notBefore,
    integration.failures,
    integration.error === null ? null : JSON.stringify(integration.error),
    integration.events,
    JSON.stringify(integration.poison),
    integration.etag,
    integration.lastModified,
    integration.contentHash,
    integration.coveredUntil,
  ]
}

function eventColumns(events: readonly ExternalEvent[]): unknown[][] {
  return [
    events.map((event) => event.id),
    events.map((event) => event.uid),
    events.map((event) => event.recurrenceId),
    events.map((event) => event.start),
    events.map((event) => event.end),
    events.map((event) => event.allDay),
    events.map((event) => event.busy),
    events.map((event) => event.status),
    events.map((event) => event.summary),
  ]
}
