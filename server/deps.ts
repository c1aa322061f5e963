import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Tracing } from '../db/tracing.ts'
import type { Clock, Ids } from '../domain/deps.ts'
import type { Authenticate } from '../domain/identity/ports.ts'
import type { RateLimits } from './rate-limits.ts'

/** What the HTTP tier is given by the composition root. */
export interface ApiDeps extends Clock, Ids {
  pool: Pool
  log: Logger
  metrics: Registry
  nodeId: string
  /** Version of the time zone data this process resolves with. */
  tzVersion: string
  authenticate: Authenticate
  /** How many proxies before us append to X-Forwarded-For. */
  trustedProxies: number
  /** undefined: no traces are made. */
  tracing?: Tracing | undefined
  /** After a commit that recorded news. */
  onNews: () => void
  /** Whether this node can serve: its store and its Redis. */
  health: () => Promise<{ postgres: boolean; redis: boolean }>
  /** Strangers can reach us: what tells about the inside is closed, and browsers are held to TLS. */
  production: boolean
  /** Origins of other sites whose pages may call us. */
  corsOrigins: readonly string[]
  /** What opens /metrics; without one it is open outside production only. */
  metricsToken: string | undefined
  /** undefined: nobody is held back. */
  limits: RateLimits | undefined
}
