import { setTimeout as delay } from 'node:timers/promises'
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  createSourceEventStream,
  execute,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { Actor } from '../../domain/identity/actor.ts'
import { type Refusal, refuse } from '../../domain/refusals.ts'
import { type Result, err, ok } from '../../domain/result.ts'
import { STATUS } from '../problems.ts'
import type { GraphDeps, LiveItem } from './deps.ts'
import type { GraphContext } from './graph-context.ts'
import { overLimit } from './limits.ts'
import { createLoaders } from './loaders.ts'
import { operationMetrics } from './metrics.ts'
import { formatError, refusalError } from './refused.ts'
import { type GraphRequest, parseRequest } from './request.ts'
import { schema } from './schema.ts'

export interface Call {
  actor: Actor
  /** What the client sent, as JSON. */
  payload: unknown
  idempotencyKey?: string | undefined
  /** Which kinds of operation this transport takes from this client, as far as not all. */
  only?: readonly `${OperationDefinitionNode['operation']}`[] | undefined
  signal: AbortSignal
}

/** Everything a transport has to write, as JSON that is encoded already. */
export type Opened =
  /** Nothing was executed. `status` is for HTTP, `errors` for graphql-ws. */
  | { kind: 'refused'; status: number; errors: string }
  | { kind: 'answer'; operation: 'query' | 'mutation'; body: string }
  | { kind: 'stream'; results: AsyncIterableIterator<string> }

export type OpenOperation = (call: Call) => Promise<Opened>

/** Beyond any operation of ours; strings and comments are bounded by the length of the query. */
const MAX_TOKENS = 2_000
const MAX_ERRORS = 5
/** Three times what the store takes at worst to say that it is away. */
const TIMEOUT_MS = 10_000
/** Documents kept parsed and validated; an application has dozens. */
const MAX_PREPARED = 500

interface Prepared {
  /** Short, and the same for the same document. */
  id: number
  document: DocumentNode
}

/** The one way into the schema, whatever the transport: parse, bound, validate, execute, encode. */
export function createOperations(deps: GraphDeps): OpenOperation {
  const prepared = new Map<string, Prepared>()
  const measure = operationMetrics(deps)
  const rules = deps.production ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules
  let ids = 0
  return open

  async function open({ actor, payload, idempotencyKey, only, signal }: Call): Promise<Opened> {
    const refused = (refusal: Refusal): Opened => refusedWith(refusal, actor.requestId)
    // Panels have their own commands on REST and the socket.
    if (actor.role === 'panel') return refused(refuse('forbidden'))
    const request = parseRequest(payload, idempotencyKey)
    if (!request.ok) return refused(request.error)
    const ready = prepare(request.value)
    if (!ready.ok) return refused(ready.error)
    const { document, operation } = ready.value
    if (only?.includes(operation.operation) === false) {
      return refused(refuse('forbidden', `A ${operation.operation} is not taken here, or not with this token.`))
    }
    const over = await takeQuota(deps, actor, operation)
    if (over !== undefined) return refused(over)
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: request.value.operationName,
      variableValues: request.value.variables,
      contextValue: contextFor(deps, actor, request.value.idempotencyKey, signal),
      hideSuggestions: deps.production,
    }
    const started = performance.now()
    const opened = await (operation.operation === 'subscription'
      ? openStream(args, `${ready.value.id} ${operation.name?.value} ${JSON.stringify(request.value.variables)}`)
      : answer(args, operation.operation))
    const outcome = opened.kind === 'answer' && opened.body.startsWith('{"errors"') ? 'errors' : opened.kind
    measure(operation, { requestId: actor.requestId, started, outcome })
    return opened
  }

  /** Refuses what is malformed, over a bound, or not of this schema, in this order: the last is the expensive one. */
  function prepare(request: GraphRequest): Result<Prepared & { operation: OperationDefinitionNode }, Refusal> {
    const known = prepared.get(request.query)
    const document = known === undefined ? parsedQuery(request.query) : ok(known.document)
    if (!document.ok) return document
    const operation = getOperationAST(document.value, request.operationName)
    if (operation === null || operation === undefined) {
      return err(
        refuse('invalid_input', 'There is no operation of that name, or none was named where there are several.'),
      )
    }
    const measured = { schema, document: document.value, operation, variables: request.variables }
    const excess = overLimit(measured)
    if (excess !== undefined) return err(refuse('too_large', excess))
    if (known !== undefined) return ok({ ...known, operation })
    const errors = validate(schema, document.value, rules, { maxErrors: MAX_ERRORS, hideSuggestions: deps.production })
    if (errors.length > 0) {
      return err(
        refuse('invalid_input', errors[0]?.message, { errors: errors.map(({ message }) => ({ detail: message })) }),
      )
    }
    const entry = { id: (ids += 1), document: document.value }
    prepared.set(request.query, entry)
    if (prepared.size > MAX_PREPARED) prepared.delete(prepared.keys().next().value as string)
    return ok({ ...entry, operation })
  }

  async function answer(args: ExecutionArgs, operation: 'query' | 'mutation'): Promise<Opened> {
    const { actor } = args.contextValue as GraphContext
    const late = new AbortController()
    const result = await Promise.race([
      execute(args),
      delay(TIMEOUT_MS, undefined, { signal: late.signal, ref: false }),
    ])
    late.abort()
    if (result !== undefined) return { kind: 'answer', operation, body: encode(result, actor.requestId) }
    return refusedWith(refuse(operation === 'query' ? 'unavailable' : 'outcome_unknown'), actor.requestId)
  }

  async function openStream(args: ExecutionArgs, operationKey: string): Promise<Opened> {
    const { actor } = args.contextValue as GraphContext
    const source = await createSourceEventStream(args)
    if (!(Symbol.asyncIterator in source)) {
      const [error] = (source.errors ?? []).map((one) => formatError(one, { ...actor, log: deps.log }))
      const status = Number(error?.extensions?.['status'] ?? 500)
      return { kind: 'refused', status, errors: JSON.stringify([error]) }
    }
    const items = source as AsyncIterableIterator<LiveItem>
    return { kind: 'stream', results: eachResult(items, args, operationKey) }
  }

  /** Ends with an error when the topic was closed to this viewer, which is what an end that nobody asked for means. */
  async function* eachResult(items: AsyncIterableIterator<LiveItem>, args: ExecutionArgs, operationKey: string) {
    const { actor, signal, idempotencyKey } = args.contextValue as GraphContext
    for await (const item of items) {
      const isOwn = item.topic.startsWith('person:')
      const key = `${operationKey} ${isOwn ? actor.userId : viewerKey(actor)}`
      yield await shared(item, key, async () => {
        const contextValue = contextFor(deps, actor, idempotencyKey, signal, !isOwn)
        return encode(await execute({ ...args, rootValue: item, contextValue }), actor.requestId)
      })
    }
    if (signal.aborted) return
    const closed = refusalError(refuse('forbidden', 'This may not be watched any more.'), actor.requestId)
    yield JSON.stringify({ errors: [{ ...closed, extensions: { ...closed.extensions, closeCode: 4403 } }], data: null })
  }

  function encode(result: ExecutionResult, requestId: string): string {
    const { errors, data } = result
    if (errors === undefined) return JSON.stringify({ data })
    const formatted = errors.map((error) => formatError(error, { requestId, log: deps.log }))
    return JSON.stringify(data === undefined ? { errors: formatted } : { errors: formatted, data })
  }
}

