import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import { OutcomeUnknown, isUnavailable } from '../../db/pool.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import type { Result } from '../../domain/result.ts'
import { problem } from '../problems.ts'

/** A refusal on its way through the executor, which knows errors only. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/** The value, or the refusal as the field's error. */
export function given<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value
  throw new Refused(result.error)
}

/** What a loader found, or `not_found`. */
export async function found<T>(loading: Promise<T | null>): Promise<T> {
  const item = await loading
  if (item === null) throw new Refused(refuse('not_found'))
  return item
}

/** What the client is told of errors: a code, never a stack, an SQL text or a message of ours that was meant for the log. */
export function formatted<R extends ExecutionResult>(result: R, requestId: string, log: Logger): R {
  if (result.errors === undefined) return result
  const errors = result.errors.map((error) => refusalError(refusalOf(error, requestId, log), requestId, { at: error }))
  return { ...result, errors }
}

export function refusalError(
  refusal: Refusal,
  requestId: string,
  { at, closeCode }: { at?: GraphQLError; closeCode?: number } = {},
): GraphQLError {
  const { type: _, title, detail, ...facts } = problem(refusal, requestId) as Record<string, unknown>
  const extensions = closeCode === undefined ? facts : { ...facts, closeCode }
  return new GraphQLError(String(detail ?? title), { nodes: at?.nodes ?? null, path: at?.path ?? null, extensions })
}

function refusalOf(error: GraphQLError, requestId: string, log: Logger): Refusal {
  let cause = error.originalError
  // A value that its type refuses comes wrapped in what says where it was given.
  while (cause instanceof GraphQLError) cause = cause.originalError
  if (cause instanceof Refused) return cause.refusal
  // Whatever graphql-js itself found: a variable of the wrong type, an unknown field.
  if (cause === undefined) return refuse('invalid_input', error.message)
  if (cause instanceof OutcomeUnknown) return refuse('outcome_unknown')
  if (isUnavailable(cause)) return refuse('unavailable')
  log.error({ event: 'graphql.failed', requestId, path: error.path?.join('.'), err: cause })
  return refuse('internal')
}
