import { type Conflict, type FieldError, type Refusal, type RefusalCode, REFUSALS } from '../domain/refusals.ts'
import { formatInstant } from '../domain/time/iso.ts'
import { type ByeCode, SESSION_OVER } from './protocol.ts'

/** A refusal as the socket says it: in acks, and as `data` of a refused handshake. */
export interface SocketProblem {
  code: RefusalCode
  title: string
  detail: string
  requestId: string
  errors?: FieldError[]
  /** Of a refused hold or booking: what is in the way. Times are ISO 8601. */
  conflicts?: object[]
  retryAfterSeconds?: number
}

/**
 * What a refusal does to the socket besides being answered. `stays`: nothing. A code: the socket ends with it. A new
 * code does not compile until it stands here.
 */
export const AFTERMATH: Record<RefusalCode, 'stays' | ByeCode> = {
  unauthenticated: SESSION_OVER,
  invalid_credentials: 'stays',
  invalid_refresh_token: 'stays',
  forbidden: 'stays',
  not_found: 'stays',
  malformed_body: 'stays',
  invalid_input: 'stays',
  unsupported_media_type: 'stays',
  method_not_allowed: 'stays',
  too_large: 'stays',
  too_many_requests: 'stays',
  invalid_time: 'stays',
  invalid_timezone: 'stays',
  invalid_recurrence: 'stays',
  invalid_cursor: 'stays',
  unknown_reference: 'stays',
  email_taken: 'stays',
  name_taken: 'stays',
  idempotency_key_reused: 'stays',
  pairing_code_invalid: 'stays',
  address_refused: 'stays',
  version_required: 'stays',
  stale: 'stays',
  slot_conflict: 'stays',
  rule_violation: 'stays',
  capacity: 'stays',
  illegal_transition: 'stays',
  stale_plan: 'stays',
  unavailable: 'stays',
  outcome_unknown: 'stays',
  internal: 'stays',
}

export function socketProblem(refusal: Refusal, requestId: string): SocketProblem {
  return {
    code: refusal.code,
    title: REFUSALS[refusal.code],
    detail: refusal.detail ?? REFUSALS[refusal.code],
    requestId,
    ...(refusal.errors && { errors: refusal.errors }),
    ...(refusal.conflicts && { conflicts: refusal.conflicts.map(spanned) }),
    ...(refusal.retryAfterSeconds !== undefined && { retryAfterSeconds: refusal.retryAfterSeconds }),
  }
}

function spanned(conflict: Conflict): object {
  return { ...conflict, start: formatInstant(conflict.start), end: formatInstant(conflict.end) }
}
