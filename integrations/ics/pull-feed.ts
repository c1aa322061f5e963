import type { PullFailure } from '../../domain/calendars/integration.ts'
import type { PullOutcome } from '../../domain/calendars/apply-pull.ts'
import type { Interval } from '../../domain/time/instant.ts'
import type { GuardOptions, Resolve } from '../net/address-guard.ts'
import { type Fetched, guardedFetch } from '../net/guarded-fetch.ts'
import { charsetOf } from './decode.ts'
import { readCalendar } from './read-calendar.ts'

export interface PullOrder {
  integrationId: string
  url: string
  /** What the source gave with the last answer; null asks for everything. */
  etag: string | null
  lastModified: string | null
  /** The owner's. */
  timezone: string
  window: Interval
}

export interface PullDeps extends GuardOptions {
  resolve: Resolve
}

const MAX_BYTES = 10 * 1_048_576
const HEADERS_MS = 10_000
const TOTAL_MS = 20_000
/** What is longer is no validator worth keeping. */
const MAX_VALIDATOR = 512

/** Asks a feed for news: `unchanged` when it says so itself, a listing when it was read to its end, else why not. */
export async function pullFeed(deps: PullDeps, order: PullOrder, signal: AbortSignal): Promise<PullOutcome> {
  const url = URL.parse(order.url)
  if (url === null) return { kind: 'failed', code: 'address_refused' }
  const fetched = await guardedFetch(url, {
    ...deps,
    headers: requestHeaders(order),
    maxBytes: MAX_BYTES,
    headersMs: HEADERS_MS,
    totalMs: TOTAL_MS,
    signal,
  })
  if (!fetched.ok) return { kind: 'failed', code: fetched.error }
  const { status, headers, body } = fetched.value
  const isConditional = order.etag !== null || order.lastModified !== null
  if (status === 304 && isConditional) return { kind: 'unchanged' }
  if (status !== 200) return statusFailure(fetched.value)

  const { integrationId, timezone, window } = order
  const charset = charsetOf(headers['content-type'])
  const read = await readCalendar({ bytes: body, charset, integrationId, timezone, window }, signal)
  if (!read.ok) return { kind: 'failed', code: read.error }
  return {
    kind: 'listing',
    ...read.value,
    withheld: new Set(read.value.withheld),
    window,
    etag: validator(headers.etag),
    lastModified: validator(headers['last-modified']),
  }
}

function requestHeaders({ etag, lastModified }: PullOrder): Record<string, string> {
  return {
    accept: 'text/calendar, text/plain;q=0.5, */*;q=0.1',
    ...(etag !== null && { 'if-none-match': etag }),
    ...(lastModified !== null && { 'if-modified-since': lastModified }),
  }
}

const BY_STATUS: Record<number, PullFailure> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'not_found',
  410: 'gone',
  429: 'rate_limited',
}

function statusFailure({ status, headers }: Fetched): PullOutcome {
  const retryAfterMs = retryAfter(headers['retry-after'])
  return {
    kind: 'failed',
    code: BY_STATUS[status] ?? 'http_error',
    detail: `The server answered ${status}.`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** Seconds only: the HTTP date form would measure the source's clock. */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : undefined
}

/** It is sent back as it came: only what a header may hold. */
function validator(header: string | undefined): string | null {
  return header !== undefined && header.length <= MAX_VALIDATOR && /^[\t\u0020-\u007e]+$/.test(header) ? header : null
}
