import { Hono } from 'hono'
import type { Context } from 'hono'
import { OutcomeUnknown, isUnavailable } from '../db/pool.ts'
import { type Refusal, refuse } from '../domain/refusals.ts'
import { type ApiEnv, bearer } from './api-env.ts'
import { cors } from './cors.ts'
import type { ApiDeps } from './deps.ts'
import { docs } from './docs.ts'
import { requestMetrics, timedCommands } from './metrics.ts'
import { problemResponse } from './problems.ts'
import { probes } from './probes.ts'
import { answerRoute } from './rest/answer.ts'
import type { Route } from './rest/route.ts'
import { securityHeaders } from './security-headers.ts'
import { traceRequests } from './trace-requests.ts'

/**
 * The stateless tier: every route of the table behind the same middleware, and the pages of `site`. Refusals and bugs answer
 * problem+json.
 */
export function createApi(deps: ApiDeps, routes: readonly Route[], site?: Hono<ApiEnv>): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  const refuseWith = (c: Context<ApiEnv>, refusal: Refusal) => problemResponse(refusal, c.get('requestId'))

  app.use(async (c, next) => {
    c.set('requestId', deps.newId())
    await next()
    // Not c.header(), here and in all middleware: on an answer that is made it makes another one, whose body is a stream.
    c.res.headers.set('x-request-id', c.get('requestId'))
    c.res.headers.set('x-served-by', deps.nodeId)
  })
  app.use(traceRequests(deps))
  app.use(requestMetrics(deps))
  app.use(securityHeaders(deps))
  app.use(cors(deps.corsOrigins))
  app.route('/', probes(deps))
  app.route('/', docs(routes))
  if (site !== undefined) app.route('/', site)
  for (const route of timedCommands(deps, routes)) app.on(route.method, route.path, (c) => answerRoute(deps, route, c))

  // Any path but the public ones answers 401 before it says whether it exists.
  const refuseKnown = async (c: Context<ApiEnv>, refusal: Refusal) => {
    const principal = await deps.authenticate(bearer(c.req.header('authorization')), 'http')
    return refuseWith(c, principal === undefined ? refuse('unauthenticated') : refusal)
  }
  for (const [path, known] of Map.groupBy(routes, (route) => route.path)) {
    const allow = known.map((route) => route.method).join(', ')
    app.all(path, async (c) => {
      const refusal = refuse('method_not_allowed', `${path} answers to ${allow}.`)
      const answer = known.some((route) => route.public) ? refuseWith(c, refusal) : await refuseKnown(c, refusal)
      if (answer.status === 405) answer.headers.set('allow', allow)
      return answer
    })
  }
  app.notFound((c) => refuseKnown(c, refuse('not_found')))
  app.onError((error, c) => {
    if (error instanceof OutcomeUnknown) return refuseWith(c, refuse('outcome_unknown'))
    if (isUnavailable(error)) return refuseWith(c, refuse('unavailable'))
    deps.log.error({ event: 'request.failed', requestId: c.get('requestId'), route: c.get('route'), err: error })
    return refuseWith(c, refuse('internal'))
  })
  return app
}
