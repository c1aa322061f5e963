import { formatInstant } from '../time/iso.ts'
import { type Instant, MINUTE_MS } from '../time/instant.ts'
import type { Poison } from './external-event.ts'

/** A calendar elsewhere that a person has connected. Its address is a secret: here is the host only. */
export interface Integration {
  id: string
  userId: string
  provider: 'ics'
  name: string
  host: string
  createdAt: Instant
  lastAttemptAt: Instant | null
  lastSuccessAt: Instant | null
  nextAttemptAt: Instant
  /** The calendar is known as it was at this moment. */
  freshAsOf: Instant | null
  /** Attempts that failed since the last that went well. */
  failures: number
  error: { code: PullFailure; detail?: string } | null
  /** Instances held. */
  events: number
  /** The first hundred of what could not be read. */
  poison: Poison[]
  /** What a conditional request sends back, as the source gave it. */
  etag: string | null
  lastModified: string | null
  /** Of what was read last: the same content costs no comparison. */
  contentHash: string | null
  /** Rules are expanded up to here. */
  coveredUntil: Instant | null
  /** The source asked to be left alone until then. */
  notBefore: Instant | null
}

/** Why nothing was fetched. Never says an address, a header or a body: addresses of calendars are secrets. */
export type FetchFailure =
  | 'address_refused'
  | 'name_not_found'
  | 'unreachable'
  | 'tls_failed'
  | 'timed_out'
  | 'too_large'
  | 'too_many_redirects'
  | 'insecure_redirect'
  | 'bad_encoding'
  | 'cut_off'

/** Why a pull brought nothing. Codes are shown to the owner; details never hold an address or a body. */
export type PullFailure =
  | FetchFailure
  | 'not_found'
  | 'gone'
  | 'forbidden'
  | 'rate_limited'
  | 'http_error'
  | 'not_a_calendar'
  | 'too_many_events'
  | 'parse_timed_out'
  | 'parse_out_of_memory'
  | 'empty_unconfirmed'

export type HealthStatus = 'ok' | 'stale' | 'failing' | 'never'

/** Three rounds without an answer. */
const STALE_MS = 45 * MINUTE_MS
const FAILING_AFTER = 3

/** `never` tried, `failing` again and again or from the start, `stale`: what is held may be out of date, else `ok`. */
export function healthStatus(integration: Integration, now: Instant): HealthStatus {
  const { lastAttemptAt, freshAsOf, failures } = integration
  if (lastAttemptAt === null) return 'never'
  if (failures >= FAILING_AFTER || freshAsOf === null) return 'failing'
  return failures > 0 || now - freshAsOf > STALE_MS ? 'stale' : 'ok'
}

export function integrationView(integration: Integration, now: Instant): object {
  const { id, provider, name, host, createdAt, freshAsOf } = integration
  return {
    id,
    provider,
    name,
    host,
    status: healthStatus(integration, now),
    freshAsOf: formatted(freshAsOf),
    createdAt: formatInstant(createdAt),
  }
}

export function healthView(integration: Integration, now: Instant): object {
  const { freshAsOf, error } = integration
  return {
    status: healthStatus(integration, now),
    lastSuccessAt: formatted(integration.lastSuccessAt),
    lastAttemptAt: formatted(integration.lastAttemptAt),
    nextAttemptAt: formatInstant(integration.nextAttemptAt),
    freshAsOf: formatted(freshAsOf),
    lagSeconds: freshAsOf === null ? null : Math.max(0, Math.floor((now - freshAsOf) / 1000)),
    lastError: error,
    events: integration.events,
    poison: integration.poison,
  }
}

function formatted(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at)
}
