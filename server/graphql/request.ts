import { z } from 'zod'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { invalid, wordIssue } from '../rest/wording.ts'

/** Longer than any operation of ours by far; what it may hold is bounded by tokens. */
const MAX_QUERY_LENGTH = 32_768
/** As the bodies of REST. */
const MAX_NESTING = 32

const shape = z.object({
  query: z.string().min(1),
  operationName: z.string().max(200).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
})

/** One operation as a client sends it, on every transport. */
export interface GraphRequest {
  query: string
  operationName: string | undefined
  variables: Record<string, unknown>
  /** `extensions.idempotencyKey`, or the header where there are any. */
  idempotencyKey: string | undefined
}

const MAX_IDEMPOTENCY_KEY = 255

/** From parsed JSON. Refuses batches. */
export function parseRequest(payload: unknown, headerKey?: string): Result<GraphRequest, Refusal> {
  if (Array.isArray(payload)) return err(refuse('invalid_input', 'One operation per request: batches are not taken.'))
  if (isNestedTooDeep(payload)) {
    return err(refuse('too_large', `A request is nested at most ${MAX_NESTING} levels deep.`))
  }
  const request = shape.safeParse(payload, { error: wordIssue })
  if (!request.success) return err(invalid(request.error, ''))
  const { query, operationName, variables, extensions } = request.data
  if (query.length > MAX_QUERY_LENGTH) {
    return err(refuse('too_large', `A query has at most ${MAX_QUERY_LENGTH} characters.`))
  }
  const key = extensions?.['idempotencyKey'] ?? headerKey
  if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > MAX_IDEMPOTENCY_KEY)) {
    return err(refuse('invalid_input', `An Idempotency-Key has 1 to ${MAX_IDEMPOTENCY_KEY} characters.`))
  }
  return ok({
    query,
    operationName: operationName ?? undefined,
    variables: variables ?? {},
    idempotencyKey: key,
  })
}

/** Without recursion, which is what it guards. */
function isNestedTooDeep(payload: unknown): boolean {
  let level = [payload]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_NESTING) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
  return false
}
