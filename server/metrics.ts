import type { MiddlewareHandler } from 'hono'
import { Histogram } from 'prom-client'
import { withSpan } from '../db/tracing.ts'
import type { ApiEnv } from './api-env.ts'
import type { ApiDeps } from './deps.ts'
import type { Route } from './rest/route.ts'

/** Times each request by route pattern and logs one line for it. Labels stay few: never a path, id or person. */
export function requestMetrics(deps: ApiDeps): MiddlewareHandler<ApiEnv> {
  const seconds = new Histogram({
    name: 'convoke_http_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
    registers: [deps.metrics],
  })
  return async (c, next) => {
    const started = performance.now()
    await next()
    const ms = performance.now() - started
    const route = c.get('route')
    seconds.observe({ method: c.req.method, route: route ?? 'other', status: c.res.status }, ms / 1000)
    if (route === undefined) return
    deps.log.info({
      event: 'request',
      requestId: c.get('requestId'),
      traceId: c.get('traceId'),
      method: c.req.method,
      route,
      status: c.res.status,
      ms: Math.round(ms * 10) / 10,
    })
  }
}

/** The same routes with every command (what is not GET) timed by its outcome: `ok` or a refusal's code. */
export function timedCommands(deps: Pick<ApiDeps, 'metrics'>, routes: readonly Route[]): Route[] {
  const seconds = new Histogram({
    name: 'convoke_command_seconds',
    help: 'Time a command took, from parsed request to its result',
    labelNames: ['command', 'outcome'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3],
    registers: [deps.metrics],
  })
  return routes.map((route) => {
    if (route.method === 'GET') return route
    const command = `${route.method} ${route.path}`
    return {
      ...route,
      async handle(call) {
        const stop = seconds.startTimer({ command })
        return withSpan(`command ${command}`, async (span) => {
          const result = await route.handle(call)
          const outcome = result.ok ? 'ok' : result.error.code
          stop({ outcome })
          span?.set({ outcome })
          return result
        })
      },
    }
  })
}
