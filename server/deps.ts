import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock, Ids } from '../domain/deps.ts'
import type { Authenticate } from '../domain/identity/ports.ts'

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
  /** After a commit that recorded news. */
  onNews: () => void
  /** Whether this node can serve: its store and its Redis. */
  health: () => Promise<{ postgres: boolean; redis: boolean }>
}
