import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Tracing } from '../db/tracing.ts'
import type { OrganizationTx } from '../db/transaction.ts'
import type { Clock } from '../domain/deps.ts'
import type { Actor } from '../domain/identity/actor.ts'
import type { TopicKind } from '../domain/news.ts'
import type { Instant } from '../domain/time/instant.ts'

/**
 * The state of one topic as this viewer may see it, as JSON; undefined when it does not exist or may not be watched.
 * Runs inside a read-only snapshot shared with other joins. With `need: 'access'` (a client that resumes) only the
 * yes or no is asked: any object will do.
 */
export type TopicSource = (
  tx: OrganizationTx,
  actor: Actor,
  id: string,
  now: Instant,
  need: 'state' | 'access',
) => Promise<object | undefined>

export type TopicSources = Record<TopicKind, TopicSource>

/** What a node's news needs. */
export interface NewsDeps extends Clock {
  /** As convoke_app: states of topics. */
  pool: Pool
  /** As convoke_relay: the log. */
  logPool: Pool
  redisUrl: string
  log: Logger
  metrics: Registry
  /** undefined: no traces are made. */
  tracing?: Tracing | undefined
  nodeId: string
  topicSources: TopicSources
}
