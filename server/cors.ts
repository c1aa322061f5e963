import type { MiddlewareHandler } from 'hono'
import type { ApiEnv } from './api-env.ts'

const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, On-Behalf-Of, Traceparent'
const EXPOSED =
  'ETag, Location, Retry-After, X-Request-Id, X-Served-By, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset'
/** As long as Chromium keeps a preflight's answer. */
const MAX_AGE_SECONDS = 7_200

/**
 * Lets pages of exactly these origins call us. Callers prove themselves by a token they hold, never by a cookie, so
 * credentials are not allowed for.
 */
export function cors(origins: readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const origin = c.req.header('origin')
    const isAllowed = origin !== undefined && origins.includes(origin)
    if (isAllowed && c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
      return new Response(null, {
        status: 204,
        headers: {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': METHODS,
          'access-control-allow-headers': HEADERS,
          'access-control-max-age': String(MAX_AGE_SECONDS),
          vary: 'Origin',
        },
      })
    }
    await next()
    if (origins.length > 0) c.res.headers.append('vary', 'Origin')
    if (isAllowed) {
      c.res.headers.set('access-control-allow-origin', origin)
      c.res.headers.set('access-control-expose-headers', EXPOSED)
    }
    return undefined
  }
}
