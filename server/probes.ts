import { Hono } from 'hono'
import type { ApiDeps } from './deps.ts'

type ProbeDeps = Pick<ApiDeps, 'health' | 'metrics' | 'nodeId'>

/** What machines ask of every node, whatever its roles: is it alive, can it serve, how is it doing. */
export function probes(deps: ProbeDeps): Hono {
  return new Hono()
    .get('/health/live', (c) => c.json({ status: 'ok', node: deps.nodeId }))
    .get('/health/ready', async (c) => {
      const { postgres, redis } = await deps.health()
      // Without Redis only latency is lost, so the node goes on serving.
      const status = postgres ? (redis ? 'ok' : 'degraded') : 'unavailable'
      return c.json({ status, postgres, redis, node: deps.nodeId }, postgres ? 200 : 503)
    })
    .get('/metrics', async (c) =>
      c.text(await deps.metrics.metrics(), 200, { 'content-type': deps.metrics.contentType }),
    )
}
