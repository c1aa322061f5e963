import type { Hono } from 'hono'
import type { ApiEnv } from '../server/api-env.ts'

/** What answers HTTP in a process. */
export interface HttpApp {
  app: Hono<ApiEnv>
  /** Ends what goes on until somebody ends it. */
  endStreams: () => void
}
