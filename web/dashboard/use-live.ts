import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../client/contract.ts'
import type { Graph, GraphRequest } from '../client/graph.ts'
import type { Cursor } from '../client/topic-cursor.ts'

/** The newest item of a subscription, and why there is none. Without a request nothing is asked. */
export function useLive<T extends Cursor>(
  graph: Graph,
  request: GraphRequest | undefined,
): { item: T | undefined; problem: Problem | undefined } {
  const [item, setItem] = useState<T>()
  const [problem, setProblem] = useState<Problem>()
  const key = JSON.stringify(request)
  useEffect(() => {
    setItem(undefined)
    setProblem(undefined)
    if (request === undefined) return
    return graph.follow<T>(request, {
      onItem: (next) => {
        setItem(next)
        setProblem(undefined)
      },
      onProblem: setProblem,
    })
  }, [graph, key])
  return { item, problem }
}
