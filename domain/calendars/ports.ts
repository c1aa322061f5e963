import type { Clock, Ids } from '../deps.ts'
import type { Actor } from '../identity/actor.ts'
import type { AuditEntry, NewsEvent } from '../news.ts'
import type { Refusal } from '../refusals.ts'
import type { Result } from '../result.ts'
import type { Instant } from '../time/instant.ts'
import type { ExternalEvent } from './external-event.ts'
import type { Feed } from './feed.ts'
import type { Integration } from './integration.ts'

/** What commands on calendars need of one transaction. Lock order: the person, the integration, the rest. */
export interface CalendarsTx {
  /** Locks the person, so that two of his commands do not count the same; undefined when he is gone. */
  lockOwner(userId: string): Promise<{ integrations: number; feeds: number } | undefined>
  /** Keeps the address sealed. False: this person has connected it before. */
  insertIntegration(integration: Integration, url: string): Promise<boolean>
  /** Locks it. */
  loadIntegration(id: string): Promise<Integration | undefined>
  /** Those of one person, locked. */
  integrationsOf(userId: string): Promise<Integration[]>
  updateIntegration(integration: Integration): Promise<void>
  /** With its events. */
  deleteIntegration(id: string): Promise<void>
  eventsOf(integrationId: string): Promise<ExternalEvent[]>
  writeEvents(integration: Integration, upserts: readonly ExternalEvent[], deletes: readonly string[]): Promise<void>
  /** Which of these are meetings of this organisation. */
  knownMeetings(ids: readonly string[]): Promise<Set<string>>
  /** Makes the pull of an integration due. */
  putPull(integrationId: string, at: Instant): Promise<void>
  hasRoom(id: string): Promise<boolean>
  insertFeed(feed: Feed): Promise<void>
  loadFeed(id: string): Promise<Feed | undefined>
  deleteFeed(id: string): Promise<void>
  record(actor: Recorder, entry: { events: NewsEvent[]; audit: AuditEntry }): Promise<void>
}

/** Whose name an audit row bears. */
export type Recorder = Pick<Actor, 'userId' | 'sessionId' | 'requestId'>

export interface CalendarsDeps extends Clock, Ids {
  /** One transaction; only an `ok` commits. */
  transact<T>(
    actor: Pick<Actor, 'organizationId' | 'userId' | 'idempotency'>,
    now: Instant,
    work: (tx: CalendarsTx) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>
}
