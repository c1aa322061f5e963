import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Clock, Ids } from '../domain/deps.ts'
import { Dispatcher } from './dispatcher.ts'
import { jobMetrics } from './job-metrics.ts'
import type { Job } from './job.ts'
import { Planner } from './planner.ts'
import { Sweeper } from './sweeper.ts'
import { openWakeQueue } from './wake-queue.ts'

export interface JobsDeps extends Clock, Ids {
  /** As convoke_relay. */
  relayPool: Pool
  redisUrl: string
  jobs: readonly Job[]
  log: Logger
  metrics: Registry
  /** How long a claim outlives its process. */
  leaseMs?: number
}

export interface RunningJobs extends AsyncDisposable {
  /** All delivered news is planned, nothing is missed, and what is due by the clock is done; for tests. */
  settle: () => Promise<void>
}

/** Everything that plans and does work in this process. */
export function openJobs(deps: JobsDeps): RunningJobs {
  const metrics = jobMetrics(deps.metrics)
  const stack = new AsyncDisposableStack()
  const dispatcher = stack.use(new Dispatcher({ ...deps, metrics }))
  const onDue = () => dispatcher.nudge()
  const kinds = deps.jobs.map((job) => job.kind)
  stack.use(openWakeQueue({ ...deps, kinds, onDue }))
  const planner = stack.use(new Planner({ ...deps, onDue }))
  const sweeper = stack.use(new Sweeper({ ...deps, metrics, onDue }))
  return {
    async settle() {
      await planner.settle()
      await sweeper.sweep()
      await dispatcher.settle()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
