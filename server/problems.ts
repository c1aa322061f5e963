import { type Refusal, type RefusalCode, REFUSALS } from '../domain/refusals.ts'
import { formatInstant } from '../domain/time/iso.ts'

/** How HTTP says each refusal. A new code does not compile until it stands here. */
export const STATUS: Record<RefusalCode, number> = {
  unauthenticated: 401,
  invalid_credentials: 401,
  invalid_refresh_token: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  malformed_body: 400,
  unsupported_media_type: 415,
  invalid_input: 422,
  too_large: 422,
  invalid_time: 422,
  invalid_timezone: 422,
  invalid_recurrence: 422,
  invalid_cursor: 422,
  unknown_reference: 422,
  idempotency_key_reused: 422,
  pairing_code_invalid: 422,
  address_refused: 422,
  version_required: 428,
  stale: 412,
  slot_conflict: 409,
  rule_violation: 409,
  capacity: 409,
  illegal_transition: 409,
  stale_plan: 409,
  email_taken: 409,
  name_taken: 409,
  too_many_requests: 429,
  unavailable: 503,
  outcome_unknown: 503,
  internal: 500,
}

const RETRY_AFTER_SECONDS = 2

/** A refusal as RFC 9457 problem details. Instants inside become ISO 8601. */
export function problemResponse(refusal: Refusal, requestId: string): Response {
  const status = STATUS[refusal.code]
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (status === 503 || status === 429)
    headers.set('retry-after', String(refusal.retryAfterSeconds ?? RETRY_AFTER_SECONDS))
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  return new Response(JSON.stringify(problem(refusal, requestId)), { status, headers })
}

export function problem(refusal: Refusal, requestId: string): object {
  return {
    type: `/docs/problems#${refusal.code}`,
    title: REFUSALS[refusal.code],
    status: STATUS[refusal.code],
    code: refusal.code,
    detail: refusal.detail ?? REFUSALS[refusal.code],
    ...(refusal.errors && { errors: refusal.errors }),
    ...(refusal.conflicts && { conflicts: refusal.conflicts.map(spanned) }),
    ...(refusal.suggestions && { suggestions: refusal.suggestions.map(spanned) }),
    ...(refusal.current !== undefined && { current: refusal.current }),
    requestId,
  }
}

/** Instants of a span as ISO 8601. */
export function spanned<T extends { start: number; end: number }>(item: T): object {
  return { ...item, start: formatInstant(item.start as never), end: formatInstant(item.end as never) }
}
