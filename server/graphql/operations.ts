import { setTimeout as delay } from 'node:timers/promises'
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  createSourceEventStream,
  execute,
} from 'graphql'
import { finalAsyncIterator } from 'graphql-yoga'
import type { Actor } from '../../domain/identity/actor.ts'
import { refuse } from '../../domain/refusals.ts'
import type { GraphDeps, LiveItem } from './deps.ts'
import type { OperationContext } from './graph-context.ts'
import { LastWord, NODE_STOPS } from './live-sessions.ts'
import { createLoaders } from './loaders.ts'
import { operationMetrics } from './metrics.ts'
import { Refused, formatted, refusalError } from './refused.ts'

/** Three times what the store takes at worst to say that it is away. */
const TIMEOUT_MS = 10_000

/** How operations are executed once they were let in, for Yoga. Subscriptions are executed once per item, viewer and question. */
export function createOperations(deps: GraphDeps) {
  const measure = operationMetrics(deps)
  const { log, production: hideSuggestions } = deps
  /** Items of the log are the same objects for everybody who watches, so what is made of them is made once. */
  const results = new WeakMap<LiveItem, Map<string, Promise<ExecutionResult>>>()
  /** Short, and the same for the same document. */
  const documentIds = new WeakMap<DocumentNode, number>()
  let ids = 0
  return { answer, follow }

  async function answer(args: ExecutionArgs): Promise<ExecutionResult> {
    const { actor, operation } = args.contextValue as OperationContext
    const started = performance.now()
    const late = new AbortController()
    const result = await Promise.race([
      execute({ ...args, hideSuggestions }),
      delay(TIMEOUT_MS, undefined, { signal: late.signal, ref: false }),
    ])
    late.abort()
    const outcome = result === undefined ? 'late' : result.errors === undefined ? 'answer' : 'errors'
    measure(operation, { requestId: actor.requestId, started, outcome })
    return result ?? failed(refuse(operation.operation === 'query' ? 'unavailable' : 'outcome_unknown'))
  }

  /** Whatever ends it aborts `stop`, and whatever aborts `stop` ends it. */
  async function follow(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
    const { actor, operation, stop, enter } = args.contextValue as OperationContext
    const started = performance.now()
    try {
      await enter?.(stop)
      const opened = await createSourceEventStream({ ...args, hideSuggestions })
      const isStream = Symbol.asyncIterator in opened
      measure(operation, { requestId: actor.requestId, started, outcome: isStream ? 'stream' : 'refused' })
      if (isStream) return finalAsyncIterator(eachResult(opened as AsyncIterable<LiveItem>, args), () => stop.abort())
      stop.abort()
      return opened
    } catch (error) {
      stop.abort()
      throw error
    }
  }

  /** Never throws, save when the node stops: a stream that breaks off is taken up again, one that completes is not. */
  async function* eachResult(items: AsyncIterable<LiveItem>, args: ExecutionArgs): AsyncGenerator<ExecutionResult> {
    const context = args.contextValue as OperationContext
    const { actor, stop } = context
    const question = `${idOf(args.document)} ${args.operationName} ${JSON.stringify(args.variableValues)}`
    try {
      for await (const item of items) {
        const isOwn = item.topic.startsWith('person:')
        yield await shared(item, `${question} ${isOwn ? actor.userId : viewerKey(actor)}`, async () => {
          const contextValue = { ...context, load: createLoaders(deps, actor, !isOwn) }
          return formatted(await execute({ ...args, rootValue: item, contextValue }), actor.requestId, log)
        })
      }
    } catch (error) {
      const broken = new GraphQLError('', { originalError: error as Error })
      yield formatted({ errors: [broken] }, actor.requestId, log)
      return
    }
    if (stop.signal.reason === NODE_STOPS) throw NODE_STOPS
    // An end that nobody asked for means that the topic was closed to this viewer.
    const last: unknown = stop.signal.reason ?? new LastWord(4403, 'This may not be watched any more.')
    if (!(last instanceof LastWord)) return
    const { refusal, closeCode } = last
    yield { errors: [refusalError(refusal, actor.requestId, { closeCode })], data: null }
  }

  function idOf(document: DocumentNode): number {
    const id = documentIds.get(document) ?? (ids += 1)
    documentIds.set(document, id)
    return id
  }

  function shared(item: LiveItem, key: string, make: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
    let known = results.get(item)
    if (known === undefined) results.set(item, (known = new Map()))
    const result = known.get(key) ?? make()
    known.set(key, result)
    return result
  }
}

/** Who may look up the same references shares results; a guest sees himself only. Nothing personal is looked up (loaders.ts). */
function viewerKey(actor: Actor): string {
  return actor.role === 'guest' || actor.role === 'panel' ? `${actor.role} ${actor.userId}` : actor.role
}

function failed(refusal: Refused['refusal']): ExecutionResult {
  return { errors: [new GraphQLError(refusal.code, { originalError: new Refused(refusal) })] }
}
