import { type Refusal, refuse } from '../refusals.ts'
import { type Result, err, ok } from '../result.ts'
import { formatInstant } from '../time/iso.ts'
import type { Instant, Interval } from '../time/instant.ts'
import type { ExternalEvent, Poison } from './external-event.ts'
import { type Integration, type PullFailure, healthStatus } from './integration.ts'
import type { CalendarsDeps, CalendarsTx, Recorder } from './ports.ts'
import { type Reconciled, reconcile } from './reconcile.ts'
import { nextPull } from './schedule-pull.ts'

/** What asking a source brought. There is no outcome for a part of a calendar: it is a failure. */
export type PullOutcome =
  | { kind: 'unchanged' }
  | { kind: 'failed'; code: PullFailure; detail?: string; retryAfterMs?: number }
  | {
      kind: 'listing'
      events: ExternalEvent[]
      poison: Poison[]
      withheld: ReadonlySet<string>
      window: Interval
      contentHash: string
      etag: string | null
      lastModified: string | null
    }

export interface ApplyPull {
  integrationId: string
  /** When the source was asked: what it says is as of then. */
  askedAt: Instant
  outcome: PullOutcome
  /** From [0, 1): spreads the next attempts. */
  random: number
}

/** From this many events to none at all in one step is asked for twice before it is believed. */
const SUDDENLY_EMPTY = 10

/**
 * Writes what a pull brought, with its news, in one transaction; answers when the source is to be asked again. What failed
 * changes nothing but the health: the last good events stay. Refuses with `not_found` when the calendar was disconnected meanwhile.
 */
export async function applyPull(
  deps: CalendarsDeps,
  actor: Recorder & { organizationId: string },
  cmd: ApplyPull,
): Promise<Result<Instant, Refusal>> {
  const now = deps.now()
  return deps.transact(actor, now, async (tx) => {
    const integration = await tx.loadIntegration(cmd.integrationId)
    if (integration === undefined) return err(refuse('not_found'))
    // A slow pull that ends after a later one knows less.
    if (integration.lastAttemptAt !== null && integration.lastAttemptAt > cmd.askedAt)
      return ok(integration.nextAttemptAt)
    const outcome = doubted(integration, cmd.outcome)
    const changes = outcome.kind === 'listing' ? await compare(tx, integration, outcome) : NOTHING
    const attempted = { ...integration, lastAttemptAt: cmd.askedAt }
    const next =
      outcome.kind === 'failed'
        ? failed(attempted, outcome, now, cmd.random)
        : done(attempted, outcome, changes, now, cmd)
    if (changes.upserts.length + changes.deletes.length > 0)
      await tx.writeEvents(next, changes.upserts, changes.deletes)
    await tx.updateIntegration(next)
    await tellOwner(tx, actor, { before: integration, after: next, changes, now })
    return ok(next.nextAttemptAt)
  })
}

const NOTHING: Reconciled = { upserts: [], deletes: [], added: 0, changed: 0, removed: 0 }

function doubted(integration: Integration, outcome: PullOutcome): PullOutcome {
  const isSudden = outcome.kind === 'listing' && outcome.events.length === 0 && integration.events >= SUDDENLY_EMPTY
  if (!isSudden || integration.error?.code === 'empty_unconfirmed') return outcome
  return { kind: 'failed', code: 'empty_unconfirmed', detail: 'The calendar came back empty; it is asked once more.' }
}

async function compare(
  tx: CalendarsTx,
  integration: Integration,
  listing: Extract<PullOutcome, { kind: 'listing' }>,
): Promise<Reconciled> {
  if (listing.contentHash === integration.contentHash) return NOTHING
  const ours = await tx.knownMeetings([...new Set(listing.events.flatMap(({ uid }) => meetingIdOf(uid) ?? []))])
  // Our own meetings come back to us through calendars that subscribe to ours: they are known already.
  const events = listing.events.filter(({ uid }) => !ours.has(meetingIdOf(uid) ?? ''))
  return reconcile(await tx.eventsOf(integration.id), { ...listing, events })
}

/** The meeting of a uid of ours (`meeting-ics.ts`). */
function meetingIdOf(uid: string): string | undefined {
  return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-\d{8}T\d{6})?@convoke$/.exec(uid)?.[1]
}

function failed(
  integration: Integration,
  { code, detail, retryAfterMs }: Extract<PullOutcome, { kind: 'failed' }>,
  now: Instant,
  random: number,
): Integration {
  const failures = integration.failures + 1
  const nextAttemptAt = nextPull(now, { failures, retryAfterMs, random })
  const notBefore = retryAfterMs === undefined ? null : nextAttemptAt
  return {
    ...integration,
    failures,
    nextAttemptAt,
    notBefore,
    error: { code, ...(detail !== undefined && { detail }) },
  }
}

function done(
  integration: Integration,
  outcome: Exclude<PullOutcome, { kind: 'failed' }>,
  changes: Reconciled,
  now: Instant,
  { askedAt, random }: ApplyPull,
): Integration {
  const well: Integration = {
    ...integration,
    failures: 0,
    error: null,
    lastSuccessAt: now,
    freshAsOf: askedAt,
    notBefore: null,
    nextAttemptAt: nextPull(now, { failures: 0, random }),
    events: integration.events + changes.added - changes.deletes.length,
  }
  if (outcome.kind === 'unchanged') return well
  const { poison, etag, lastModified, contentHash, window } = outcome
  return { ...well, poison, etag, lastModified, contentHash, coveredUntil: window.end }
}

/** News when events changed or the health did; a quarter of an hour like the last one is none. */
async function tellOwner(
  tx: CalendarsTx,
  actor: Recorder,
  { before, after, changes, now }: { before: Integration; after: Integration; changes: Reconciled; now: Instant },
): Promise<void> {
  const { added, changed, removed } = changes
  const status = healthStatus(after, now)
  if (added + changed + removed === 0 && status === healthStatus(before, now)) return
  const freshAsOf = after.freshAsOf === null ? null : formatInstant(after.freshAsOf)
  const data = { integrationId: after.id, added, changed, removed, status, freshAsOf }
  await tx.record(actor, {
    events: [{ topic: `person:${after.userId}`, type: 'calendar.synced', data }],
    audit: { action: 'calendar.sync', subjectId: after.id, detail: { added, changed, removed, status } },
  })
}
