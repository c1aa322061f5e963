import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, getOperationAST, parse } from 'graphql'
import type { GraphQLParams } from 'graphql-yoga'
import { refuse } from '../../domain/refusals.ts'
import type { GraphCall } from './graph-context.ts'
import { overLimit } from './limits.ts'
import { Refused } from './refused.ts'
import { schema } from './schema.ts'

/** Longer than any operation of ours by far; what it may hold is bounded by tokens. */
const MAX_QUERY_LENGTH = 32_768
/** Beyond any operation of ours; strings and comments are bounded by the length of the query. */
const MAX_TOKENS = 2_000
/** As the bodies of REST. */
const MAX_NESTING = 32
const MAX_IDEMPOTENCY_KEY = 255

/** What is too much before anybody looks at it. Throws. */
export function checkRequest({ query = '', variables, extensions }: GraphQLParams): void {
  if (query.length > MAX_QUERY_LENGTH) tooLarge(`A query has at most ${MAX_QUERY_LENGTH} characters.`)
  if (isNestedTooDeep([variables, extensions])) tooLarge(`A request is nested at most ${MAX_NESTING} levels deep.`)
}

/** As graphql-js does it. Throws refusals. */
export function parseQuery(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: MAX_TOKENS })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw new Refused(refuse(error.message.includes('tokens') ? 'too_large' : 'malformed_body', error.message))
  }
}

/** The operation that is asked for, when this caller may ask for it and it keeps to the bounds. Before the costly validation. Throws. */
export function judgeOperation(
  document: DocumentNode,
  { variables, operationName }: GraphQLParams,
  { mayWrite, actor }: GraphCall,
): OperationDefinitionNode {
  // Panels have their own commands on REST and the socket.
  if (actor.role === 'panel') throw new Refused(refuse('forbidden'))
  if (!document.definitions.every(({ kind }) => EXECUTABLE.includes(kind))) {
    throw new Refused(refuse('invalid_input', 'A request holds operations and fragments only.'))
  }
  const operation = getOperationAST(document, operationName)
  if (operation === null || operation === undefined) {
    const detail = 'There is no operation of that name, or none was named where there are several.'
    throw new Refused(refuse('invalid_input', detail))
  }
  const excess = overLimit({ schema, document, operation, variables: variables ?? {} })
  if (excess !== undefined) tooLarge(excess)
  if (operation.operation === 'mutation' && !mayWrite) {
    throw new Refused(refuse('forbidden', 'A mutation is not taken here, or not with this token.'))
  }
  return operation
}

const EXECUTABLE: Kind[] = [Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION]

/** `extensions.idempotencyKey`, or the header where there are any. Throws. */
export function idempotencyKeyOf({ extensions }: GraphQLParams, headerKey: string | undefined): string | undefined {
  const key: unknown = extensions?.['idempotencyKey'] ?? headerKey
  if (key === undefined) return undefined
  if (typeof key === 'string' && key !== '' && key.length <= MAX_IDEMPOTENCY_KEY) return key
  throw new Refused(refuse('invalid_input', `An Idempotency-Key has 1 to ${MAX_IDEMPOTENCY_KEY} characters.`))
}

function tooLarge(detail: string): never {
  throw new Refused(refuse('too_large', detail))
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
