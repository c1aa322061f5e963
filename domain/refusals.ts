import type { Interval } from './time/instant.ts'

/**
 * Every expected "no" of the product, with the sentence a person reads. Codes are API: they never change.
 * Each door answers all of them in one table (`server/problems.ts`, `realtime/problems.ts`).
 */
export const REFUSALS = {
  unauthenticated: 'Sign in first: the access token is missing, malformed, expired or revoked.',
  invalid_credentials: 'E-mail, password or organisation is wrong.',
  invalid_refresh_token: 'This refresh token is unknown, expired or was used before.',
  forbidden: 'You may see this, but not do that to it.',
  not_found: 'There is nothing here that you may see.',
  malformed_body: 'The body is not well-formed JSON.',
  invalid_input: 'The request is not what this operation takes.',
  unsupported_media_type: 'Send JSON (application/json).',
  method_not_allowed: 'This path does not answer to that method.',
  too_large: 'The request is over a bound.',
  too_many_requests: 'Too many requests. Wait as long as Retry-After says.',
  invalid_time: 'A time is missing its zone, contradicts it, or lies out of range.',
  invalid_timezone: 'That is not an IANA time zone.',
  invalid_recurrence: 'That recurrence rule is not accepted.',
  invalid_cursor: 'That cursor was not issued by this list.',
  unknown_reference: 'Something the request names does not exist in this organisation.',
  email_taken: 'There is already an account with this e-mail address.',
  name_taken: 'That name is already in use.',
  idempotency_key_reused: 'This Idempotency-Key was used with another request.',
  version_required: 'Send If-Match or a version, so that nobody else’s change is lost.',
  stale: 'It has changed since you read it.',
  pairing_code_invalid: 'That pairing code is wrong, was used, or has expired.',
  address_refused: 'That address may not be fetched.',
  slot_conflict: 'At least one room is already taken at that time.',
  rule_violation: 'A booking rule of the room forbids this.',
  capacity: 'The room is too small for that many people.',
  illegal_transition: 'The status does not allow that.',
  stale_plan: 'What was planned is not possible any more. Preview it again.',
  unavailable: 'The store cannot be reached at the moment. Nothing was written; try again.',
  outcome_unknown: 'The store was lost while it answered. Repeat the request with the same Idempotency-Key.',
  internal: 'Something broke on our side. Nothing was written.',
} as const

export type RefusalCode = keyof typeof REFUSALS

/** One field or part that is wrong. `pointer` is a JSON pointer into the request, `part` names a part of a rule. */
export interface FieldError {
  pointer?: string
  part?: string
  detail: string
}

/** What stands in the way of one resource at one time. Carries no title, ever. */
export interface Conflict extends Interval {
  resourceId: string
  recurrenceId?: string
  kind: 'booking' | 'hold' | 'blackout' | 'rule' | 'external'
  /** A sentence: which rule of a room forbids it, or why the room is shut. */
  detail?: string
}

/** A proposal that would work now. `reasons` are sentences. */
export interface Suggestion extends Interval {
  roomIds: string[]
  score: number
  reasons: string[]
}

/** A refusal as a value. `detail` says what exactly; without it the sentence of the code stands. */
export interface Refusal {
  code: RefusalCode
  detail?: string
  errors?: FieldError[]
  conflicts?: Conflict[]
  suggestions?: Suggestion[]
  /** With `stale`: the entity as it is now, already rendered for this viewer. */
  current?: unknown
  retryAfterSeconds?: number
}

export function refuse(code: RefusalCode, detail?: string, more: Omit<Refusal, 'code' | 'detail'> = {}): Refusal {
  return detail === undefined ? { code, ...more } : { code, detail, ...more }
}
