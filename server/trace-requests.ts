import { randomBytes } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { inSpan, parseTraceparent } from '../db/tracing.ts'
import type { ApiEnv } from './api-env.ts'
import type { ApiDeps } from './deps.ts'

/** Asked by machines every few seconds. */
const PROBES = /^\/(?:health\/|metrics$)/

/**
 * W3C trace context in and out. With tracing a request is a span, below the caller's if he sent one; without it his
 * traceparent is given back, or one made of the request's id, so that an answer, a log line and a caller always share an id.
 */
export function traceRequests(deps: Pick<ApiDeps, 'tracing'>): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const given = c.req.header('traceparent')
    const tracing = PROBES.test(c.req.path) ? undefined : deps.tracing
    const span = tracing?.start(c.req.method, { parent: given, kind: 'server' })
    const traceparent =
      span?.traceparent ?? (parseTraceparent(given) === undefined ? untraced(c.get('requestId')) : String(given))
    c.set('traceId', traceparent.split('-')[1])
    await inSpan(span, next)
    c.res.headers.set('traceparent', traceparent)
    if (span === undefined) return
    const route = c.get('route')
    span.rename(route === undefined ? c.req.method : `${c.req.method} ${route}`)
    span.set({
      'http.request.method': c.req.method,
      'http.response.status_code': c.res.status,
      'convoke.request_id': c.get('requestId'),
      ...(route === undefined ? {} : { 'http.route': route }),
    })
    span.end(c.res.status >= 500 ? c.res.status : undefined)
  }
}

/** Nothing was recorded, says its last field. */
function untraced(requestId: string): string {
  return `00-${requestId.replaceAll('-', '')}-${randomBytes(8).toString('hex')}-00`
}
