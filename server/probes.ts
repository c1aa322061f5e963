import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bearer } from './api-env.ts'
import type { ApiDeps } from './deps.ts'

type ProbeDeps = Pick<ApiDeps, 'health' | 'metrics' | 'nodeId' | 'production' | 'metricsToken'>

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
    .get('/metrics', async (c) => {
      if (!mayScrape(deps, bearer(c.req.header('authorization')))) return c.notFound()
      return c.text(await deps.metrics.metrics(), 200, { 'content-type': deps.metrics.contentType })
    })
}

/** Not even that there is something is said to who has no token. */
function mayScrape({ production, metricsToken }: ProbeDeps, given: string | undefined): boolean {
  if (metricsToken === undefined) return !production
  return given !== undefined && timingSafeEqual(digest(given), digest(metricsToken))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
