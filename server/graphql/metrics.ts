import type { OperationDefinitionNode } from 'graphql'
import { Histogram } from 'prom-client'
import type { GraphDeps } from './deps.ts'

/** Times each operation up to its answer, a subscription up to its first word, and logs one line for it. */
export function operationMetrics({ metrics, log }: Pick<GraphDeps, 'metrics' | 'log'>) {
  const seconds = new Histogram({
    name: 'convoke_graphql_seconds',
    help: 'Time from a GraphQL request to its answer',
    labelNames: ['operation', 'outcome'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
    registers: [metrics],
  })
  return (
    { operation, selectionSet }: OperationDefinitionNode,
    { requestId, started, outcome }: { requestId: string; started: number; outcome: string },
  ): void => {
    const ms = performance.now() - started
    seconds.observe({ operation, outcome }, ms / 1_000)
    // Names of the schema, not of the client: it was validated.
    const fields = selectionSet.selections.map((node) => (node.kind === 'Field' ? node.name.value : '...'))
    log.info({ event: 'graphql', requestId, operation, fields, outcome, ms: Math.round(ms * 10) / 10 })
  }
}
