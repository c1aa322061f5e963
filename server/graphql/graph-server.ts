import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  validate,
} from 'graphql'
import {
  type GraphQLParams,
  type Plugin,
  type YogaInitialContext,
  createLRUCache,
  createYoga,
  isAsyncIterable,
} from 'graphql-yoga'
import type { SubscribePayload } from 'graphql-ws'
import { refuse } from '../../domain/refusals.ts'
import type { GraphDeps } from './deps.ts'
import type { GraphCall, GraphContext, OperationContext } from './graph-context.ts'
import { createLoaders } from './loaders.ts'
import { createOperations } from './operations.ts'
import { Refused, formatted } from './refused.ts'
import { checkRequest, idempotencyKeyOf, judgeOperation, parseQuery } from './request.ts'
import { schema } from './schema.ts'

export const GRAPHQL_PATH = '/graphql'

const MAX_ERRORS = 5
/** Documents kept parsed and validated; an application has dozens. */
const MAX_PREPARED = 500
const MAX_MALFORMED = 50

/** With what was read of a POST already, within the bounds of every body of ours. */
type HttpCall = GraphCall & { body?: unknown }
type SocketCall = GraphCall & { payload: SubscribePayload }
type Result = ExecutionResult | AsyncIterable<ExecutionResult>

export type GraphServer = ReturnType<typeof createGraphServer>

/** The one way into the schema. `yoga` answers HTTP; `socket` are the hooks of graphql-ws, with the same plugins before and behind. */
export function createGraphServer(deps: GraphDeps) {
  const { log } = deps
  const yoga = createYoga<HttpCall, GraphContext>({
    schema,
    context: (call) => contextOf(deps, call as unknown as YogaInitialContext & OperationContext),
    plugins: [bounds(deps), execution(deps), wire(deps)],
    graphqlEndpoint: GRAPHQL_PATH,
    // Native ones, which Hono can wrap.
    fetchAPI: { Response, ReadableStream, TextEncoder },
    parserAndValidationCache: {
      documentCache: createLRUCache<DocumentNode>({ max: MAX_PREPARED }),
      errorCache: createLRUCache<Error>({ max: MAX_MALFORMED }),
    },
    // All errors are masked by `formatted`, which names the request.
    maskedErrors: false,
    // No address ends so.
    healthCheckEndpoint: '\n',
    ...{ logging: false, batching: false, multipart: false, maxRequestBodySize: false },
    ...{ cors: false, graphiql: false, landingPage: false },
  })
  const engine = yoga.getEnveloped()
  const format = async (args: ExecutionArgs, result: Result | Promise<Result>): Promise<Result> => {
    const done = await result
    return isAsyncIterable(done)
      ? (done as AsyncIterable<ExecutionResult>)
      : formatted(done as ExecutionResult, (args.contextValue as GraphContext).actor.requestId, log)
  }
  return {
    yoga,
    socket: {
      begin,
      execute: (args: ExecutionArgs) => format(args, engine.execute(args)),
      subscribe: (args: ExecutionArgs) => format(args, engine.subscribe(args)),
    },
  }

  /** What Yoga does before it executes. */
  async function begin({ payload, ...call }: SocketCall): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const refused = (errors: readonly GraphQLError[]) => formatted({ errors }, call.actor.requestId, log).errors ?? []
    const enveloped = yoga.getEnveloped({ ...call, params: payload } as never)
    try {
      const document = enveloped.parse(payload.query)
      const errors = enveloped.validate(schema, document) as GraphQLError[]
      if (errors.length > 0) return refused(errors)
      const { operationName, variables: variableValues } = payload
      return { schema, document, operationName, variableValues, contextValue: await enveloped.contextFactory() }
    } catch (error) {
      return refused([new GraphQLError('', { originalError: error as Error })])
    }
  }
}

/** Refuses what is malformed, over a bound, or not of this schema, in this order: the last is the expensive one. */
function bounds({ production }: GraphDeps): Plugin<OperationContext & YogaInitialContext> {
  return {
    onParse({ context, setParseFn }) {
      checkRequest(context.params)
      setParseFn(parseQuery as never)
      return ({ result, extendContext }) => {
        if (result === null || result instanceof Error) return
        extendContext({ operation: judgeOperation(result as DocumentNode, context.params, context) })
      }
    },
    onValidate({ addValidationRule, setValidationFn }) {
      if (production) addValidationRule(NoSchemaIntrospectionCustomRule)
      const options = { maxErrors: MAX_ERRORS, hideSuggestions: production }
      setValidationFn(((of, document, rules) => validate(of, document, rules, options)) as typeof validate)
    },
  }
}

function execution(deps: GraphDeps): Plugin {
  const { answer, follow } = createOperations(deps)
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(answer as never),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(follow as never),
  }
}

/** What nothing was executed of answers its status; then nothing happened. */
function wire({ log }: GraphDeps): Plugin<object, HttpCall> {
  return {
    onRequestParse({ request, serverContext, setRequestParser }) {
      if (request.method === 'POST') setRequestParser(() => serverContext.body as GraphQLParams)
    },
    onResultProcess(hook) {
      const { result } = hook
      if (isAsyncIterable(result) || Array.isArray(result)) return
      const { errors, ...rest } = formatted(result as ExecutionResult, hook.serverContext.actor.requestId, log)
      if (errors === undefined) return
      const status = rest.data === undefined ? Number(errors[0]?.extensions['status'] ?? 500) : 200
      hook.setResult({ errors, ...rest, extensions: { http: { status } } })
    },
  }
}

async function contextOf(deps: GraphDeps, call: YogaInitialContext & OperationContext): Promise<GraphContext> {
  const { actor, operation, params } = call
  const idempotencyKey = idempotencyKeyOf(params, call.idempotencyKey)
  await takeQuota(deps, actor.userId, operation)
  return { actor, deps, load: createLoaders(deps, actor, false), idempotencyKey, stop: new AbortController() }
}

/** Counted per operation as over REST: a mutation as many writes as it has commands. Throws. */
async function takeQuota(
  { limits }: GraphDeps,
  userId: string,
  { operation, selectionSet }: OperationDefinitionNode,
): Promise<void> {
  if (limits === undefined) return
  const writes = operation === 'mutation' ? selectionSet.selections.length : 0
  const quotas = writes === 0 ? [limits.read(userId)] : []
  for (let i = 0; i < writes; i++) quotas.push(await limits.write(userId))
  const over = quotas.find(({ retryAfterSeconds }) => retryAfterSeconds !== undefined)
  if (over === undefined) return
  throw new Refused(refuse('too_many_requests', undefined, { retryAfterSeconds: over.retryAfterSeconds ?? 1 }))
}