/** Items of the log are the same objects for everybody who watches, so what is made of them is made once. */
const results = new WeakMap<LiveItem, Map<string, Promise<string>>>()

function shared(item: LiveItem, key: string, make: () => Promise<string>): Promise<string> {
  let known = results.get(item)
  if (known === undefined) results.set(item, (known = new Map()))
  const result = known.get(key) ?? make()
  known.set(key, result)
  return result
}

/** Who may look up the same references shares results; a guest sees himself only. Nothing personal is looked up (loaders.ts). */
function viewerKey(actor: Actor): string {
  return actor.role === 'guest' || actor.role === 'panel' ? `${actor.role} ${actor.userId}` : actor.role
}

/** Counted per operation as over REST: a mutation as many writes as it has commands. */
async function takeQuota(
  { limits }: GraphDeps,
  { userId }: Actor,
  { operation, selectionSet }: OperationDefinitionNode,
): Promise<Refusal | undefined> {
  if (limits === undefined) return undefined
  const writes = operation === 'mutation' ? selectionSet.selections.length : 0
  const quotas = writes === 0 ? [limits.read(userId)] : []
  for (let i = 0; i < writes; i++) quotas.push(await limits.write(userId))
  const over = quotas.find(({ retryAfterSeconds }) => retryAfterSeconds !== undefined)
  return over && refuse('too_many_requests', undefined, { retryAfterSeconds: over.retryAfterSeconds ?? 1 })
}

function contextFor(
  deps: GraphDeps,
  actor: Actor,
  idempotencyKey: string | undefined,
  signal: AbortSignal,
  isShared = false,
): GraphContext {
  return { actor, deps, load: createLoaders(deps, actor, isShared), idempotencyKey, signal }
}

function parsedQuery(query: string): Result<DocumentNode, Refusal> {
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS })
    const isExecutable = document.definitions.every(
      ({ kind }) => kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION,
    )
    return isExecutable ? ok(document) : err(refuse('invalid_input', 'A request holds operations and fragments only.'))
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const isLong = error.message.includes('tokens')
    return err(refuse(isLong ? 'too_large' : 'malformed_body', error.message))
  }
}

function refusedWith(refusal: Refusal, requestId: string): Opened {
  return { kind: 'refused', status: STATUS[refusal.code], errors: JSON.stringify([refusalError(refusal, requestId)]) }
}
