import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { ApiEnv } from './api-env.ts'

const SELF = "'self'"
/** A year, as preload lists ask. */
const HSTS = 'max-age=31536000; includeSubDomains'

/** What browsers are told on every answer. Pages load nothing from elsewhere; only our own pages may frame them. */
export function securityHeaders({ production }: { production: boolean }): MiddlewareHandler<ApiEnv> {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: [SELF],
      scriptSrc: [SELF],
      styleSrc: [SELF],
      imgSrc: [SELF, 'data:'],
      connectSrc: [SELF, 'ws:', 'wss:'],
      frameAncestors: [SELF],
      formAction: [SELF],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
    },
    xFrameOptions: 'SAMEORIGIN',
    referrerPolicy: 'no-referrer',
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
    // Elsewhere it would bind a developer's localhost to TLS.
    strictTransportSecurity: production ? HSTS : false,
  })
}
