import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Clock, Ids } from '../domain/deps.ts'

/** What jobs on meetings and messages are given by the composition root. */
export interface JobDeps extends Clock, Ids {
  /** As convoke_app. */
  pool: Pool
  log: Logger
  onNews: () => void
}
