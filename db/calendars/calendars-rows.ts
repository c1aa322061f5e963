import type { ExternalEvent } from '../../domain/calendars/external-event.ts'
import type { Feed } from '../../domain/calendars/feed.ts'
import type { Integration } from '../../domain/calendars/integration.ts'
import type { Instant } from '../../domain/time/instant.ts'
import type { LocalTime } from '../../domain/time/local-time.ts'

/** Rows as our pool reads them: instants are epoch milliseconds. */

export interface IntegrationRow {
  id: string
  user_id: string
  provider: 'ics'
  name: string
  host: string
  sealed_url: Uint8Array
  created_at: Instant
  last_attempt_at: Instant | null
  last_success_at: Instant | null
  next_attempt_at: Instant
  fresh_as_of: Instant | null
  not_before: Instant | null
  failures: number
  error: Integration['error']
  events: number
  poison: Integration['poison']
  etag: string | null
  last_modified: string | null
  content_hash: string | null
  covered_until: Instant | null
}

export function integrationOf(row: IntegrationRow): Integration {
  return {
    id: row.id,
    userId: row.user_id,
    provider: row.provider,
    name: row.name,
    host: row.host,
    createdAt: row.created_at,
    lastAttemptAt: row.last_attempt_at,
    lastSuccessAt: row.last_success_at,
    nextAttemptAt: row.next_attempt_at,
    freshAsOf: row.fresh_as_of,
    notBefore: row.not_before,
    failures: row.failures,
    error: row.error,
    events: row.events,
    poison: row.poison,
    etag: row.etag,
    lastModified: row.last_modified,
    contentHash: row.content_hash,
    coveredUntil: row.covered_until,
  }
}

export interface ExternalEventRow {
  id: string
  uid: string
  recurrence_id: string
  starts_at: Instant
  ends_at: Instant
  all_day: boolean
  busy: boolean
  status: ExternalEvent['status']
  summary: string
}

export function externalEventOf(row: ExternalEventRow): ExternalEvent {
  return {
    id: row.id,
    uid: row.uid,
    recurrenceId: row.recurrence_id as LocalTime,
    start: row.starts_at,
    end: row.ends_at,
    allDay: row.all_day,
    busy: row.busy,
    status: row.status,
    summary: row.summary,
  }
}

export interface FeedRow {
  id: string
  user_id: string
  kind: Feed['kind']
  room_id: string | null
  created_at: Instant
}

export function feedOf(row: FeedRow): Feed {
  return { id: row.id, userId: row.user_id, kind: row.kind, roomId: row.room_id, createdAt: row.created_at }
}
