import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { FEED_JOB, createCalendarsStore } from '../db/calendars/calendars-tx.ts'
import { feedSource } from '../db/calendars/queries.ts'
import { createCalendarSecrets } from '../db/calendars/secrets.ts'
import { type PullOutcome, applyPull } from '../domain/calendars/apply-pull.ts'
import type { CalendarsDeps } from '../domain/calendars/ports.ts'
import { coversEnough, pullWindow } from '../domain/calendars/pull-window.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import { SECOND_MS } from '../domain/time/instant.ts'
import { type PullDeps, pullFeed } from '../integrations/ics/pull-feed.ts'
import type { SingleJob, Turn } from './job.ts'

export interface FeedJobDeps extends Clock, Ids, PullDeps {
  pool: Pool
  log: Logger
  onNews: () => void
  /** 32 bytes; opens the addresses of feeds. */
  applicationKey: Uint8Array
}

/** Asking (20 s), reading (5 s) and writing, each with bounds of their own. */
const TIMEOUT_MS = 40 * SECOND_MS
/** Clocks of processes differ by less. */
const EARLY_MS = SECOND_MS
/** Each may hold a file of 10 MiB and a parser's heap. */
const CONCURRENCY = 2

/**
 * Pulls one feed: asks the source outside of any transaction, then writes what it said in one. A crash in between repeats the
 * pull, harmlessly. That a source is away is no failure of the turn: it is the calendar's health, and says when to try again.
 */
export function createFeedJob(deps: FeedJobDeps): SingleJob {
  const secrets = createCalendarSecrets(deps.applicationKey)
  const calendars: CalendarsDeps = { ...deps, ...createCalendarsStore({ ...deps, secrets }) }

  async function run({ organizationId, subject: integrationId, signal }: Turn) {
    const source = await feedSource(deps.pool, secrets, organizationId, integrationId)
    if (source === undefined) return undefined
    const { integration, url, timezone } = source
    const askedAt = deps.now()
    // A wish that came while the pull before it ran wakes us early; its own row says when.
    if (integration.nextAttemptAt > askedAt + EARLY_MS) return integration.nextAttemptAt
    const isEnough = coversEnough(integration.coveredUntil, askedAt)
    const order = {
      integrationId,
      url,
      timezone,
      etag: isEnough ? integration.etag : null,
      lastModified: isEnough ? integration.lastModified : null,
      window: pullWindow(askedAt),
    }
    const outcome = await pullFeed(deps, order, signal)
    // The process stops: the next one asks again, and nobody's calendar is called slow.
    signal.throwIfAborted()
    log(deps, integrationId, outcome, deps.now() - askedAt)
    const actor = { organizationId, userId: integration.userId, sessionId: integrationId, requestId: deps.newId() }
    const applied = await applyPull(calendars, actor, { integrationId, askedAt, outcome, random: Math.random() })
    return applied.ok ? applied.value : undefined
  }

  return { kind: FEED_JOB, run, timeoutMs: TIMEOUT_MS, concurrency: CONCURRENCY }
}

function log({ log }: FeedJobDeps, integrationId: string, outcome: PullOutcome, ms: number): void {
  const said = outcome.kind === 'failed' ? { outcome: outcome.code } : { outcome: outcome.kind }
  log.info({ event: 'feed.pulled', integrationId, ...said, ms })
}
