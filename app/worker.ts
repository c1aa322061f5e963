import { openPartitionKeeper } from '../jobs/partitions.ts'
import { openRelay } from '../jobs/relay.ts'
import { openSealer } from '../jobs/seal.ts'
import type { Context } from './context.ts'
import { startJobs } from './jobs.ts'

/** What nobody waits for: carrying the news, sealing the audit, and the work that time brings. */
export function openWorker(context: Context): AsyncDisposable {
  const stack = new AsyncDisposableStack()
  stack.use(openRelay({ ...context, pool: context.logPool }))
  stack.use(openPartitionKeeper({ ...context, pool: context.logPool }))
  stack.use(openSealer({ ...context, pool: context.logPool }))
  stack.use(startJobs(context))
  return stack
}
